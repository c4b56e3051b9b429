"""Are things that were answered together read together, and only once?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from api.graphql.siblings import Siblings


class Thing(NamedTuple):
    name: str


def test_the_first_that_asks_reads_for_all_and_the_others_for_none() -> None:
    siblings, asked = Siblings(), []

    def lengths(names: list[str]) -> Mapping[str, int]:
        asked.append(names)
        return {name: len(name) for name in names}

    things = siblings.together([Thing("a"), Thing("bb"), Thing("bb")])
    assert [siblings.read(thing, "name", "lengths", lengths) for thing in things] == [1, 2, 2]
    assert asked == [["a", "bb"]]


def test_another_question_is_read_anew_and_a_stranger_for_itself() -> None:
    siblings, asked = Siblings(), []

    def none(names: list[str]) -> Mapping[str, int]:
        asked.append(names)
        return {}

    one, _ = siblings.together([Thing("a"), Thing("b")])
    assert siblings.read(one, "name", "first", none) is None
    assert siblings.read(one, "name", "second", none) is None
    assert siblings.read(Thing("c"), "name", "first", none) is None
    assert asked == [["a", "b"], ["a", "b"], ["c"]]


def test_equal_things_of_different_answers_are_no_siblings() -> None:
    siblings = Siblings()
    first, second = Thing("a"), Thing("a")
    siblings.together([first, Thing("b")])
    siblings.together([second, Thing("c")])
    seen: list[list[str]] = []
    for one in (first, second):
        siblings.read(one, "name", "q", lambda names: seen.append(names) or {})  # type: ignore[func-returns-value]
    assert seen == [["a", "b"], ["a", "c"]]
