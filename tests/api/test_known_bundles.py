"""Is a bundle that was loaded before the same when it is recalled, and is nothing else ever taken for it?"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import rego
from policy_cases import POLICIES

from api.known_bundles import KEPT, known
from engine.errors import BundleInvalid
from engine.model import Bundle
from engine.policy import bundle as bundles
from engine.policy import modules, recall

ROOT = Path(__file__).resolve().parents[2]
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


SHARING = """
import sys
from pathlib import Path
from api import known_bundles
from engine.model import Bundle
from engine.policy import bundle, modules, recall
known_bundles.KEPT = 2
kept, rounds, *folders = sys.argv[1:]
loaded = {folder: bundle.load([Path(folder)]) for folder in folders}
print("ready", flush=True)
sys.stdin.readline()
for number in range(int(rounds)):
    for folder in folders if number % 2 else reversed(folders):
        found = modules.collect([Path(folder)])
        assert known_bundles.known(Path(kept), found, lambda: loaded[folder]) == loaded[folder]
"""


def sharing(kept: Path, rounds: int, *folders: Path) -> subprocess.Popen[str]:
    """A process that asks for the bundles of these folders over and over, where only two are kept."""
    command = [sys.executable, "-c", SHARING, str(kept), str(rounds), *map(str, folders)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen(command, cwd=ROOT, text=True, **pipes)  # type: ignore[call-overload]
    assert process.stdout.readline() == "ready\n"
    return process  # type: ignore[no-any-return]


def test_processes_that_keep_and_forget_at_once_never_get_another_bundle(tmp_path: Path) -> None:
    names = ("trial.one", "trial.two", "trial.three", "trial.four")
    folders = [rego.write(tmp_path / name, {name: RULE}) for name in names]
    kept = tmp_path / "kept"
    together = [sharing(kept, 300, *folders) for _ in range(3)]
    killed = sharing(kept, 100_000, *folders)
    for process in (*together, killed):
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    killed.send_signal(signal.SIGKILL)
    killed.communicate(timeout=60)
    ended = [(process.communicate(timeout=120)[1], process.returncode) for process in together]
    assert ended == [("", 0)] * 3
    for folder in folders:
        found = modules.collect([folder])
        assert known(kept, found, lambda found=found: bundles.of(found)) == bundles.of(found)  # type: ignore[misc]
