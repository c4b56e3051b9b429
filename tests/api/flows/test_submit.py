"""Does a submission stay true when the catalog moves while it is decided, on both stores?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from doors import a_house, behind, product
from sqlalchemy import event

from api.auth.permissions import LOCAL
from api.flows import waivers
from api.flows.submit import ATTEMPTS, submit
from api.wiring import House
from engine.descriptor import Parts, Submission
from engine.errors import CatalogMoved, DescriptorRejected, VersionConflict
from engine.model import Answer, Bundle, Json, Principal
from engine.policy.in_memory import InMemoryEngine


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    flags = {}
    if request.param == "postgresql":
        flags["database_url"] = request.getfixturevalue("postgresql_url")
    with a_house(tmp_path, **flags) as house:
        house.database.upgrade()
        yield house


def sent(content: bytes) -> Submission:
    return Submission("product.yaml", Parts({"product.yaml": content}))


def test_a_column_that_left_a_file_behind_a_definition_is_told_by_the_catalog(house: House) -> None:
    for version, columns in (("1.0.0", ("id", "city")), ("1.1.0", ("id", "city", "street"))):
        files = behind(version, columns)
        assert submit(Submission("product.yaml", Parts(files)), principal=LOCAL, house=house).created
    line = "urn:dpds:org.example:dataproducts:parcels:1"
    assert [one.path for one in house.products.parts(line, "1.1.0", principal=LOCAL)] == list(files)
    with pytest.raises(DescriptorRejected) as refused:
        submit(Submission("product.yaml", Parts(behind("1.2.0", ("id",)))), principal=LOCAL, house=house)
    (told,) = [one for one in refused.value.context["report"]["documents"][0]["problems"] if one["code"] == "DP409"]
    assert "the column 'moves.city' was removed" in told["msg"]


def test_the_same_version_with_another_file_behind_a_definition_is_a_conflict(house: House) -> None:
    first = submit(Submission("product.yaml", Parts(behind())), principal=LOCAL, house=house)
    again = submit(Submission("product.yaml", Parts(behind())), principal=LOCAL, house=house)
    assert (again.created, again.version.digest) == (False, first.version.digest)
    with pytest.raises(VersionConflict):
        submit(Submission("product.yaml", Parts(behind(columns=("id",)))), principal=LOCAL, house=house)


class Interrupted(InMemoryEngine):
    """An engine that passes everything and, while it is asked, lets something else happen in the catalog."""

    def __init__(self, house: House, meanwhile: Callable[[int], None]) -> None:
        super().__init__({policy: lambda _: [] for policy in house.bundle.policies})
        self._meanwhile = meanwhile
        self.seen: list[Json] = []

    def evaluate(self, bundle: Bundle, policies: Sequence[str], document: Mapping[str, Json]) -> dict[str, Answer]:
        self.seen.append(document["_context"])
        number = len(self.seen)
        answer = super().evaluate(bundle, policies, document)
        self._meanwhile(number)
        return answer


def others_submit(house: House, *contents: bytes) -> Callable[[int], None]:
    """On the first question, somebody else submits these; their own questions interrupt nothing."""
    quiet = a_house(house.settings.data_dir)
    engine = InMemoryEngine({policy: lambda _: [] for policy in house.bundle.policies})
    quiet.__dict__.update(database=house.database, bundle=house.bundle, engine=engine)

    def meanwhile(number: int) -> None:
        if number == 1:
            for content in contents:
                submit(sent(content), principal=LOCAL, house=quiet)

    return meanwhile


def interrupted(house: House, meanwhile: Callable[[int], None]) -> Interrupted:
    engine = Interrupted(house, meanwhile)
    house.__dict__["engine"] = engine
    return engine


def test_when_a_lower_version_was_accepted_meanwhile_it_is_decided_again_against_it(house: House) -> None:
    engine = interrupted(house, others_submit(house, product(version="1.0.0")))
    submitted = submit(sent(product(version="1.1.0")), principal=LOCAL, house=house)
    assert submitted.created
    previous = [context["previous"] and context["previous"]["info"]["version"] for context in engine.seen]
    assert previous == [None, "1.0.0"]


def test_when_something_unrelated_was_accepted_meanwhile_it_is_decided_once(house: House) -> None:
    engine = interrupted(house, others_submit(house, product("letters")))
    assert submit(sent(product()), principal=LOCAL, house=house).created
    assert len(engine.seen) == 1


def test_when_equal_content_was_accepted_meanwhile_that_is_the_answer(house: House) -> None:
    interrupted(house, others_submit(house, product()))
    submitted = submit(sent(product()), principal=LOCAL, house=house)
    kinds = [change.kind for change in house.changes.after(0, principal=LOCAL)]
    assert (submitted.created, kinds) == (False, ["decision.accepted", "version.accepted"])


def test_a_catalog_that_never_rests_is_an_error_and_stores_nothing(house: House) -> None:
    def meanwhile(number: int) -> None:
        others_submit(house, product(version=f"1.0.{number}"))(1)

    engine = interrupted(house, meanwhile)
    with pytest.raises(CatalogMoved):
        submit(sent(product(version="1.1.0")), principal=LOCAL, house=house)
    assert len(engine.seen) == ATTEMPTS
    versions = house.products.versions("urn:dpds:org.example:dataproducts:parcels:1", principal=LOCAL)
    assert [version.version for version in versions] == [f"1.0.{number}" for number in range(ATTEMPTS, 0, -1)]


def test_the_answer_is_kept_with_the_version_or_not_at_all(house: House) -> None:
    from api.flows.once import Once

    def fail(_: Any) -> Any:
        raise RuntimeError("the process dies between the version and the answer")

    interrupted(house, lambda _: None)
    once: Once[Any] = Once("key", "digest", principal=LOCAL, told=fail)
    assert once.claim(house.database) is None
    with pytest.raises(RuntimeError):
        submit(sent(product()), principal=LOCAL, house=house, once=once)
    assert house.changes.after(0, principal=LOCAL) == ()


class Objecting(Interrupted):
    """As `Interrupted`, but one policy finds fault with everything."""

    def __init__(self, house: House, meanwhile: Callable[[int], None]) -> None:
        super().__init__(house, meanwhile)
        finding = {"code": "owner_missing", "msg": "nobody", "path": ["info", "owner"]}
        functions: dict[str, Any] = {policy: lambda _: [] for policy in house.bundle.policies}
        InMemoryEngine.__init__(self, {**functions, OWNER: lambda _: [finding]})


OWNER = "mesh.ownership.owner_declared"
LINE = "urn:dpds:org.example:dataproducts:parcels:1"
ANN = Principal("ann", frozenset({"submitter"}))
BOB = Principal("bob", frozenset({"approver"}))


def waived(house: House) -> str:
    """The id of an approved waiver for everything that the policy finds in the product."""
    house.__dict__["engine"] = Objecting(house, lambda _: None)
    with pytest.raises(DescriptorRejected):
        submit(sent(product()), principal=ANN, house=house)
    asked = {"policy": OWNER, "product": LINE, "reason": "Moving.", "until": "2026-12-24"}
    waiver = waivers.request(asked, principal=ANN, house=house).id
    waivers.take(waivers.Step.APPROVE, waiver, note="", principal=BOB, house=house)
    return waiver


def test_a_waiver_revoked_while_it_is_decided_never_accepts(house: House) -> None:
    waiver = waived(house)

    def revoke(number: int) -> None:
        if number == 1:
            waivers.take(waivers.Step.REVOKE, waiver, note="No longer.", principal=BOB, house=house)

    engine = Objecting(house, revoke)
    house.__dict__["engine"] = engine
    with pytest.raises(DescriptorRejected):
        submit(sent(product()), principal=ANN, house=house)
    assert len(engine.seen) == 2
    assert house.products.versions(LINE, principal=LOCAL) == ()


def test_a_waiver_revoked_by_another_server_is_seen_too(house: House) -> None:
    waiver = waived(house)
    other = a_house(house.settings.data_dir)
    other.__dict__.update(database=house.database, bundle=house.bundle)

    def revoke(number: int) -> None:
        if number == 1:
            waivers.take(waivers.Step.REVOKE, waiver, note="No longer.", principal=BOB, house=other)

    house.__dict__["engine"] = Objecting(house, revoke)
    with pytest.raises(DescriptorRejected):
        submit(sent(product()), principal=ANN, house=house)


def test_a_waiver_that_still_holds_accepts_at_once(house: House) -> None:
    waiver = waived(house)
    engine = Objecting(house, lambda _: None)
    house.__dict__["engine"] = engine
    submitted = submit(sent(product()), principal=ANN, house=house)
    (finding,) = submitted.entry["decision"]["findings"]
    assert (submitted.created, finding["waiver"], len(engine.seen)) == (True, waiver, 1)


def test_what_is_granted_costs_a_decision_one_statement(house: House) -> None:
    waived(house)
    house.__dict__["engine"] = Objecting(house, lambda _: None)
    seen: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if "FROM waiver" in statement or "FROM suspension" in statement:
            seen.append(statement)

    submit(sent(product()), principal=ANN, house=house)
    event.listen(house.database.bind, "before_cursor_execute", note)
    try:
        submit(sent(product(version="1.0.1")), principal=ANN, house=house)
    finally:
        event.remove(house.database.bind, "before_cursor_execute", note)
    assert len(seen) == 1, seen
