"""Which of these files are Rego, and at which place are the others not?"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.model import Json
from engine.policy import syntax
from engine.policy.flaws import Flaw
from engine.policy.modules import Source
from engine.policy.syntax import Module
from engine.policy.worker import NotLoaded, Refused, WorkerLost
from engine.policy.workers import Workers

_SECONDS = 20.0
_PATIENCE = 5.0
"""Seconds for one file alone, once it is known that one of them keeps the parser from ending."""
_PLACE = re.compile(r"(?P<file>.+):(?P<line>\d+):(?P<column>\d+): (?P<msg>.*)", re.DOTALL)
_TAB = 4


@dataclass(frozen=True, slots=True)
class Parsed:
    """One file with its syntax tree."""

    source: Source
    module: Module
    tree: Mapping[str, Json]


def parsed(pool: Workers, sources: Sequence[Source]) -> tuple[list[Parsed], list[Flaw]]:
    """Every file that can be read, and one flaw for each that cannot. Raises PolicyEngineUnavailable."""
    try:
        return _read(pool, sources, _SECONDS), []
    except (Refused, WorkerLost, NotLoaded):
        pass  # one of them is to blame: each is asked alone
    found: list[Parsed] = []
    flaws = []
    for source in sources:
        try:
            found += _read(pool, [source], _PATIENCE)
        except (Refused, WorkerLost, NotLoaded) as reason:
            flaws.append(refused(str(reason), [source], "PL102"))
    return found, flaws


def refused(reason: str, sources: Sequence[Source], code: str) -> Flaw:
    """A refusal of the engine as a flaw, at the place that it names, else at the first of the files it was given."""
    texts = {str(source.file): source.text for source in sources}
    found = _PLACE.fullmatch(reason)
    if found is None or found["file"] not in texts:
        return Flaw(next(iter(texts), ""), 1, 1, code, reason)
    line = int(found["line"])
    column = _column(texts[found["file"]], line, int(found["column"]))
    return Flaw(found["file"], line, column, code, found["msg"])


def _read(pool: Workers, sources: Sequence[Source], seconds: float) -> list[Parsed]:
    with pool.one(patience=_SECONDS) as worker:
        trees = worker.syntax({str(one.file): one.text for one in sources}, seconds=seconds)
    return [Parsed(one, syntax.module(tree), tree) for one, tree in zip(sources, trees, strict=True)]


def _column(text: str, line: int, shown: int) -> int:
    """The column in characters: regorus counts a tab as several."""
    lines = text.split("\n")
    at = 1
    for column, character in enumerate(lines[line - 1] if line <= len(lines) else "", start=1):
        if at >= shown:
            return column
        at += _TAB if character == "\t" else 1
    return max(1, shown - at + 1 + len(lines[line - 1])) if line <= len(lines) else 1
