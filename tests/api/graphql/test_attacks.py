"""Do the limits hold over a real connection, and is the server well while it is attacked?"""

from __future__ import annotations

import json
import re
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import graphene
import httpx2 as httpx
import little_mesh
import pytest
from doors import until
from graphql import FragmentDefinitionNode, OperationDefinitionNode, parse
from served import Served, served

from api.graphql.answering import Answering
from api.graphql.limits import Limits
from api.graphql.request import Request
from api.graphql.weight import Scales
from api.settings import Settings
from api.wiring import House
from catalog.database import Database

ROOT = Path(__file__).resolve().parents[3]
GRAPHQL = "application/graphql-response+json"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with (
        House(Settings(data_dir=tmp_path_factory.mktemp("house"))) as house,
        served(house, schema=little_mesh.SCHEMA, limits=Limits(seconds=0.5)) as one,
    ):
        yield one


def sent(server: Served, body: Any, **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    told = {"content-type": "application/json", "accept": GRAPHQL, **headers}
    return httpx.post(server.url, content=content, headers=told, timeout=60)


def chained(count: int, spread: str) -> str:
    """`count` fragments, each of which spreads the next; `spread` says how."""
    links = [f"fragment F{i} on Query {{ {spread.replace('NEXT', f'...F{i + 1}')} }}" for i in range(count)]
    return "{ ...F0 } " + " ".join(links) + f" fragment F{count} on Query {{ hello }}"


def cyclic(count: int) -> str:
    links = [f"fragment F{i} on Query {{ again {{ ...F{(i + 1) % count} }} }}" for i in range(count)]
    return "{ ...F0 } " + " ".join(links)


def nested(name: str, levels: int) -> str:
    return "{" + f"{name} {{" * (levels - 1) + "hello" + "}" * levels


DEEP_VALUE: Any = 1
for _ in range(70):
    DEEP_VALUE = [DEEP_VALUE]

NAMES = " ".join(f"$v{number}: Int" for number in range(1_000))
UNUSED = "query($n: [Int!]) { hello }"
BESIDE_DATA = "{ hello __schema { types { fields { args { type { fields { name } } } } } } }"
TYPES_OF_TYPES = "{ __schema { types " + "{ fields { type " * 3 + "{ name }" + "} }" * 3 + "}}"
DEEP_JSON = b'{"query": "{ hello }", "variables": ' + b"[" * 4_000 + b"]" * 4_000 + b"}"
ATTACKS: list[tuple[str, Any, str]] = [
    ("13 levels", {"query": nested("again", 13)}, "query-too-deep"),
    ("250 levels", {"query": nested("again", 250)}, "query-too-deep"),
    ("inline fragments in one another", {"query": "{" + "...{" * 600 + "hello" + "}" * 601}, "query-too-deep"),
    ("a list in a list, 200 deep", {"query": "{ hello(name: " + "[" * 200 + "1" + "]" * 200 + ") }"}, "query-too-deep"),
    ("an input in an input", {"query": "{ hello(name: " + "{a:" * 150 + "1" + "}" * 150 + ") }"}, "query-invalid"),
    ("2 fragments in a circle", {"query": cyclic(2)}, "query-invalid"),
    ("400 fragments in a circle", {"query": cyclic(400)}, "query-too-deep"),
    ("18 doubling fragments", {"query": chained(18, "again { NEXT } b: again { NEXT }")}, "too-many-aliases"),
    ("40 doubling fragments", {"query": chained(40, "again { NEXT } b: again { NEXT }")}, "too-many-aliases"),
    ("1000 doubling fragments", {"query": chained(1_000, "again { NEXT } b: again { NEXT }")}, "query-too-large"),
    ("400 fragments, each spread twice", {"query": chained(400, "NEXT NEXT")}, "query-too-deep"),
    ("one field 4,900 times", {"query": "{" + " hello" * 4_900 + "}"}, "query-too-deep"),
    ("1,200 objects to merge", {"query": "{" + " again { hello }" * 1_200 + "}"}, "query-too-deep"),
    ("2,000 aliases", {"query": "{" + " ".join(f"a{i}: hello" for i in range(1_600)) + "}"}, "too-many-aliases"),
    ("5,001 tokens", {"query": "{" + " hello" * 5_000 + "}"}, "query-too-large"),
    ("700 times a directive", {"query": "{ hello " + "@skip(if: false) " * 700 + "}"}, "query-invalid"),
    ("2,000 unknown directives", {"query": "{ hello " + "@a " * 2_000 + "}"}, "query-invalid"),
    ("1,000 variables", {"query": f"query({NAMES}) {{ hello }}"}, "query-invalid"),
    ("4,900 unknown fields", {"query": "{" + " ".join(f"f{i}" for i in range(4_900)) + "}"}, "query-invalid"),
    ("a page of 101", {"query": "{ page(first: 101) { __typename } }"}, "page-too-large"),
    ("a page of 2,147,483,647", {"query": "{ page(first: 2147483647) { edges { node { name } } } }"}, "page-too-large"),
    (
        "101 by a variable",
        {"query": "query($n: Int) { page(first: $n) { __typename } }", "variables": {"n": 101}},
        "page-too-large",
    ),
    ("lists in lists", {"query": "{ things" + " { others" * 6 + " { name }" + " }" * 7}, "query-too-expensive"),
    ("introspection of all of all", {"query": TYPES_OF_TYPES}, "introspection-too-deep"),
    ("introspection beside data", {"query": BESIDE_DATA}, "query-too-expensive"),
    ("an operation without end", {"query": "{ slow { name } }"}, "query-timeout"),
    ("two operations", {"query": "query A { hello } query B { hello }"}, "operation-unknown"),
    ("another operation", {"query": "query A { hello }", "operationName": "B"}, "operation-unknown"),
    ("a subscription by POST", {"query": "subscription { hello }"}, "operation-unsupported"),
    ("a mutation", {"query": "mutation { hello }"}, "operation-unsupported"),
    ("a batch", [{"query": "{ hello }"}] * 1_000, "batch-refused"),
    ("JSON 4,000 deep", DEEP_JSON, "body-unreadable"),
    ("variables 70 deep", {"query": "{ hello }", "variables": {"a": DEEP_VALUE}}, "body-unreadable"),
    ("20,000 values of a variable", {"query": UNUSED, "variables": {"n": ["x"] * 20_000}}, "query-invalid"),
    ("a huge number", b'{"query": "{ hello }", "variables": {"n": ' + b"9" * 5_000 + b"}}", "body-unreadable"),
    ("another encoding", '{"query": "{ hello }"}'.encode("utf-16"), "body-unreadable"),
    ("no UTF-8", b'{"query": "{ hello(name: \\"\xff\\") }"}', "body-unreadable"),
]


@pytest.mark.parametrize(("body", "code"), [one[1:] for one in ATTACKS], ids=[one[0] for one in ATTACKS])
def test_an_attack_ends_with_the_code_of_its_limit(server: Served, body: Any, code: str) -> None:
    answer = sent(server, body)
    assert {error["extensions"]["code"] for error in answer.json()["errors"]} == {code}
    assert answer.status_code == (200 if code == "query-timeout" else 400)
    assert sent(server, {"query": "{ hello }"}).json()["data"] == {"hello": "hello mesh"}


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("application/json; charset=utf-8", 200),
        ('application/JSON;charset="UTF-8"', 200),
        ("application/json; charset=utf-7", 415),
        ("application/json; charset=utf-16", 415),
        ("application/json; charset=utf-8; charset=utf-7", 415),
        ("application/graphql", 415),
        ("application/json, text/plain", 415),
        ("text/plain; application/json", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415),
    ],
)
def test_only_json_in_utf_8_is_taken(server: Served, kind: str, status: int) -> None:
    answer = sent(server, {"query": "{ hello }"}, **{"content-type": kind})
    assert answer.status_code == status
    assert status == 200 or answer.json()["code"] == "media-type-unsupported"


