"""Is a policy that anybody may send held to what looking at it may cost the server?"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest

from engine.errors import BundleInvalid, PolicyEvaluationFailed
from engine.policy import reach, single, syntax
from engine.policy.workers import Workers

HEAD = "package trial\n\nimport rego.v1\n\nallow if input.a\n"


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    pool = Workers(1, memory_mib=512)
    yield pool
    pool.close()


def with_rules(count: int) -> str:
    return HEAD + "".join(f"r{number} if input.a\n" for number in range(count - 1))


def test_a_policy_may_have_many_rules_but_not_any_number(workers: Workers) -> None:
    assert single.said(workers, with_rules(single.RULES), {"a": True}).allowed
    with pytest.raises(BundleInvalid, match="has more than 1000 rules"):
        single.said(workers, with_rules(single.RULES + 1), {"a": True})


def test_a_policy_may_be_long_but_not_of_any_length(workers: Workers) -> None:
    line = "# " + "x" * 500 + "\n"
    count = (single.LARGEST - len(HEAD)) // len(line)
    assert single.said(workers, HEAD + line * count, {"a": True}).allowed
    with pytest.raises(BundleInvalid, match="longer than 128 KiB"):
        single.said(workers, HEAD + line * (count + 1), {"a": True})


def test_twice_the_rules_take_twice_the_steps_to_follow(workers: Workers) -> None:
    few, many = (calls_to_follow(with_rules(count), workers) for count in (400, 800))
    assert many < 2.5 * few


def test_a_policy_may_not_say_more_than_anybody_would_read(workers: Workers) -> None:
    told = f'said := "{"x" * 900}"\n\neach := [said | some _ in numbers.range(1, 100)]\n\n'
    repeated = "every_one := [each | some _ in numbers.range(1, {})]\n"
    assert single.said(workers, HEAD + told + repeated.format(100), {"a": True}).allowed
    with pytest.raises(PolicyEvaluationFailed, match="its answer is larger than 16 MiB"):
        single.said(workers, HEAD + told + repeated.format(250), {"a": True})
    assert single.said(workers, HEAD, {"a": True}).allowed


def calls_to_follow(text: str, workers: Workers) -> int:
    """How many functions are called to follow what the rules of this text use."""
    with workers.one(patience=single.SECONDS) as worker:
        module = syntax.module(worker.syntax({single.FILE: text}, seconds=single.SECONDS)[0])
    calls = 0

    def count(frame: Any, event: str, argument: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        reach.follow([module])
    finally:
        sys.setprofile(before)
    return calls
