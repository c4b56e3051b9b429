"""Is every candidate of a search judged as it would be alone, in one order, and never by more than it may see?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from consumers import CARL, FQN, Clock, a_house, put, verdicts
from needs import PLAIN, RUNAWAY, finds
from remembered import database, postgresql_catalog, postgresql_template, sent, sqlite_catalog, sqlite_template

from api.auth.permissions import LOCAL
from api.flows import fitness as flow
from api.flows.fitness import Wish, fitting, judged, of_one
from api.flows.observing import observe
from api.flows.scoring import keep_up
from api.wiring import House
from catalog.database import Database
from catalog.search.where import Is, Operator
from engine.errors import Forbidden, NotFound, RequirementInvalid
from engine.fitness.requirement import read
from engine.fitness.verdict import Verdict
from engine.model import Principal

__all__ = ["database", "postgresql_catalog", "postgresql_template", "sqlite_catalog", "sqlite_template"]

FOREVER = float("inf")


@pytest.fixture
def house(database: Database, tmp_path: Path) -> Iterator[House]:
    with a_house(database, tmp_path) as made:
        yield made


def stock(database: Database, count: int) -> None:
    """Products of which every third is gold, every second tin."""
    for number in range(count):
        tags = [tag for tag, every in (("gold", 3), ("tin", 2)) if number % every == 0]
        put(database, f"product{number:02}", "1.0.0", *tags, domain="sales" if number % 2 else "finance")


COUNTED = finds('sprintf("lacks %s", [tag])', 'some tag in {"gold", "tin", "red"}; not tag in input.tags')


def test_those_that_fit_come_first_then_the_others_by_fewest_reasons(house: House, database: Database) -> None:
    put(database, "aaa", "1.0.0")
    put(database, "bbb", "1.0.0", "gold")
    put(database, "ccc", "1.0.0", "gold", "tin", "red")
    put(database, "ddd", "1.0.0", "tin", "red")
    put(database, "eee", "1.0.0", "gold", "tin", "red")
    found = fitting(Wish(COUNTED), principal=CARL, house=house)
    assert [(one.hit.product.name, one.fitness.count) for one in found.candidates] == [
        ("ccc", 0),
        ("eee", 0),
        ("ddd", 1),
        ("bbb", 2),
        ("aaa", 3),
    ]
    assert found.counts == {"fit": 2, "unfit": 3, "undecided": 0}


def test_a_search_asks_only_what_it_finds_and_at_most_its_best(house: House, database: Database) -> None:
    stock(database, 9)
    sales = fitting(Wish(PLAIN, query="domain:sales"), principal=CARL, house=house)
    assert sorted(verdicts(sales)) == ["product01", "product03", "product05", "product07"]
    where = Is("domain", Operator.EQ, ("finance",))
    few = fitting(Wish(PLAIN, where=where, candidates=2), principal=CARL, house=house)
    assert (len(few.candidates), few.found, few.exact) == (2, 5, True)
    assert fitting(Wish(PLAIN, query="nothing at all"), principal=CARL, house=house).candidates == []


def test_a_product_among_many_is_judged_as_it_is_alone(
    house: House, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow, "PAGE", 4)
    stock(database, 10)
    found = fitting(Wish(COUNTED), principal=CARL, house=house)
    alone = {
        one.hit.product.fqn: of_one(one.hit.product.fqn, Wish(COUNTED), principal=CARL, house=house)[1]
        for one in found.candidates
    }
    assert {one.hit.product.fqn: one.fitness for one in found.candidates} == alone
    assert len(alone) == 10


@pytest.mark.parametrize("mesh", [False, True])
def test_the_statements_grow_with_pages_and_not_with_candidates(
    house: House, database: Database, monkeypatch: pytest.MonkeyPatch, mesh: bool
) -> None:
    stock(database, 12)
    text = finds('"read"', "count(input._context.mesh.consumers) > 0", needs="mesh") if mesh else PLAIN
    need = read(house.fitness.workers, text)
    ids = [one.version_id for one in house.products.page(first=100, principal=CARL).items]
    counts = {}
    for page, size in ((100, 2), (100, 12), (6, 12), (4, 12)):
        monkeypatch.setattr(flow, "PAGE", page)
        with sent(database) as statements:
            judged(need, ids[:size], principal=CARL, house=house, until=FOREVER)
        counts[page, size] = len(statements)
    each = 8 if mesh else 3
    assert counts == {(100, 2): each, (100, 12): each, (6, 12): 2 * each, (4, 12): 3 * each}


def test_a_requirement_knows_how_a_product_stands(house: House, database: Database) -> None:
    put(database, "orders")
    text = finds("json.marshal(input._context.evaluation)")
    _, found = of_one(FQN.format("orders"), Wish(text), principal=CARL, house=house)
    told = found.reasons[0].msg
    assert '"state":"compliant"' in told.replace(" ", "")
    assert '"mesh.ownership.owner_declared":"pass"' in told.replace(" ", "")
    assert '"trust":null' in told.replace(" ", "")
    assert '"slo":[]' in told.replace(" ", "")


def test_a_requirement_knows_how_far_the_version_that_was_scored_is_trusted(house: House, database: Database) -> None:
    put(database, "orders", "1.0.0")
    put(database, "orders", "1.1.0")
    old = house.products.version(FQN.format("orders"), "1.0.0", principal=CARL)
    assert old is not None
    keep_up(house)
    known = finds('sprintf("%v", [input._context.evaluation.trust.value])', "input._context.evaluation.trust.value > 0")
    product, found = of_one(FQN.format("orders"), Wish(known), principal=CARL, house=house)
    trust = house.trusts.found([product.id], principal=CARL)[product.id]
    assert trust.value is not None
    assert trust.value > 0
    assert found.verdict is Verdict.UNFIT
    need = read(house.fitness.workers, finds('"none"', "input._context.evaluation.trust == null"))
    ids = [old.version_id, product.version_id]
    both = judged(need, ids, principal=CARL, house=house, until=FOREVER)
    assert [both[id].verdict for id in ids] == [Verdict.UNFIT, Verdict.FIT], "a score is of one version"
    text = finds("json.marshal(input._context.evaluation.trust)")
    (reason,) = of_one(FQN.format("orders"), Wish(text), principal=CARL, house=house)[1].reasons
    told = {"value": trust.value, "grade": trust.grade, "computed_at": trust.computed_at.isoformat()}
    assert orjson.loads(reason.msg) == told


def test_a_requirement_knows_which_promises_are_kept(house: House, database: Database) -> None:
    put(database, "orders", slos={"placed": {"freshness": "PT1H", "availability": "99 %"}})
    put(database, "stock", slos={"placed": {"freshness": "PT1H"}})
    for name, value in (("orders", "PT5M"), ("stock", "PT9H")):
        sent = {"id": name, "product": FQN.format(name), "indicator": "freshness", "value": value}
        (taken,) = observe([{**sent, "observedAt": house.clock().isoformat()}], principal=LOCAL, house=house)
        assert taken.state == "stored"
    broken = finds("one.indicator", 'some one in input._context.evaluation.slo; one.state == "broken"')
    found = fitting(Wish(broken), principal=CARL, house=house)
    assert verdicts(found) == {"orders": Verdict.FIT, "stock": Verdict.UNFIT}
    assert found.candidates[1].fitness.reasons[0].msg == "freshness"
    text = finds("json.marshal(input._context.evaluation.slo)")
    (reason,) = of_one(FQN.format("orders"), Wish(text), principal=CARL, house=house)[1].reasons
    assert orjson.loads(reason.msg) == [
        {"port": "placed", "indicator": "freshness", "state": "met", "attainment": 1, "left": 0.01},
        {"port": "placed", "indicator": "availability", "state": "unknown", "attainment": None, "left": None},
    ]


def test_promises_take_one_statement_more_however_many_make_them(house: House, database: Database) -> None:
    for number in range(6):
        put(database, f"product{number}", slos={"placed": {"freshness": "PT1H"}})
    need = read(house.fitness.workers, PLAIN)
    ids = [one.version_id for one in house.products.page(first=100, principal=CARL).items]
    counts = []
    for size in (1, 6):
        with sent(database) as statements:
            judged(need, ids[:size], principal=CARL, house=house, until=FOREVER)
        counts.append(len(statements))
    assert counts == [4, 4]


def test_a_requirement_that_declares_it_sees_the_neighbours(house: House, database: Database) -> None:
    put(database, "orders")
    put(database, "stock", reads=[("orders", FQN.format("orders") + ":outputports:placed")])
    text = finds('sprintf("read by %s", [one.product])', "some one in input._context.mesh.consumers", needs="mesh")
    found = fitting(Wish(text), principal=CARL, house=house)
    assert verdicts(found) == {"stock": Verdict.FIT, "orders": Verdict.UNFIT}
    assert found.candidates[1].fitness.reasons[0].msg == f"read by {FQN.format('stock')}"


def test_when_the_time_is_over_the_others_are_undecided(house: House, database: Database) -> None:
    stock(database, 5)
    found = fitting(Wish(PLAIN), principal=CARL, house=house, seconds=0.0)
    assert set(verdicts(found).values()) == {Verdict.UNDECIDED}
    assert all(one.fitness.passing for one in found.candidates)


def test_a_requirement_that_runs_away_ends_with_the_time_of_the_call(house: House, database: Database) -> None:
    stock(database, 30)
    found = fitting(Wish(RUNAWAY), principal=CARL, house=house, seconds=1.5)
    assert set(verdicts(found).values()) == {Verdict.UNDECIDED}
    stopped = [one for one in found.candidates if not one.fitness.passing]
    assert 0 < len(stopped) < 30, "some were asked and stopped, and the others not asked any more"
    again = fitting(Wish(PLAIN), principal=CARL, house=house)
    assert again.counts["undecided"] == 0


def test_a_decision_waits_for_no_requirement(house: House) -> None:
    assert house.fitness is not house.embedded
    assert house.fitness.workers is not house.embedded.workers


def test_who_may_not_see_a_product_gets_no_word_of_it(
    house: House, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(database, "mine")
    put(database, "theirs", domain="secret", reads=[("mine", FQN.format("mine") + ":outputports:placed")])
    ids = [one.version_id for one in house.products.page(first=10, principal=CARL).items]

    def narrowed(principal: Principal, domain: Any) -> Any:
        return domain != "secret"

    for module in ("candidates", "neighbourhoods", "products", "search.statement", "compared"):
        monkeypatch.setattr(f"catalog.{module}.visible", narrowed)
    text = finds("json.marshal(input)", needs="mesh")
    with a_house(database, house.settings.data_dir, Clock()) as fresh:
        found = fitting(Wish(text), principal=CARL, house=fresh)
        assert list(verdicts(found)) == ["mine"]
        assert "theirs" not in found.candidates[0].fitness.reasons[0].msg
        need = read(fresh.fitness.workers, text)
        both = judged(need, ids, principal=CARL, house=fresh, until=FOREVER)
        assert sorted(one.told for one in both.values()) == ["", flow.GONE]


def test_what_is_not_there_or_not_allowed_or_no_requirement_is_an_error(house: House, database: Database) -> None:
    with pytest.raises(NotFound):
        of_one("nothing", Wish(PLAIN), principal=CARL, house=house)
    with pytest.raises(Forbidden):
        fitting(Wish(PLAIN), principal=Principal("opa", roles=frozenset({"opa"})), house=house)
    with pytest.raises(RequirementInvalid):
        fitting(Wish("no rego"), principal=CARL, house=house)
