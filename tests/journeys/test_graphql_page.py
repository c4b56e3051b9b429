"""Does the guide to GraphQL show what a server really answers? (Every example of it is asked, in its order.)"""

from __future__ import annotations

import contextlib
import io
import json
import re
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from commands import GOOD, MESH, ROOT, Terminal
from doors import a_house, a_server

from api.flows.scoring import keep_up

PAGE = (ROOT / "docs" / "howto" / "graphql.md").read_text("utf-8")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = BLOCK.findall(PAGE)
EXAMPLES = list(zip(BLOCKS[::2], BLOCKS[1::2], strict=True))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    terminal = Terminal(tmp_path_factory.mktemp("guide"))
    assert terminal.run("submit", "--quiet", *(MESH / domain for domain in GOOD)).code == 0
    with a_house(terminal.data_dir) as house:
        while keep_up(house):
            pass
    with a_server(terminal.data_dir) as (address, _):
        yield address


def printed(server: str, last: int) -> str:
    """What the Python of this example prints after all Python before it: its parts build on one another."""
    names: dict[str, Any] = {"server": server}
    for (kind, text), _ in EXAMPLES[: last + 1]:
        if kind == "python":
            said = io.StringIO()
            with contextlib.redirect_stdout(said):
                exec(compile(text, "graphql.md", "exec"), names)
    return said.getvalue()


def answered(server: str, body: str) -> Any:
    headers = {"content-type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(f"{server}/graphql", body.encode(), headers)) as answer:
        return json.load(answer)


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_an_example_is_answered_as_the_guide_shows(server: str, number: int) -> None:
    (kind, text), (_, answer) = EXAMPLES[number]
    if kind == "python":
        assert printed(server, number) == answer
    elif kind == "graphql":
        told = answered(server, json.dumps({"query": text}))
        assert "errors" not in told
        assert told["data"] == json.loads(answer)
    else:
        assert answered(server, text) == json.loads(answer)


def test_the_guide_has_examples_of_all_that_it_speaks_of() -> None:
    kinds = [(asked[0], shown[0]) for asked, shown in EXAMPLES]
    assert set(kinds) == {("python", "text"), ("graphql", "json"), ("json", "json")}
    assert len(kinds) >= 10
