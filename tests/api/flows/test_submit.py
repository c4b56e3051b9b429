"""Does a submission stay true when the catalog moves while it is decided, on both stores?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from doors import a_house, behind, product

from api.auth.permissions import LOCAL
from api.flows.submit import ATTEMPTS, submit
from api.wiring import House
from engine.descriptor import Parts, Submission
from engine.errors import CatalogMoved, DescriptorRejected, VersionConflict
from engine.model import Answer, Bundle, Json
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