def test_an_upload_by_multipart_is_refused(server: Served) -> None:
    files = {"operations": (None, '{"query": "{ hello }"}'), "map": (None, "{}"), "0": ("a.txt", b"a")}
    answer = httpx.post(server.url, files=files)
    assert (answer.status_code, answer.json()["code"]) == (415, "media-type-unsupported")


def test_a_compressed_body_is_refused(server: Served) -> None:
    answer = sent(server, b"\x1f\x8b", **{"content-encoding": "gzip"})
    assert (answer.status_code, answer.json()["code"]) == (415, "media-type-unsupported")


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_nothing_is_asked_by_another_method(server: Served, method: str) -> None:
    answer = httpx.request(method, server.url, params={"query": "mutation { hello }"})
    assert answer.status_code == 405


def test_a_body_beyond_256_kib_is_refused_while_it_arrives(server: Served) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(1_000):
            yield b" " * 1_024

    for body in (b" " * 262_145, endless()):
        answer = httpx.post(server.url, content=body, headers={"content-type": "application/json"})
        assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")


def test_every_code_of_a_limit_has_its_attack() -> None:
    page = (ROOT / "docs/reference/graphql.md").read_text("utf-8")
    rows = re.findall(r"^\| `([a-z-]+)` \|[^|]*\| *[0-9][^|]*\|$", page, re.MULTILINE)
    elsewhere = {"too-many-operations"}  # of WebSockets: test_websocket
    assert set(rows) - elsewhere <= {code for *_, code in ATTACKS}


