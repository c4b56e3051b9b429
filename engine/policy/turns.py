"""How do policies that were asked together in vain get their turns, so that each answers for itself?"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from engine.model import Answer, Finding, PolicyFailure

_PART = 5
"""The first turns of all together take this part of the time at most, where that leaves each `LEAST` seconds."""
LEAST = 0.2
NOT_ASKED = "it was not asked: other policies had used up the time"


class Unfinished(Exception):
    """The policy did not finish in its turn; the message says so."""


class Alone(tuple[Finding, ...]):
    """Findings of a policy that was asked by itself where others had been asked with it.

    A policy can see who else is asked (`input._context.policies`), so this need not be what it says among others.
    """

    __slots__ = ()


def one_by_one(
    asked: Sequence[str],
    ask: Callable[[str, float], Answer],
    *,
    seconds: float,
    clock: Callable[[], float] = time.monotonic,
) -> dict[str, Answer]:
    """What each policy answers when `ask` is given its name and the seconds of its turn, all within `seconds`.

    Every policy gets a small equal turn first, so that none waits behind those that run away; then those that did not
    finish (`ask` raised Unfinished) share what is left. Who never finishes has failed, and says so.
    """
    end = clock() + seconds
    turn = first_turn(len(asked), seconds)
    found: dict[str, Answer] = {}
    late = [policy for policy in asked if _unfinished(found, policy, ask, min(turn, end - clock()))]
    for place, policy in enumerate(late):
        longer = (end - clock()) / (len(late) - place)
        if longer > turn:
            _unfinished(found, policy, ask, longer)
    return found


def first_turn(count: int, seconds: float) -> float:
    """The seconds of each first turn: a small part of the time, but enough to answer in, unless many share little."""
    return max(seconds / (_PART * count), min(LEAST, seconds / count))


def _unfinished(found: dict[str, Answer], policy: str, ask: Callable[[str, float], Answer], turn: float) -> bool:
    """Note what the policy answers in its turn, or why it does not; whether it ran out of time."""
    if turn <= 0:
        found[policy] = PolicyFailure(policy, NOT_ASKED)
        return False
    try:
        answer = ask(policy, turn)
    except Unfinished as reason:
        found[policy] = PolicyFailure(policy, str(reason))
        return True
    found[policy] = answer if isinstance(answer, PolicyFailure) else Alone(answer)
    return False
