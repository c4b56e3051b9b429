"""Which requests does `/graphql` take over HTTP, and how does it answer?"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import little_mesh
import orjson
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.auth.tokens import Token, Tokens
from api.graphql import endpoint
from api.graphql.limits import Limits
from api.http.problems import answer_with_problems
from api.settings import Settings
from api.web.assets_folder import Assets
from api.wiring import House
from engine.model import Principal

GRAPHQL = "application/graphql-response+json"


def test_a_token_says_who_asks_and_without_one_nobody_does(tmp_path: Path) -> None:
    app = FastAPI()
    house = House(Settings(data_dir=tmp_path))
    token = Token(hashlib.sha256(b"secret").hexdigest(), Principal("maria", roles=frozenset({"reader"})))
    house.__dict__["tokens"] = Tokens((token,))
    app.include_router(endpoint.router(house, schema=little_mesh.SCHEMA))
    answer_with_problems(app)
    asked = {"content": b'{"query": "{ asking }"}', "headers": {"content-type": "application/json"}}
    with TestClient(app) as client:
        nobody = client.post("/graphql", **asked)  # type: ignore[arg-type]
        client.headers["authorization"] = "Bearer secret"
        maria = client.post("/graphql", **asked)  # type: ignore[arg-type]
    assert (nobody.status_code, nobody.json()["code"]) == (401, "unauthenticated")
    assert maria.json()["data"] == {"asking": "maria"}


def test_a_setting_switches_introspection_off(tmp_path: Path) -> None:
    app = FastAPI()
    house = House(Settings(data_dir=tmp_path, introspection="off"))
    app.include_router(endpoint.router(house, schema=little_mesh.SCHEMA))
    with TestClient(app, base_url="http://127.0.0.1") as client:
        answer = post(client, {"query": "{ __schema { queryType { name } } }"})
    assert code(answer) == "introspection-disabled"


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    app = FastAPI()
    house = House(Settings(data_dir=tmp_path))
    assets = Assets(built=tmp_path / "nothing-built")
    app.include_router(endpoint.router(house, schema=little_mesh.SCHEMA, limits=Limits(body=5_000), assets=assets))
    answer_with_problems(app)
    with TestClient(app, base_url="http://127.0.0.1") as client:
        yield client


def post(client: TestClient, body: Any, accept: str | None = None) -> Any:
    headers = {"content-type": "application/json"} | ({"accept": accept} if accept else {})
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    return client.post("/graphql", content=content, headers=headers)


def code(answer: Any) -> str:
    return str(answer.json()["errors"][0]["extensions"]["code"])


def test_a_query_is_answered_as_json_with_its_cost(client: TestClient) -> None:
    answer = post(client, {"query": "query Q($n: String!) { hello(name: $n) }", "variables": {"n": "you"}})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.json() == {"data": {"hello": "hello you"}, "extensions": {"cost": {"requested": 0, "limit": 10_000}}}


def test_the_newer_media_type_is_given_where_it_is_asked_for(client: TestClient) -> None:
    answer = post(client, {"query": "{ hello }"}, f"{GRAPHQL}, application/json;q=0.9")
    assert (answer.status_code, answer.headers["content-type"]) == (200, GRAPHQL)


@pytest.mark.parametrize(("accept", "status"), [(GRAPHQL, 400), ("application/json", 200), ("*/*", 200)])
def test_a_refused_request_has_status_400_only_in_the_newer_media_type(
    client: TestClient, accept: str, status: int
) -> None:
    answer = post(client, {"query": "{ nothing }"}, accept)
    assert (answer.status_code, code(answer), "data" in answer.json()) == (status, "query-invalid", False)


def test_a_field_that_fails_leaves_the_rest_and_tells_nothing_of_our_inside(client: TestClient) -> None:
    answer = post(client, {"query": "{ hello broken absent }"}, GRAPHQL)
    assert answer.status_code == 200
    assert answer.json()["data"] == {"hello": "hello mesh", "broken": None, "absent": None}
    told = [(error["message"], error["extensions"]["code"]) for error in answer.json()["errors"]]
    assert told == [
        ("The server failed here; its log says why.", "internal-error"),
        ("Nothing is called that.", "not-found"),
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"{", "body-unreadable"),
        (b'{"query": "{ hello }", "query": "{ broken }"}', "body-unreadable"),
        (b'{"query": "{ hello }", "variables": {"n": NaN}}', "body-unreadable"),
        (b"[" * 4_000, "body-unreadable"),
        (b'[{"query": "{ hello }"}]', "batch-refused"),
        (b'"{ hello }"', "request-invalid"),
        (b"{}", "request-invalid"),
        (b'{"query": "{ hello }", "variables": []}', "request-invalid"),
        (b'{"query": "{ hello }", "operationName": 1}', "request-invalid"),
        (b'{"query": "{ hello }", "id": 1}', "request-invalid"),
        (b'{"query": "{ hello"}', "query-syntax"),
        (b'{"query": ""}', "query-syntax"),
        (b'{"query": "{ hello }", "operationName": "Other"}', "operation-unknown"),
        (b'{"query": "query A { hello } query B { hello }"}', "operation-unknown"),
        (b'{"query": "fragment F on Query { hello }"}', "query-invalid"),
        (b'{"query": "mutation { hello }"}', "operation-unsupported"),
        (b'{"query": "subscription { hello }"}', "operation-unsupported"),
        (b'{"query": "query Q($n: Int!) { page(first: $n) { edges { node { name } } } }"}', "variables-invalid"),
    ],
)
def test_a_request_that_is_none_has_a_code_of_its_own(client: TestClient, body: bytes, expected: str) -> None:
    answer = post(client, body, GRAPHQL)
    assert (answer.status_code, code(answer)) == (400, expected)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_other_bodies_than_json_are_refused_so_that_no_form_of_another_site_can_ask(
    client: TestClient, kind: str
) -> None:
    answer = client.post("/graphql", content=b'{"query": "{ hello }"}', headers={"content-type": kind})
    assert (answer.status_code, answer.json()["code"]) == (415, "media-type-unsupported")


def test_a_body_beyond_the_limit_is_refused(client: TestClient) -> None:
    answer = post(client, {"query": "{ hello }" + " " * 5_000})
    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")


@pytest.mark.parametrize("query", ["?query={hello}", "?query=mutation{hello}", ""])
def test_nothing_is_asked_by_get(client: TestClient, query: str) -> None:
    answer = client.get(f"/graphql{query}", headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()["code"], answer.headers["allow"]) == (405, "method-unsupported", "POST")


def test_a_browser_that_asks_by_get_gets_no_page_either(client: TestClient) -> None:
    assert client.get("/graphql?query={hello}", headers={"accept": "text/html"}).status_code == 405


def test_a_request_that_names_another_host_is_refused(client: TestClient) -> None:
    headers = {"host": "evil.example", "content-type": "application/json"}
    answer = client.post("/graphql", content=b'{"query": "{ hello }"}', headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "host-refused")