@pytest.mark.parametrize("link", ["NEXT", "again { NEXT }", "... { NEXT }"])
def test_fragments_in_one_another_are_answered_or_too_deep_whatever_their_number(link: str) -> None:
    answering = Answering(little_mesh.SCHEMA, Limits(depth=1_000, cost=10_000))
    codes = set()
    for count in range(80, 210, 3):
        answer = json.loads(answering.answer(Request(chained(count, link), {}, None), None).content)
        codes |= {error["extensions"]["code"] for error in answer.get("errors", [{"extensions": {"code": "none"}}])}
    assert codes == {"none", "query-too-deep"}


# --- what measuring costs ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [18, 40, 60])
def test_the_nodes_that_measuring_visits_grow_with_the_query_and_not_with_its_paths(
    count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = parse(chained(count, "again { NEXT } b: again { NEXT }"))
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    visited: list[Any] = []
    one_by_one = Scales._one

    def counted(scales: Scales, selection: Any, parent: Any) -> Any:
        visited.append(selection)
        return one_by_one(scales, selection, parent)

    monkeypatch.setattr(Scales, "_one", counted)
    (operation,) = (one for one in document.definitions if isinstance(one, OperationDefinitionNode))
    weight = Scales(little_mesh.SCHEMA, fragments, {}).operation(operation)
    assert weight.aliases == 2**count - 1
    assert len(visited) == 4 * count + 2


# --- slow operations --------------------------------------------------------------------------------------------------

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


class Slow(graphene.ObjectType):
    """A field whose statement does not end by itself, one that only sleeps, and one that is quick."""

    stuck = graphene.Int()
    quick = graphene.Int()

    def resolve_stuck(self, info: Any) -> Any:
        with info.context.house.database.reading() as connection:
            return connection.exec_driver_sql(ENDLESS).scalar_one()

    def resolve_quick(self, info: Any) -> Any:
        with info.context.house.database.reading() as connection:
            return connection.exec_driver_sql("SELECT 7").scalar_one()


SLOW = graphene.Schema(query=Slow).graphql_schema


def working() -> int:
    """How many threads of the pool do something now."""
    frames = sys._current_frames()
    names = {one.ident: one.name for one in threading.enumerate()}
    busy = [ident for ident, name in names.items() if name.startswith("AnyIO") and _in_statement(frames.get(ident))]
    return len(busy)


def _in_statement(frame: Any) -> bool:
    while frame is not None:
        if frame.f_code.co_name == "resolve_stuck":
            return True
        frame = frame.f_back
    return False


def test_many_slow_operations_at_once_end_and_the_server_stays_well(house: House, database: Database) -> None:
    limits = Limits(seconds=1.0, at_once=4)
    with served(house, schema=SLOW, limits=limits) as server, ThreadPoolExecutor(12) as clients:
        asked = [clients.submit(server.post, "{ stuck }") for _ in range(12)]
        until(lambda: working() == 4)
        assert httpx.get(f"{server.address}/livez", timeout=10).status_code == 200
        answers = [one.result() for one in asked]
        told = [
            one.json()["errors"][0]["extensions"]["code"] if one.status_code == 200 else one.json()["code"]
            for one in answers
        ]
        assert set(told) <= {"query-timeout", "server-busy"}
        assert told.count("query-timeout") >= 4
        assert {one.status_code for one in answers} <= {200, 503}
        until(lambda: working() == 0)
        assert server.post("{ quick }").json()["data"] == {"quick": 7}
        assert server.counted("meshgate_graphql_operations_total", door="http", outcome="query-timeout") >= 4
    if database.dialect == "postgresql":
        with database.reading() as connection:
            running = (
                "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'WITH RECURSIVE n(i)%%'"
            )
            assert connection.exec_driver_sql(running).scalar_one() == 0


def test_an_answer_that_came_too_late_holds_no_data_of_other_fields(house: House, database: Database) -> None:
    with served(house, schema=SLOW, limits=Limits(seconds=0.5)) as server:
        answer = server.post("{ quick stuck }").json()
    assert answer["data"] is None
    assert [one["extensions"]["code"] for one in answer["errors"]] == ["query-timeout"]
    assert answer["extensions"]["cost"]["limit"] == 10_000


def test_who_waits_too_long_for_a_turn_is_told_when_to_come_again(house: House, sqlite_catalog: Database) -> None:
    house.__dict__["database"] = sqlite_catalog
    limits = Limits(seconds=1.0, at_once=1)
    with served(house, schema=SLOW, limits=limits) as server, ThreadPoolExecutor(4) as clients:
        answers = [one.result() for one in [clients.submit(server.post, "{ stuck }") for _ in range(4)]]
    busy = [one for one in answers if one.status_code == 503]
    assert busy
    assert {(one.json()["code"], one.headers["retry-after"]) for one in busy} == {("server-busy", "5")}
