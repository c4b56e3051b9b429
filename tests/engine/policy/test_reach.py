"""Which rules does a reference lead to, and does finding that out cost little however many there are?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from engine.policy import reach, syntax
from engine.policy.names import Names
from engine.policy.references import Steps
from engine.policy.syntax import Module
from engine.policy.workers import Workers

NAMES = [("a", "b", "x"), ("a", "b", "y", "one"), ("a", "b", "y", "two"), ("a", "c", "x"), ("a", "bb", "x")]


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    pool = Workers(1, memory_mib=512)
    yield pool
    pool.close()


@pytest.mark.parametrize(
    ("used", "meant"),
    [
        (("a", "b", "x"), {("a", "b", "x")}),
        (("a", "b", "x", "deeper"), {("a", "b", "x")}),
        (("a", "b", "y"), {("a", "b", "y", "one"), ("a", "b", "y", "two")}),
        (("a", "b", "z"), set()),
        (("a", "b"), set()),  # a whole package is no rule
        (("a",), set()),
        ((), set()),
        (("z", "b", "x"), set()),
    ],
)
def test_a_reference_leads_to_a_rule_or_to_those_of_one_package_that_begin_so(used: Steps, meant: set[Steps]) -> None:
    leading = reach.Leading.of(NAMES, [("a", "b"), ("a", "c"), ("a", "bb")])
    assert leading.to(used) == meant


class Step(str):
    """A step that counts how often it is compared or digested."""

    looks = 0

    def __eq__(self, other: object) -> bool:
        Step.looks += 1
        return str.__eq__(self, other)

    def __lt__(self, other: str) -> bool:
        Step.looks += 1
        return str.__lt__(self, other)

    def __hash__(self) -> int:
        Step.looks += 1
        return str.__hash__(self)


def looks(rules: int) -> int:
    """Looks at single steps while as many references as there are rules lead nowhere."""
    leading = reach.Leading.of(((Step("p"), Step(f"r{number}")) for number in range(rules)), [(Step("p"),)])
    Step.looks = 0
    assert not any(leading.to((Step("p"), Step(f"none{number}"))) for number in range(rules))
    return Step.looks


def test_twice_the_rules_and_references_that_lead_nowhere_take_little_more_than_twice_the_looks() -> None:
    few, many = looks(1_000), looks(2_000)
    assert many < 2.5 * few


def looks_below(rules: int) -> int:
    """Looks at single steps while the rules below every one of as many packages are asked for."""
    names = Names((Step("mesh"), Step(f"p{number}"), Step("violation")) for number in range(rules))
    Step.looks = 0
    for number in range(rules):
        assert len(names.below((Step("mesh"), Step(f"p{number}")))) == 1
    return Step.looks


def test_twice_the_policies_take_little_more_than_twice_the_looks_at_their_rules() -> None:
    few, many = looks_below(1_000), looks_below(2_000)
    assert many < 2.5 * few


class Text(bytes):
    """A text that counts how many of its bytes are cut out of it."""

    cut = 0

    def __getitem__(self, key: object) -> bytes:  # type: ignore[override]
        got = bytes.__getitem__(self, key)  # type: ignore[call-overload]
        Text.cut += len(got)
        return bytes(got)


def unmatched(lines: int, workers: Workers) -> Module:
    text = "package p\n\nimport rego.v1\n\n" + "".join(f"r{one} if data.p.none{one}\n" for one in range(lines))
    with workers.one(patience=5) as worker:
        made = syntax.module(worker.syntax({"p.rego": text}, seconds=5)[0])
    return replace(made, text=Text(made.text))


def test_telling_where_they_stand_reads_each_line_once(workers: Workers) -> None:
    module = unmatched(500, workers)
    Text.cut = 0
    _, flaws = reach.follow([module])
    assert [flaw.line for flaw in flaws] == list(range(5, 505))
    assert {flaw.column for flaw in flaws[:10]} == {7}
    assert Text.cut < len(module.text)
