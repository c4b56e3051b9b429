"""How do the programs that reports are written for read them: a runner, a browser, a Markdown page, a SARIF viewer?"""

from __future__ import annotations

import json
import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple

from jsonschema import Draft4Validator
from markdown_it import MarkdownIt

COMMAND = re.compile(r"^::(?P<command>[a-z]+)(?: (?P<properties>[^:]*))?::(?P<data>.*)$")


class Said(NamedTuple):
    """One workflow command, unescaped as the runner does it (actions/runner, ActionCommand)."""

    command: str
    properties: dict[str, str]
    data: str


def heard(told: str) -> list[Said]:
    """Every line that a runner would take for a command."""
    lines = [line for line in re.split("\r\n|\r|\n", told) if line.lstrip().startswith("::")]
    return [_parsed(line) for line in lines]


def _parsed(line: str) -> Said:
    parts = COMMAND.match(line)
    assert parts, line
    pairs = [pair.split("=", 1) for pair in (parts["properties"] or "").split(",") if pair]
    properties = {name: _plain(value.replace("%3A", ":").replace("%2C", ",")) for name, value in pairs}
    return Said(parts["command"], properties, _plain(parts["data"]))


def _plain(text: str) -> str:
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")


VOID = {"meta", "br"}


class Page(HTMLParser):
    """The elements of a page; a tag that closes another than the one open is an error."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {(name, value or "") for name, value in attrs}
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return "".join(self.words)


class Tags(HTMLParser):
    """Which elements, links and words a browser would make of the comment."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.words: list[str] = []
        self.feed(MarkdownIt("commonmark", {"html": True}).enable("table").render(text))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.words).replace("\u200b", ""))


@cache
def _sarif() -> Draft4Validator:
    schema = Path(__file__).parent / "engine" / "report" / "sarif" / "sarif-2.1.0-rtm.5.json"
    return Draft4Validator(json.loads(schema.read_text("utf-8")))


def sarif_run(told: str) -> dict[str, Any]:
    """The one run of a SARIF log that is valid against the schema of SARIF 2.1.0."""
    log = json.loads(told)
    _sarif().validate(log)
    (one,) = log["runs"]
    return dict(one)
