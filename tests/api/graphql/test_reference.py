"""Does the reference page name every error code and every limit, and none that there is not?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from commands import MESH
from doors import a_house
from starlette.testclient import TestClient

from api.graphql import documents
from api.graphql.limits import Limits
from api.http.app import create_app

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs/reference/graphql.md").read_text("utf-8")
ROWS = {row[1]: row[2].strip() for row in re.finditer(r"^\| `([a-z-]+)` \|.*\| *([^|]*)\|$", PAGE, re.MULTILINE)}
CALLS = (r'(?:refused|_within)\(\s*"([a-z-]+)"', r'Refused\(.*, "([a-z-]+)"\)', r'"code": "([a-z-]+)"')


def test_the_page_names_exactly_the_codes_of_the_code() -> None:
    sources = "\n".join(path.read_text("utf-8") for path in (ROOT / "api/graphql").rglob("*.py"))
    found = {code for call in CALLS for code in re.findall(call, sources)}
    assert ROWS.keys() == found | set(documents.GUARDS.values()) | {"query-invalid"}


def test_the_page_tells_the_limits_that_hold() -> None:
    limits = Limits()
    assert f"beyond {limits.body // 1024} KiB" in PAGE
    told = {code: limit for code, limit in ROWS.items() if limit}
    assert told == {
        "query-too-large": f"{limits.tokens:,}",
        "query-too-deep": str(limits.depth),
        "too-many-aliases": str(limits.aliases),
        "page-too-large": str(limits.page),
        "query-too-expensive": f"{limits.cost:,}",
        "query-timeout": f"{limits.seconds:g}",
        "introspection-too-deep": str(limits.introspection_depth),
        "too-many-operations": str(limits.operations),
    }


# --- the conversations of the page ----------------------------------------------------------------------------------


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with a_house(tmp_path) as house, TestClient(create_app(house), base_url="http://127.0.0.1") as one:
        orders = (MESH / "sales" / "orders.yaml").read_bytes()
        one.post("/v1/descriptors", content=orders, headers={"content-type": "application/yaml"})
        yield one


def lines(kind: str) -> list[tuple[str, Any]]:
    """What is said (`>`) and answered (`<`) in the one block of this kind."""
    (block,) = re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return [(line[0], json.loads(line[2:])) for line in block.splitlines()]


def test_the_requests_of_the_page_are_answered_as_it_shows(client: TestClient) -> None:
    said = [value for _, value in lines("post")]
    for request, answer in zip(said[::2], said[1::2], strict=True):
        assert client.post("/graphql", json=request).json() == answer


def test_the_websocket_of_the_page_says_what_it_shows(client: TestClient) -> None:
    with client.websocket_connect("/graphql", ["graphql-transport-ws"], headers={"host": "127.0.0.1"}) as socket:
        for side, value in lines("websocket"):
            if side == ">":
                socket.send_json(value)
            else:
                assert socket.receive_json() == value


def test_the_page_tells_the_bounds_of_websockets() -> None:
    limits = Limits()
    for told in (
        f"no `connection_init` within {limits.init_seconds:g} seconds",
        f"no message for {limits.idle_seconds / 60:g} minutes",
        f"took no message for {limits.send_seconds:g} seconds",
        f"each with {limits.operations} operations at once",
        f"message beyond {limits.body // 1024} KiB",
    ):
        assert told in PAGE
