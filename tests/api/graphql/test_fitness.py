"""Does GraphQL say of products whether they fit, with the same statements for any page, and within its limits?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from consumers import Clock, a_house
from needs import PLAIN, RUNAWAY, finds
from remembered import ANNA, accept, product

from api.flows import requirements as flow
from api.flows.requirements import Saving
from api.flows.watching import follow
from api.graphql.answering import Answering
from api.graphql.context import Context
from api.graphql.limits import Limits
from api.graphql.request import Request
from api.graphql.schema import schema
from api.wiring import House
from catalog.database import Database
from engine.model import Principal

ANN = Principal("ann", roles=frozenset({"submitter"}))
FITNESS = """query F($rego: String, $saved: String, $parameters: String, $query: String, $where: ProductWhere,
    $first: Int = 20, $after: String, $candidates: Int = 1000) {
  fitness(requirement: {rego: $rego, saved: $saved, parameters: $parameters}, query: $query, where: $where,
      first: $first, after: $after, candidates: $candidates) {
    considered total { value exact } counts { fit unfit undecided } pageInfo { hasNextPage endCursor }
    edges { cursor node { name }
      fitness { verdict reasonCount undecidedBecause reasons { code msg path remediation } } }
  }
}"""
COUNTED = finds('sprintf("lacks %s", [tag])', 'some tag in {"gold", "tin", "red"}; not tag in input.tags')


@pytest.fixture
def house(database: Database, tmp_path: Path) -> Iterator[House]:
    with a_house(database, tmp_path, Clock()) as made:
        yield made


@pytest.fixture
def ask(house: House) -> Any:
    answering = Answering(schema(), Limits())

    def asked(text: str, /, principal: Principal = ANN, **variables: Any) -> Any:
        return orjson.loads(answering.answer(Request(text, variables, None), Context(house, principal)).content)

    return asked


@pytest.fixture
def stocked(database: Database) -> Database:
    for number in range(7):
        tags = [tag for tag, every in (("gold", 3), ("tin", 2)) if number % every == 0]
        accept(database, product(f"product{number}", tags=tags))
    return database


def test_the_candidates_come_with_their_fitness_and_reasons(stocked: Database, ask: Any) -> None:
    found = ask(FITNESS, rego=PLAIN)["data"]["fitness"]
    assert (found["considered"], found["total"]) == (7, {"value": 7, "exact": True})
    assert found["counts"] == {"fit": 3, "unfit": 4, "undecided": 0}
    names = [edge["node"]["name"] for edge in found["edges"]]
    assert names == [f"product{number}" for number in (0, 3, 6, 1, 2, 4, 5)]
    assert found["edges"][0]["fitness"] == {
        "verdict": "FIT",
        "reasonCount": 0,
        "undecidedBecause": "",
        "reasons": [],
    }
    reason = {"code": "untagged", "msg": "it is not tagged gold", "path": "/tags", "remediation": ""}
    assert found["edges"][3]["fitness"]["reasons"] == [reason]


def test_pages_of_candidates_follow_one_another_whatever_their_size(stocked: Database, ask: Any) -> None:
    whole = [edge["node"]["name"] for edge in ask(FITNESS, rego=COUNTED)["data"]["fitness"]["edges"]]
    for size in (1, 2, 3):
        names: list[str] = []
        after = None
        while True:
            page = ask(FITNESS, rego=COUNTED, first=size, after=after)["data"]["fitness"]
            names += [edge["node"]["name"] for edge in page["edges"]]
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                break
        assert names == whole


def test_a_cursor_belongs_to_one_requirement_and_search(stocked: Database, ask: Any) -> None:
    cursor = ask(FITNESS, rego=PLAIN, first=1)["data"]["fitness"]["edges"][0]["cursor"]
    for other in ({"rego": COUNTED}, {"rego": PLAIN, "query": "product"}, {"rego": PLAIN, "parameters": '{"tag":"x"}'}):
        (error,) = ask(FITNESS, after=cursor, **other)["errors"]
        assert error["extensions"]["code"] == "cursor-invalid"


def test_a_filter_and_parameters_narrow_who_is_asked_for_what(stocked: Database, ask: Any) -> None:
    where = {"name": {"in": ["product2", "product3"]}}
    found = ask(FITNESS, rego=PLAIN, where=where, parameters='{"tag": "tin"}')["data"]["fitness"]
    assert [(edge["node"]["name"], edge["fitness"]["verdict"]) for edge in found["edges"]] == [
        ("product2", "FIT"),
        ("product3", "UNFIT"),
    ]


ON_PAGE = """query P($rego: String!, $n: Int!) { search(query: "", first: $n) { edges { node {
  name fitness(requirement: {rego: $rego}) { verdict } } } } }"""


def test_products_of_a_page_are_asked_together(stocked: Database, ask: Any, counted: Any) -> None:
    sent = []
    for size in (2, 7):
        with counted() as statements:
            page = ask(ON_PAGE, rego=PLAIN, n=size)["data"]["search"]
        sent.append(len(statements))
    assert sent == [4, 4]
    told = {edge["node"]["name"]: edge["node"]["fitness"]["verdict"] for edge in page["edges"]}
    root = ask(FITNESS, rego=PLAIN)["data"]["fitness"]["edges"]
    assert told == {edge["node"]["name"]: edge["fitness"]["verdict"] for edge in root}


def test_the_statements_of_the_root_field_do_not_grow_with_the_page(stocked: Database, ask: Any, counted: Any) -> None:
    sent = []
    for size in (1, 7):
        with counted() as statements:
            ask(FITNESS, rego=PLAIN, first=size)
        sent.append(len(statements))
    assert sent == [4, 4]


def test_candidates_cost_what_they_are(stocked: Database, ask: Any) -> None:
    def cost(**more: Any) -> int:
        return int(ask(FITNESS, rego=PLAIN, first=1, **more)["extensions"]["cost"]["requested"])

    assert cost(candidates=1000) - cost(candidates=1) == 999
    many = " ".join(f'a{n}: fitness(requirement: {{rego: "x"}}) {{ considered }}' for n in range(11))
    (error,) = ask(f"{{ {many} }}")["errors"]
    assert error["extensions"]["code"] == "query-too-expensive"
    for candidates in (0, 1001):
        (error,) = ask(FITNESS, rego=PLAIN, candidates=candidates)["errors"]
        assert error["extensions"]["code"] == "argument-invalid"


def test_a_requirement_that_runs_away_ends_with_the_operation(
    stocked: Database, ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.graphql.types.fitness.SECONDS", 1.2)
    three = " ".join(f"a{n}: fitness(requirement: {{rego: $r}}) {{ counts {{ undecided }} }}" for n in range(3))
    found = ask(f"query($r: String!) {{ {three} }}", r=RUNAWAY)["data"]
    assert [found[f"a{n}"]["counts"]["undecided"] for n in range(3)] == [7, 7, 7]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, "requirement-invalid"),
        ({"rego": PLAIN, "saved": "x"}, "requirement-invalid"),
        ({"rego": "no rego"}, "requirement-invalid"),
        ({"rego": PLAIN, "parameters": "[1]"}, "requirement-invalid"),
        ({"rego": PLAIN, "parameters": "{"}, "requirement-invalid"),
        ({"saved": "nothing"}, "not-found"),
        ({"saved": "\0"}, "not-found"),
        ({"rego": PLAIN, "first": 0}, "page-size-invalid"),
    ],
)
def test_what_cannot_be_asked_is_an_error_with_its_code(ask: Any, given: dict[str, Any], code: str) -> None:
    (error,) = ask(FITNESS, **given)["errors"]
    assert error["extensions"]["code"] == code


SAVED = """{ requirements { edges { node { id name owner package digest query parameters rego saved fit unfit isAsked
  restingBecause standings(first: 2) { edges { node { fqn version verdict reasonCount since reasons { msg }
  product { name } } } pageInfo { hasNextPage endCursor } } } } } }"""


def test_saved_requirements_are_told_with_what_fits_them(stocked: Database, ask: Any, house: House) -> None:
    wish = Saving("gold", PLAIN, {"tag": "gold"}, "product")
    id = flow.save(wish, principal=ANN, house=house).requirement.id
    (edge,) = ask(SAVED)["data"]["requirements"]["edges"]
    assert (edge["node"]["isAsked"], edge["node"]["fit"]) == (False, 0)
    while follow(house, "me"):
        pass
    (edge,) = ask(SAVED)["data"]["requirements"]["edges"]
    told = edge["node"]
    assert {name: told[name] for name in ("id", "name", "owner", "package", "query", "parameters", "rego")} == {
        **{"id": id, "name": "gold", "owner": "ann", "package": "need.gold", "query": "product"},
        **{"parameters": '{"tag":"gold"}', "rego": PLAIN},
    }
    assert (told["fit"], told["unfit"], told["isAsked"], told["restingBecause"]) == (3, 4, True, "")
    first, second = (one["node"] for one in told["standings"]["edges"])
    assert [(one["product"]["name"], one["verdict"]) for one in (first, second)] == [
        ("product0", "FIT"),
        ("product3", "FIT"),
    ]
    assert told["standings"]["pageInfo"]["hasNextPage"]
    by_name = ask(FITNESS, saved="gold")["data"]["fitness"]
    assert by_name["counts"] == {"fit": 3, "unfit": 4, "undecided": 0}


def test_somebody_elses_requirement_is_not_told(ask: Any, house: House) -> None:
    id = flow.save(Saving("gold", PLAIN), principal=ANN, house=house).requirement.id
    other = Principal("other", roles=frozenset({"reader"}))
    query = "query R($id: String!) { requirement(id: $id) { name } }"
    assert ask(query, id=id)["data"] == {"requirement": {"name": "gold"}}
    (error,) = ask(query, principal=other, id=id)["errors"]
    assert error["extensions"]["code"] == "forbidden"
    assert ask(query, principal=other, id="gold")["data"] == {"requirement": None}
    assert ask(SAVED, principal=ANNA)["errors"][0]["extensions"]["code"] == "forbidden"


def test_both_executors_answer_alike(stocked: Database, house: House) -> None:
    request = Request(FITNESS, {"rego": PLAIN}, None)
    fast, slow = (
        Answering(schema(), Limits(), fast=kind).answer(request, Context(house, ANN)).content for kind in (True, False)
    )
    assert fast == slow
