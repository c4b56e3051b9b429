"""Is a bundle that was loaded before the same when it is recalled, and is nothing else ever taken for it?"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
import rego
from policy_cases import POLICIES

from api.known_bundles import KEPT, known
from engine.errors import BundleInvalid
from engine.model import Bundle
from engine.policy import bundle as bundles
from engine.policy import modules, recall

RULE = rego.violation("input.bad")


def never() -> Bundle:
    raise AssertionError("it was to be recalled")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return rego.write(tmp_path / "policies", {"trial.one": RULE})


def test_the_whole_pack_is_recalled_as_it_was_loaded(tmp_path: Path) -> None:
    found = modules.collect([POLICIES])
    loaded = known(tmp_path, found, lambda: bundles.of(found))
    assert known(tmp_path, found, never) == loaded
    assert len(loaded.policies) > 30


def test_another_text_or_another_place_is_another_bundle(tmp_path: Path, folder: Path) -> None:
    found = modules.collect([folder])
    known(tmp_path, found, lambda: bundles.of(found))
    (folder / "trial/one/one.rego").write_text(rego.policy("trial.one", rego.violation("input.worse")))
    other = modules.collect([folder])
    assert known(tmp_path, other, lambda: bundles.of(other)).revision != bundles.of(found).revision
    moved = modules.collect([folder.rename(tmp_path / "moved")])
    assert recall.key(moved) != recall.key(other)


def test_another_reader_is_another_key_though_its_files_have_the_size_and_the_time_they_had(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = modules.collect([folder])
    room = Path(shutil.copytree(recall.__file__.rpartition("/")[0], tmp_path / "room"))
    keys = []
    for _ in range(2):
        monkeypatch.setattr(recall, "_HERE", room)
        recall._judges.cache_clear()
        keys.append(recall.key(found))
        file = room / "lint.py"
        told = file.stat()
        file.write_text(file.read_text().swapcase())
        os.utime(file, ns=(told.st_atime_ns, told.st_mtime_ns))
        assert file.stat().st_size == told.st_size
    recall._judges.cache_clear()
    assert keys[0] != keys[1]


def test_a_bundle_that_does_not_load_is_told_each_time_and_never_kept(tmp_path: Path, folder: Path) -> None:
    (folder / "trial/one/one.rego").write_text("package trial.one\n\nviolation contains 1 if {")
    found = modules.collect([folder])
    for _ in range(2):
        with pytest.raises(BundleInvalid):
            known(tmp_path / "kept", found, lambda: bundles.of(found))
    assert not (tmp_path / "kept").exists()


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"revision": "sha256:other"}', None])
def test_what_was_damaged_is_loaded_anew(damage: bytes | None, tmp_path: Path, folder: Path) -> None:
    found = modules.collect([folder])
    loaded = known(tmp_path / "kept", found, lambda: bundles.of(found))
    (file,) = (tmp_path / "kept" / "bundles").iterdir()
    content = file.read_bytes()
    file.write_bytes(content.replace(b"data.trial.one", b"data.trial.two") if damage is None else damage)
    assert known(tmp_path / "kept", found, lambda: bundles.of(found)) == loaded
    assert file.read_bytes() == content


def test_a_home_that_cannot_be_written_to_only_costs_time(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "kept").write_text("a file where the folder would be")
    found = modules.collect([folder])
    assert known(tmp_path / "kept", found, lambda: bundles.of(found)).policies.keys() == {"trial.one"}


def test_only_the_last_ones_are_kept(tmp_path: Path, folder: Path) -> None:
    found = modules.collect([folder])
    kept = tmp_path / "kept" / "bundles"
    kept.mkdir(parents=True)
    for number in range(KEPT):
        old = kept / f"{number}.json"
        old.write_bytes(b"{}")
        os.utime(old, (number, number))
    known(tmp_path / "kept", found, lambda: bundles.of(found))
    names = {one.name for one in kept.iterdir()}
    assert (len(names), "0.json" in names, f"{recall.key(found)}.json" in names) == (KEPT, False, True)


def test_without_a_home_nothing_is_kept(folder: Path) -> None:
    found = modules.collect([folder])
    assert known(None, found, lambda: bundles.of(found)).policies.keys() == {"trial.one"}
