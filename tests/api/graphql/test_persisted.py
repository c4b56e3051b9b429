"""Persisted queries by Apollo's protocol, and the list of the only documents that are answered, over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import little_mesh
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from api.graphql import endpoint
from api.graphql.limits import Limits
from api.http.metrics import Metrics
from api.http.problems import answer_with_problems
from api.settings import Settings
from api.wiring import House
from engine.errors import SettingsInvalid

HELLO = "query Hello($n: String!) { hello(name: $n) }"
DIGEST = sha256(HELLO.encode()).hexdigest()


@contextmanager
def client(folder: Path, documents: Path | None = None, metrics: Metrics | None = None) -> Iterator[TestClient]:
    app = FastAPI()
    with House(Settings(data_dir=folder, graphql_documents=documents)) as house:
        app.include_router(endpoint.router(house, schema=little_mesh.SCHEMA, limits=Limits(), metrics=metrics))
        answer_with_problems(app)
        with TestClient(app, base_url="http://127.0.0.1") as made:
            yield made


def named(digest: str = DIGEST, *, version: Any = 1) -> dict[str, Any]:
    return {"persistedQuery": {"version": version, "sha256Hash": digest}}


def post(one: TestClient, **request: Any) -> Any:
    answer = one.post("/graphql", json=request, headers={"accept": "application/graphql-response+json"})
    return answer.json()


def code(answer: Any) -> str:
    assert "data" not in answer
    return str(answer["errors"][0]["extensions"]["code"])


def test_a_digest_is_not_found_until_its_text_was_sent_beside_it(tmp_path: Path) -> None:
    variables = {"n": "you"}
    with client(tmp_path) as one:
        first = post(one, extensions=named(), variables=variables)
        assert (code(first), first["errors"][0]["message"]) == ("persisted-query-not-found", "PersistedQueryNotFound")
        told = post(one, query=HELLO, extensions=named(), variables=variables)
        again = post(one, extensions=named(), variables=variables)
        other = post(one, extensions=named(DIGEST.upper()), variables={"n": "me"}, operationName="Hello")
    assert told["data"] == again["data"] == {"hello": "hello you"}
    assert other["data"] == {"hello": "hello me"}


def test_a_text_with_another_digest_is_refused_and_not_kept(tmp_path: Path) -> None:
    with client(tmp_path) as one:
        assert code(post(one, query="{ things { name } }", extensions=named())) == "persisted-query-mismatch"
        assert code(post(one, extensions=named())) == "persisted-query-not-found"


def test_a_text_that_breaks_a_rule_is_not_registered(tmp_path: Path) -> None:
    wrong = "{ nothing }"
    with client(tmp_path) as one:
        extensions = named(sha256(wrong.encode()).hexdigest())
        assert code(post(one, query=wrong, extensions=extensions)) == "query-invalid"
        assert code(post(one, extensions=extensions)) == "persisted-query-not-found"


@pytest.mark.parametrize(
    ("extensions", "expected"),
    [
        ([], "request-invalid"),
        ({"persistedQuery": []}, "persisted-query-unsupported"),
        (named(version=2), "persisted-query-unsupported"),
        (named(version="1"), "persisted-query-unsupported"),
        (named("abc"), "request-invalid"),
        (named(DIGEST + "0"), "request-invalid"),
        ({"persistedQuery": {"version": 1}}, "request-invalid"),
        ({"persistedQuery": {"version": 1, "sha256Hash": 7}}, "request-invalid"),
        ({}, "request-invalid"),
        ({"other": "thing"}, "request-invalid"),
    ],
)
def test_what_names_no_persisted_query_is_refused(tmp_path: Path, extensions: Any, expected: str) -> None:
    with client(tmp_path) as one:
        assert code(post(one, extensions=extensions)) == expected


def test_looks_for_documents_are_counted(tmp_path: Path) -> None:
    metrics = Metrics()
    with client(tmp_path, metrics=metrics) as one:
        for _ in range(200):
            post(one, query=HELLO, variables={"n": "you"})
    told = metrics.page(work=None, standings={}, batches=0, orphans={}).decode()
    assert 'meshgate_graphql_documents_total{found="kept"} 199.0' in told
    assert 'meshgate_graphql_documents_total{found="new"} 1.0' in told
    assert 'meshgate_graphql_operations_total{door="http",outcome="answered"} 200.0' in told


# --- the list ---------------------------------------------------------------------------------------------------------


def folder(at: Path) -> Path:
    (at / "documents/more").mkdir(parents=True)
    (at / "documents/hello.graphql").write_text(HELLO + "\n")
    (at / "documents/more/things.graphql").write_text("{ things { name } }")
    (at / "documents/README.md").write_text("not one")
    return at / "documents"


def plain_manifest(at: Path) -> Path:
    (at / "list.json").write_text(json.dumps({sha256(text.encode()).hexdigest(): text for text in TEXTS}))
    return at / "list.json"


def apollo_manifest(at: Path) -> Path:
    operations = [
        {"id": sha256(text.encode()).hexdigest(), "name": f"Q{number}", "type": "query", "body": text}
        for number, text in enumerate(TEXTS)
    ]
    told = {"format": "apollo-persisted-query-manifest", "version": 1, "operations": operations}
    (at / "list.json").write_text(json.dumps(told))
    return at / "list.json"


TEXTS = [HELLO, "{ things { name } }"]
LISTS: list[Callable[[Path], Path]] = [folder, plain_manifest, apollo_manifest]


@pytest.mark.parametrize("made", LISTS)
def test_only_listed_documents_are_answered_by_text_or_digest(tmp_path: Path, made: Callable[[Path], Path]) -> None:
    with client(tmp_path, made(tmp_path)) as one:
        assert post(one, query=HELLO, variables={"n": "you"})["data"] == {"hello": "hello you"}
        assert post(one, extensions=named(), variables={"n": "you"})["data"] == {"hello": "hello you"}
        assert "things" in post(one, query=TEXTS[1])["data"]
        for query in ("{ hello }", HELLO + " ", "{ __schema { queryType { name } } }", "{ nothing", ""):
            assert code(post(one, query=query)) == "document-not-listed"
        assert code(post(one, extensions=named("0" * 64))) == "document-not-listed"
        assert code(post(one, query="{ hello }", extensions=named())) == "persisted-query-mismatch"
        registered = named(sha256(b"{ hello }").hexdigest())
        assert code(post(one, query="{ hello }", extensions=registered)) == "document-not-listed"


def test_the_list_holds_over_the_websocket_too(tmp_path: Path) -> None:
    with (
        client(tmp_path, folder(tmp_path)) as one,
        one.websocket_connect(
            "/graphql", subprotocols=["graphql-transport-ws"], headers={"host": "127.0.0.1"}
        ) as socket,
    ):
        socket.send_json({"type": "connection_init"})
        assert socket.receive_json() == {"type": "connection_ack"}
        socket.send_json({"id": "1", "type": "subscribe", "payload": {"query": "{ hello }"}})
        assert socket.receive_json()["payload"][0]["extensions"]["code"] == "document-not-listed"
        payload = {"extensions": named(), "variables": {"n": "you"}}
        socket.send_json({"id": "2", "type": "subscribe", "payload": payload})
        assert socket.receive_json()["payload"]["data"] == {"hello": "hello you"}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{}", "holds no document"),
        ("[]", "holds no document"),
        ("{", "list.json"),
        ('{"abc": "{ hello }"}', "is not the SHA-256"),
        ('{"%s": 7}' % DIGEST, "is not the SHA-256"),  # noqa: UP031
        (json.dumps({sha256(b"{ nothing }").hexdigest(): "{ nothing }"}), "Cannot query field 'nothing'"),
        ('{"format": "apollo-persisted-query-manifest", "operations": [7]}', "has `id` and `body`"),
        ('{"format": "apollo-persisted-query-manifest"}', "holds no document"),
    ],
)
def test_a_list_that_cannot_be_meant_stops_the_start(tmp_path: Path, content: str, told: str) -> None:
    (tmp_path / "list.json").write_text(content)
    with pytest.raises(SettingsInvalid, match=told), client(tmp_path, tmp_path / "list.json"):
        pass


def test_a_list_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match="cannot be read"), client(tmp_path, tmp_path / "none.json"):
        pass


def test_a_listed_document_that_is_too_large_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents/large.graphql").write_text("{" + " hello" * 6_000 + "}")
    with pytest.raises(SettingsInvalid, match="More than 5000 tokens"), client(tmp_path, tmp_path / "documents"):
        pass
