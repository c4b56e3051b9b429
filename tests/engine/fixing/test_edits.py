"""Are two changes kept apart that would spoil one another?"""

from __future__ import annotations

import pytest

from engine.fixing.edits import Action, Edit


def edit(*steps: str | int, action: Action = Action.SET, file: str = "a.yaml") -> Edit:
    return Edit(file, steps, action, "x")


@pytest.mark.parametrize(
    ("one", "other", "clash"),
    [
        (edit("a"), edit("b"), False),
        (edit("a"), edit("a"), True),
        (edit("a"), edit("a", "b"), True),
        (edit("a"), edit("a", file="b.yaml"), False),
        (edit("t", 0), edit("t", 1), False),
        (edit("t", 0, action=Action.REMOVE), edit("t", 1), True),
        (edit("t", 0, action=Action.REMOVE), edit("t", 1, "name"), True),
        (edit("t", 2, action=Action.INSERT), edit("t", 0, action=Action.REMOVE), True),
        (edit("t", 0, action=Action.REMOVE), edit("u", 1, "name"), False),
        (edit("t", "k", action=Action.REMOVE), edit("t", "l"), False),
    ],
)
def test_changes_clash_where_one_moves_or_holds_the_place_of_the_other(one: Edit, other: Edit, clash: bool) -> None:
    assert (one.clashes(other), other.clashes(one)) == (clash, clash)
