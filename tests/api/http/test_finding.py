"""Can data be found over REST as it is by GraphQL, page by page?"""

from __future__ import annotations

from typing import Any

import pytest
from commands import GOOD, MESH, Terminal
from doors import a_client, a_house, problem
from starlette.testclient import TestClient

WHOLE = """query Page($line: String!, $first: Int!, $after: String) {
  search(query: $line, first: $first, after: $after) {
    total { value exact } pageInfo { hasNextPage endCursor } hints { term says line }
    edges { match field node {
      fqn namespace name version status domain displayName description owner tags digest
    } }
  }
}"""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Any:
    terminal = Terminal(tmp_path_factory.mktemp("mesh"))
    assert terminal.run("submit", "--quiet", *(MESH / domain for domain in GOOD)).code == 0
    with a_house(terminal.data_dir) as house:
        yield a_client(house)


def found(client: TestClient, **asked: Any) -> Any:
    answer = client.get("/v1/products", params=asked)
    assert answer.status_code == 200
    return answer.json()


def words(told: dict[str, Any]) -> dict[str, Any]:
    return {name: value.lower() if name in ("match", "field", "status") else value for name, value in told.items()}


def test_a_page_is_that_of_graphql(client: TestClient) -> None:
    for line in ("customer", "customer -tag:gold", "domian:sales", ""):
        asked = {"line": line, "first": 3, "after": None}
        told = client.post("/graphql", json={"query": WHOLE, "variables": asked}).json()["data"]["search"]
        page = found(client, query=line, first=3)
        assert page["total"] == told["total"]
        assert page["hints"] == told["hints"]
        assert page["next"] == (told["pageInfo"]["endCursor"] if told["pageInfo"]["hasNextPage"] else None)
        for hit, edge in zip(page["products"], told["edges"], strict=True):
            node = {**edge["node"], "match": edge["match"], "field": edge["field"]}
            node["display_name"] = node.pop("displayName")
            assert {name: hit[name] for name in node} == words(node)


def test_every_product_is_found_once_over_all_pages(client: TestClient) -> None:
    names: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = found(client, first=5, order="trust", **after)
        names += [one["fqn"] for one in page["products"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert len(names) == len(set(names)) == page["total"]["value"]


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"after": "nonsense"}, 400, "cursor-invalid"),
        ({"first": "0"}, 422, "request-invalid"),
        ({"first": "101"}, 422, "request-invalid"),
        ({"order": "cheapest"}, 422, "request-invalid"),
        ({"query": "tag:x " * 40, "after": "e30"}, 400, "cursor-invalid"),
    ],
)
def test_what_cannot_be_asked_is_a_clear_error(client: TestClient, asked: Any, status: int, code: str) -> None:
    answer = client.get("/v1/products", params=asked)
    assert (answer.status_code, problem(answer)["code"]) == (status, code)
