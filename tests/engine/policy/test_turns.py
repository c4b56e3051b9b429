"""Does every policy get a turn before one that runs away gets another?"""

from __future__ import annotations

import pytest

from engine.model import Answer, PolicyFailure
from engine.policy import turns


class Asked:
    """Policies that need so many seconds each, asked on a clock of their own."""

    def __init__(self, **needs: float) -> None:
        self.needs, self.now, self.turns = needs, 0.0, list[tuple[str, float]]()

    def ask(self, policy: str, seconds: float) -> Answer:
        self.turns.append((policy, round(seconds, 3)))
        self.now += min(seconds, self.needs[policy])
        if self.needs[policy] > seconds:
            raise turns.Unfinished(f"late after {seconds:.1f}")
        return ()

    def all(self, seconds: float) -> dict[str, Answer]:
        return turns.one_by_one(list(self.needs), self.ask, seconds=seconds, clock=lambda: self.now)


def test_who_runs_away_gets_what_the_others_leave() -> None:
    asked = Asked(a=9, b=0, c=9, d=1)
    found = asked.all(10)
    assert found == {
        "a": PolicyFailure("a", "late after 2.8"),
        "b": (),
        "c": PolicyFailure("c", "late after 2.8"),
        "d": (),
    }
    assert asked.turns == [("a", 0.5), ("b", 0.5), ("c", 0.5), ("d", 0.5), ("a", 2.833), ("c", 2.833), ("d", 2.833)]


def test_slow_policies_get_their_second_turn_as_well() -> None:
    assert Asked(a=3, b=3).all(10) == {"a": (), "b": ()}


def test_nobody_is_called_unasked_who_was_asked() -> None:
    late = Asked(**{f"p{n:02}": 9 for n in range(40)})
    found = late.all(5)
    assert [failure.reason for failure in found.values() if isinstance(failure, PolicyFailure)] == [
        "late after 0.1"
    ] * 40


def test_a_turn_that_took_longer_than_it_should_leaves_the_last_unasked() -> None:
    late = Asked(a=0, b=0)
    late.ask = lambda policy, seconds: (setattr(late, "now", 9.0), ())[1]  # type: ignore[method-assign]
    assert late.all(5) == {"a": (), "b": PolicyFailure("b", turns.NOT_ASKED)}


@pytest.mark.parametrize(("count", "turn"), [(1, 1.0), (5, 0.2), (20, 0.2), (100, 0.05)])
def test_a_first_turn_is_small_but_long_enough_to_answer_in(count: int, turn: float) -> None:
    assert turns.first_turn(count, 5) == turn
