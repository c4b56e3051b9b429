"""Does a report of any length leave nothing in memory but the document that is being told?"""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import make
import pytest
from every_case import REJECTED, RULES

from engine.report import (
    baseline,
    counts,
    exit_code,
    github,
    gitlab,
    html,
    json,
    junit,
    markdown,
    places,
    record,
    sarif,
    text,
)
from engine.report.entries import Entry

Pieces = Callable[[dict[str, Any]], Iterable[str]]

FORMATS: dict[str, Pieces] = {
    "text": lambda report: text.render(report, verbose=True),
    "json": json.render,
    "sarif": lambda report: sarif.render(report, rules=RULES),
    "junit": junit.render,
    "github": lambda report: github.render(report, rules=RULES),
    "gitlab": gitlab.render,
    "markdown": lambda report: markdown.render(report, rules=RULES),
    "html": lambda report: html.render(report, rules=RULES),
}
NAME = 512
"""Bytes that a format may keep of each document: its name, to tell it from others."""


class Held(dict[str, Any]):
    """An entry that is counted while it is alive."""

    alive = most = 0

    def __init__(self, entry: Entry) -> None:
        super().__init__(entry)
        Held.alive += 1
        Held.most = max(Held.most, Held.alive)

    def __del__(self) -> None:
        Held.alive -= 1


@dataclass(frozen=True)
class Many:
    """As many rejected documents as wanted, made each time they are asked for."""

    count: int
    start: Entry = field(default_factory=lambda: record.document(REJECTED, file="orders.yaml"))

    def __iter__(self) -> Iterator[Entry]:
        for number in range(self.count):
            product = {**self.start["product"], "name": f"orders-{number}"}
            yield Held({**self.start, "file": f"orders-{number}.yaml", "product": product})

    def __len__(self) -> int:
        return self.count


def told(pieces: Pieces, count: int) -> tuple[int, int]:
    """Bytes held at the most while everything is told as the command tells it, and how long the longest piece was."""
    before = gc.get_threshold()
    gc.set_threshold(700, 10, 10)  # a command that ran in this process before may have asked for fewer collections
    gc.collect()
    tracemalloc.start()
    try:
        report = places.below(baseline.applied(record.report(Many(count)), (), "/here"), "/here")
        longest = max(map(len, pieces(report)))
        assert exit_code(report) == 1
        assert counts.counts(report).policies["fail"] == count
        return tracemalloc.get_traced_memory()[1], longest
    finally:
        tracemalloc.stop()
        gc.set_threshold(*before)


@pytest.mark.parametrize("form", FORMATS)
def test_a_format_holds_no_more_of_many_documents_than_of_few(form: str) -> None:
    told(FORMATS[form], 1)  # what is loaded once is no part of it
    few, longest_of_few = told(FORMATS[form], 30)
    Held.most = 0
    many, longest_of_many = told(FORMATS[form], 300)
    assert Held.most <= 3
    assert many - few < 270 * NAME
    # Markdown is one comment, which has a size of its own.
    assert longest_of_many <= (markdown.SIZE if form == "markdown" else longest_of_few + 100)


def test_a_report_of_one_product_many_times_numbers_what_is_equal() -> None:
    same = record.report([record.document(make.decision(), file="orders.yaml")] * 3)
    told = "".join(gitlab.render(same))
    fingerprints = [line for line in told.splitlines() if '"fingerprint"' in line]
    assert len(set(fingerprints)) == len(fingerprints) == 3


def test_what_no_longer_occurs_is_found_without_keeping_what_does() -> None:
    old = frozenset([baseline.Old("orders-1.yaml", "a/b", "0" * 64)])
    Held.most = 0
    gone = baseline.rest(old, baseline.found(record.report(Many(300)), "/here"), judged=lambda file: True)
    assert (gone, Held.most <= 3) == (old, True)
