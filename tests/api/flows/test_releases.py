"""Does a bundle come into force only when nothing speaks against it, for everybody at once, on both stores?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import bundle_keys
import pytest
import released
from doors import NOW, a_house, product
from released import ERRING, OWNED, SILENT, STRICT

from api.auth.permissions import LOCAL
from api.flows.releases import release as releasing
from api.flows.releases.release import release
from api.flows.releases.rollback import rollback
from api.flows.submit import submit
from api.wiring import House
from catalog import releases
from engine.descriptor import Parts, Submission
from engine.errors import DescriptorRejected, Forbidden, GovernanceError, NotFound, SelfTestFailed
from engine.model import Principal
from engine.policy import refusals

READER = Principal("reader", roles=frozenset({"reader"}))
STRICTER = {**STRICT, "mesh.trial.more": OWNED}


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest) -> dict[str, str]:
    if request.param == "sqlite":
        return {}
    return {"database_url": request.getfixturevalue("postgresql_url")}


@pytest.fixture
def house(address: dict[str, str], tmp_path: Path) -> Iterator[House]:
    with a_server(tmp_path, address) as house:
        house.database.upgrade()
        yield house


def a_server(folder: Path, address: dict[str, str], **flags: object) -> House:
    """A house as a server has it: it follows releases."""
    house = a_house(folder, **address, **flags)
    house.follow_releases()
    return house


def put(house: House, content: bytes, **options: int) -> int | None:
    return release(content, principal=LOCAL, house=house, **options).tried


def sent(house: House, content: bytes) -> str:
    """The revision under which this was accepted."""
    made = submit(Submission("p.yaml", Parts({"p.yaml": content})), principal=LOCAL, house=house)
    found = house.decisions.find(made.version.decision_id, principal=LOCAL)
    assert found is not None
    return str(found.bundle_revision)


def test_a_released_bundle_decides_from_then_on(house: House, tmp_path: Path) -> None:
    before = house.rules.bundle.revision
    assert sent(house, product("one")) == before
    assert put(house, released.bundle(tmp_path, STRICT)) == 1
    assert sorted(house.rules.bundle.policies) == sorted(STRICT)
    assert sent(house, product("two")) == house.rules.bundle.revision != before
    with pytest.raises(DescriptorRejected):
        sent(house, product("three", owner=""))


def test_every_server_of_the_catalog_follows_at_its_next_question(
    house: House, address: dict[str, str], tmp_path: Path
) -> None:
    with a_server(tmp_path, address) as other:
        assert other.rules.digests == house.rules.digests
        put(house, released.bundle(tmp_path, STRICT))
        first = other.rules
        assert sorted(first.bundle.policies) == sorted(STRICT)
        assert other.rules is first
        put(house, released.bundle(tmp_path, STRICTER, hours=1))
        assert sorted(other.rules.bundle.policies) == sorted(STRICTER)


def test_a_server_that_starts_later_uses_the_release_and_not_its_folders(
    house: House, address: dict[str, str], tmp_path: Path
) -> None:
    put(house, released.bundle(tmp_path, STRICT))
    with a_server(tmp_path, address, policies="nowhere") as later:
        later.prepare()
        assert sorted(later.rules.bundle.policies) == sorted(STRICT)
        (note,) = later.notes()
        assert note.startswith(f"release 1 ({later.rules.bundle.revision}) of 2026-11-20T09:00Z holds since")


def test_what_was_decided_under_the_old_release_is_not_committed_under_the_new(house: House, tmp_path: Path) -> None:
    """Between deciding and storing, somebody releases: the submission is decided again, under the new rules."""
    newer = released.bundle(tmp_path, STRICT)
    engine, asked = house.engine, []

    class Interrupted:
        name, version = engine.name, engine.version

        def evaluate(self, bundle: object, *rest: object) -> object:
            asked.append(bundle)
            told = engine.evaluate(bundle, *rest)  # type: ignore[arg-type]
            if len(asked) == 1:
                put(house, newer)
            return told

    house.__dict__["engine"] = Interrupted()
    assert sent(house, product()) == house.rules.bundle.revision
    assert [one.revision for one in asked][1:] == [house.rules.bundle.revision]  # type: ignore[attr-defined]
    assert len(asked) == 2


def test_the_same_bundle_again_changes_nothing(house: House, tmp_path: Path) -> None:
    content = released.bundle(tmp_path, STRICT)
    assert [put(house, content), put(house, content)] == [0, None]
    with house.database.reading() as connection:
        assert len(connection.execute(releases.ACTIVE.select()).all()) == 1


def refused(house: House, content: bytes, kind: type[GovernanceError]) -> GovernanceError:
    """Why this bundle is refused; what was in force before has to be in force still."""
    before = house.rules
    with pytest.raises(kind) as reason:
        put(house, content)
    assert type(reason.value) is kind
    assert house.rules.digests == before.digests
    return reason.value


def test_an_older_one_is_refused(house: House, tmp_path: Path) -> None:
    put(house, released.bundle(tmp_path, STRICT, hours=5))
    told = refused(house, released.bundle(tmp_path, STRICTER, hours=4), refusals.BundleOlder)
    assert "2026-11-20T13:00:00+00:00, and release 1, which is in force, at 2026-11-20T14:00:00+00:00" in told.detail


def test_one_that_finds_fault_with_nothing_is_refused(house: House, tmp_path: Path) -> None:
    refused(house, released.bundle(tmp_path, {"mesh.trial.silent": SILENT}), SelfTestFailed)


@pytest.mark.parametrize("content", [b"", b"no archive"])
def test_what_is_no_bundle_is_refused(house: House, content: bytes) -> None:
    refused(house, content, refusals.ReleaseInvalid)


def test_only_what_is_signed_is_released_where_a_key_is_set(
    house: House, address: dict[str, str], tmp_path: Path
) -> None:
    pair = bundle_keys.ec(tmp_path)
    with a_server(tmp_path, address, verify_key=pair.public) as strict:
        refused(strict, released.bundle(tmp_path, STRICT), refusals.BundleUnsigned)
        put(strict, released.bundle(tmp_path, STRICT, signer=pair.signer("gov")))
        (known,) = strict.releases.page()
        assert known.key_id == "gov"


def test_a_name_of_a_key_that_nobody_verified_is_not_kept(house: House, tmp_path: Path) -> None:
    put(house, released.bundle(tmp_path, STRICT, signer=bundle_keys.ec(tmp_path).signer("gov")))
    (known,) = house.releases.page()
    assert known.key_id == ""


def test_one_that_newly_errs_on_what_is_in_the_catalog_is_refused(house: House, tmp_path: Path) -> None:
    sent(house, product("one"))
    told = refused(house, released.bundle(tmp_path, {**STRICT, "mesh.trial.erring": ERRING}), refusals.BundleNewlyErrs)
    (error,) = told.context["errors"]
    assert (error["policy"], error["product"]) == ("mesh.trial.erring", "urn:dpds:org.example:dataproducts:one:1")
    assert error["reason"]


def test_what_erred_before_may_err_still(house: House, tmp_path: Path) -> None:
    weak = "- {policy: mesh.trial.erring, scope: mesh, enforcement: shadow}\n"
    policies = {**STRICT, "mesh.trial.erring": ERRING}
    put(house, released.bundle(tmp_path, policies, assigned=weak))  # the catalog is empty: nothing can err
    sent(house, product("one"))
    assert put(house, released.bundle(tmp_path, {**policies, "mesh.trial.more": OWNED}, hours=1, assigned=weak)) == 1


def test_a_sample_is_as_large_as_asked(house: House, tmp_path: Path) -> None:
    for name in ("one", "two", "three"):
        sent(house, product(name))
    tried = [put(house, released.bundle(tmp_path, STRICT, hours=at), sample=size) for at, size in enumerate((2, 9))]
    assert tried == [2, 3]


def test_of_two_at_once_one_is_overtaken(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = released.bundle(tmp_path, STRICT), released.bundle(tmp_path, STRICTER)
    run = releasing.Trial.run

    def overtaken(trial: releasing.Trial, sample: int | None = None) -> int:
        monkeypatch.setattr(releasing.Trial, "run", run)
        put(house, second)
        return run(trial, sample)

    monkeypatch.setattr(releasing.Trial, "run", overtaken)
    with pytest.raises(refusals.ReleaseOvertaken, match="Release 1 came into force meanwhile"):
        put(house, first)
    assert sorted(house.rules.bundle.policies) == sorted(STRICTER)


def test_one_word_brings_the_one_before_back_and_another_the_one_before_that(house: House, tmp_path: Path) -> None:
    for hours in range(3):
        put(house, released.bundle(tmp_path, {**STRICT, f"mesh.trial.n{hours}": OWNED}, hours=hours))
    for number in (2, 1):
        made = rollback(reason="it broke", principal=LOCAL, house=house)
        assert (made.number, made.reason) == (number, "it broke")
        assert f"mesh.trial.n{number - 1}" in house.rules.bundle.policies
    with pytest.raises(NotFound, match="No release was in force before release 1"):
        rollback(principal=LOCAL, house=house)


def test_a_release_can_be_named_by_number_or_revision(house: House, tmp_path: Path) -> None:
    for hours in range(2):
        put(house, released.bundle(tmp_path, {**STRICT, f"mesh.trial.n{hours}": OWNED}, hours=hours))
    revision = house.rules.bundle.revision
    assert rollback("1", principal=LOCAL, house=house).number == 1
    assert rollback(revision, principal=LOCAL, house=house).number == 2
    assert rollback("2", principal=LOCAL, house=house).number == 2
    for unknown in ("3", "sha256:none", "9" * 30):
        with pytest.raises(NotFound):
            rollback(unknown, principal=LOCAL, house=house)


def test_before_anything_was_released_there_is_no_way_back(house: House) -> None:
    with pytest.raises(NotFound, match="Nothing was released here yet"):
        rollback(principal=LOCAL, house=house)


def test_the_rules_of_every_release_and_of_the_configuration_can_be_had_again(house: House, tmp_path: Path) -> None:
    known = [house.rules]
    for hours, policies in enumerate((STRICT, STRICTER)):
        put(house, released.bundle(tmp_path, policies, hours=hours))
        known.append(house.rules)
    assert len({rules.digests for rules in known}) == 3
    for rules in known:
        again = house.rules_then(rules.digests, revision=0)
        assert again is not None
        assert again.digests == rules.digests
    assert house.rules_then(("sha256:none", *known[0].digests[1:]), revision=0) is None


def test_a_release_that_cannot_be_used_stops_the_start_and_every_decision(
    house: House, address: dict[str, str], tmp_path: Path
) -> None:
    put(house, released.bundle(tmp_path, STRICT))
    pair = bundle_keys.ec(tmp_path)
    with a_server(tmp_path, address, verify_key=pair.public) as strict:
        with pytest.raises(refusals.ReleaseUnusable, match=r"release 1: carries no signature.*\[bundle-unsigned\]"):
            strict.prepare()
        with pytest.raises(refusals.ReleaseUnusable):
            sent(strict, product())


def test_a_house_that_ignores_releases_decides_by_its_own_policies_and_takes_none(
    house: House, address: dict[str, str], tmp_path: Path
) -> None:
    put(house, released.bundle(tmp_path, STRICT))
    with a_server(tmp_path, address, releases="ignore") as own:
        assert len(own.rules.bundle.policies) > 2
        for act in (lambda: put(own, b""), lambda: rollback(principal=LOCAL, house=own)):
            with pytest.raises(refusals.ReleasesIgnored):
                act()


def test_only_an_operator_releases(house: House) -> None:
    for act in (release, rollback):
        with pytest.raises(Forbidden):
            act("", principal=READER, house=house)  # type: ignore[operator]


def test_the_moment_of_an_activation_is_that_of_the_clock(house: House, tmp_path: Path) -> None:
    put(house, released.bundle(tmp_path, STRICT))
    (known,) = house.releases.page()
    assert (known.at, known.active_since) == (NOW, NOW)


def test_an_operator_of_some_domains_releases_nothing_for_all_of_them(house: House, tmp_path: Path) -> None:
    limited = Principal("op", frozenset({"operator"}), frozenset({"logistics"}))
    put(house, released.bundle(tmp_path, STRICT))
    for forbidden in (
        lambda: release(released.bundle(tmp_path, STRICT, hours=1), principal=limited, house=house),
        lambda: rollback("1", principal=limited, house=house),
    ):
        with pytest.raises(Forbidden):
            forbidden()
