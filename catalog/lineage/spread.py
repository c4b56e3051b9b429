"""How far is everything from where a walk begins, and what of it may be left out? (Graphs in memory, no store.)"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping

Ways = Mapping[str, Collection[tuple[str, int]]]
"""Where each vertex leads: the next one, and whether that is a step (1) or stays inside a product (0)."""


def ways(arrows: Iterable[tuple[str, str, int]]) -> Ways:
    """The ways of arrows (from, to, step), each once."""
    found: dict[str, dict[tuple[str, int], None]] = defaultdict(dict)
    for source, target, step in arrows:
        found[source][target, step] = None
    return found


def distances(starts: Iterable[str], ways: Ways, depth: int | None) -> dict[str, int]:
    """The fewest steps to everything within `depth`, nearest first (breadth first; ways of no step go first)."""
    met: dict[str, int] = {}
    waiting = deque((start, 0) for start in starts)
    while waiting:
        here, far = waiting.popleft()
        if here in met:
            continue
        met[here] = far
        for there, step in ways.get(here, ()):
            if there not in met and (depth is None or far + step <= depth):
                (waiting.append if step else waiting.appendleft)((there, far + step))
    return met


def on_the_way(met: Collection[str], wanted: Iterable[str], back: Ways) -> set[str]:
    """What of a walk lies between its starts and something wanted, both included.

    `back` leads from what was met towards the starts.
    """
    kept = {one for one in wanted if one in met}
    waiting = list(kept)
    while waiting:
        for there, _ in back.get(waiting.pop(), ()):
            if there in met and there not in kept:
                kept.add(there)
                waiting.append(there)
    return kept
