"""How does one change made to a reformatted copy of a text come into the text itself?"""

from __future__ import annotations

from collections.abc import Sequence

_AHEAD = 30
"""How many lines a writer may have put in or left out before its copy is taken for another text."""


def merged(text: str, before: str, after: str) -> str | None:
    """`text` with the lines changed that differ between `before` (its reformatted copy) and `after`.

    None where a changed line is one that was reformatted. Lines are compared in one walk, in linear time.
    """
    if before == text:
        return after
    mine, old, new = (one.splitlines(keepends=True) for one in (text, before, after))
    first = _equal(old, new)
    behind = min(_equal(old[::-1], new[::-1]), len(old) - first, len(new) - first)
    last, end = len(old) - behind, len(new) - behind
    at = _same_lines(old, mine)
    place = at.get(first) if first < last else _gap(at, first, len(old), len(mine))
    if place is None or any(at.get(line) != place + line - first for line in range(first, last)):
        return None
    return "".join([*mine[:place], *new[first:end], *mine[place + last - first :]])


def _equal(one: Sequence[str], other: Sequence[str]) -> int:
    """How many lines at the beginning are the same."""
    number = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        number += 1
    return number


def _same_lines(old: Sequence[str], mine: Sequence[str]) -> dict[int, int]:
    """Which line of `mine` each line of `old` is that was not reformatted."""
    bare_old, bare_mine = [_bare(line) for line in old], [_bare(line) for line in mine]
    at: dict[int, int] = {}
    left = right = 0
    while left < len(old) and right < len(mine):
        if bare_old[left] != bare_mine[right]:
            if (skip := _next_same(bare_old[left : left + _AHEAD], bare_mine[right : right + _AHEAD])) is None:
                break
            left, right = left + skip[0], right + skip[1]
        if old[left] == mine[right]:
            at[left] = right
        left, right = left + 1, right + 1
    return at


def _bare(line: str) -> str:
    return "".join(line.split())


def _next_same(old: Sequence[str], mine: Sequence[str]) -> tuple[int, int] | None:
    """How far each has to go on until both come to the same line."""
    meetings = ((left, right) for left, one in enumerate(old) for right, other in enumerate(mine) if one == other != "")
    return min(meetings, key=sum, default=None)


def _gap(at: dict[int, int], line: int, most: int, end: int) -> int | None:
    """Where lines that are put in before `line` go; None where neither neighbour is known."""
    if line == most:
        return end if line - 1 in at and at[line - 1] == end - 1 else None
    if line in at:
        return at[line]
    return at[line - 1] + 1 if line - 1 in at else None
