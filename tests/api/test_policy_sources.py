"""Do policies from folders, files and addresses make one bundle, with the governance that goes with it?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import rego
from bundle_server import BundleServer, serving
from doors import NOW

from api.policy_sources import age
from api.settings import read
from api.wiring import House
from engine.errors import BundleInvalid, SettingsInvalid
from engine.policy import archive
from engine.policy import bundle as bundles
from engine.policy import governance as governing

Built = Callable[..., House]
ASSIGNED = "- {policy: trial.one, scope: mesh, enforcement: advisory}\n"


@pytest.fixture
def built(tmp_path: Path, request: pytest.FixtureRequest) -> Built:
    def build(**flags: object) -> House:
        settings = read({"data_dir": tmp_path / "data", **flags}, environ={}, folder=tmp_path)
        house = House(settings, clock=lambda: NOW)
        request.addfinalizer(house.close)
        return house

    return build


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A released bundle of one policy, `trial.one`, that is assigned as advisory, of three days ago."""
    return released(tmp_path, "one")


def released(tmp_path: Path, name: str) -> Path:
    folder = tmp_path / "source" / name
    rego.write(folder / "policies", {f"trial.{name}": rego.violation("true")})
    (folder / "assignments.yaml").write_text(ASSIGNED.replace("one", name))
    bundle = bundles.load([folder / "policies"])
    file = tmp_path / f"{name}.tar.gz"
    held = governing.load(folder, bundle)
    file.write_bytes(archive.write(bundle, held, taken=NOW - timedelta(days=3)))
    return file


def test_a_bundle_file_brings_its_policies_and_its_governance_and_tells_their_day(built: Built, file: Path) -> None:
    house = built(policies=file.name)
    assert list(house.bundle.policies) == ["trial.one"]
    assert house.bundle.policies["trial.one"].file == f"{file}/trial/one/one.rego"
    assert [(one.policy, str(one.enforcement)) for one in house.governance.assignments] == [("trial.one", "advisory")]
    told = f"{file} carries the assignments and waivers of 2026-11-20 (3 days ago)"
    assert house.policy_sources.notes == (told,)


def test_a_governance_folder_beats_what_a_bundle_carries(built: Built, file: Path, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    house = built(policies=file.name, governance="own")
    assert (house.governance, house.policy_sources.notes) == (governing.of(), ())


def test_a_bundle_and_folders_make_one_bundle(built: Built, file: Path, tmp_path: Path) -> None:
    rego.write(tmp_path / "more", {"trial.more": rego.violation("true")})
    house = built(policies=[file.name, "more"])
    assert sorted(house.bundle.policies) == ["trial.more", "trial.one"]
    assert [one.policy for one in house.governance.assignments] == ["trial.one"]


def test_the_governance_folder_that_a_bundle_was_made_of_may_stand_beside_it(
    built: Built, file: Path, tmp_path: Path
) -> None:
    house = built(policies=file.name, governance="source/one")
    assert list(house.bundle.policies) == ["trial.one"]
    changed = tmp_path / "source/one/policies/trial/one/one.rego"
    changed.write_text(changed.read_text() + "\n")
    with pytest.raises(BundleInvalid, match="would be one module trial/one"):
        _ = built(policies=file.name, governance="source/one").bundle


def test_several_bundles_cannot_both_say_what_holds(built: Built, file: Path, tmp_path: Path) -> None:
    house = built(policies=[file.name, released(tmp_path, "two").name])
    assert sorted(house.bundle.policies) == ["trial.one", "trial.two"]
    with pytest.raises(SettingsInvalid, match=r"one.tar.gz, .*two.tar.gz each carry assignments"):
        _ = house.governance


def test_a_file_that_is_no_bundle_is_refused_by_name(built: Built, tmp_path: Path) -> None:
    (tmp_path / "bad.tar.gz").write_bytes(b"nothing")
    with pytest.raises(BundleInvalid, match=r"bad.tar.gz: is no gzipped archive"):
        _ = built(policies="bad.tar.gz").bundle


def test_a_policy_that_does_not_load_is_named_inside_its_bundle(built: Built, file: Path, tmp_path: Path) -> None:
    from engine.model import Bundle
    from engine.policy import modules

    texts = {"trial/bad.rego": rego.policy("trial.bad", "violation contains x if { x := http.send({}) }")}
    texts["meshgate/query.rego"] = ""
    bad = Bundle(modules.revision(texts), {}, texts)
    (tmp_path / "bad.tar.gz").write_bytes(archive.write(bad, governing.of(), taken=NOW))
    with pytest.raises(BundleInvalid, match=r"bad.tar.gz/trial/bad.rego:\d+.*http.send"):
        _ = built(policies="bad.tar.gz").bundle


def test_a_bundle_at_an_address_works_offline_and_says_how_old_it_is(built: Built, file: Path) -> None:
    with serving(BundleServer(file.read_bytes())) as server:
        fresh = built(policies=server.url)
        assert (list(fresh.bundle.policies), fresh.policy_sources.notes) == (["trial.one"], ())
        assert [one.policy for one in fresh.governance.assignments] == ["trial.one"]
    later = built(policies=server.url)
    later.clock = lambda: NOW + timedelta(hours=5)
    assert later.bundle.revision == fresh.bundle.revision
    [note] = later.policy_sources.notes
    name = server.url.removeprefix("http://")
    assert note.startswith(f"{name} is used as it was 5 hours ago (2026-11-23T12:00Z): its server did not answer (")


def test_the_token_goes_to_the_configured_server_only(built: Built, file: Path) -> None:
    for own in (True, False):
        with serving(BundleServer(file.read_bytes())) as server:
            address = server.address if own else "http://127.0.0.1:1"
            _ = built(policies=server.url, server=address, server_token="secret").bundle
            sent = {name.lower(): value for name, value in server.asked[0].items()}
        assert sent.get("authorization") == ("Bearer secret" if own else None)


@pytest.mark.parametrize(
    ("past", "told"),
    [
        (timedelta(seconds=-5), "0 minutes"),
        (timedelta(seconds=59), "0 minutes"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(minutes=119), "1 hour"),
        (timedelta(days=40), "40 days"),
    ],
)
def test_an_age_is_told_in_its_largest_unit(past: timedelta, told: str) -> None:
    since = datetime(2026, 11, 23, tzinfo=UTC)
    assert age(since, since + past) == told
