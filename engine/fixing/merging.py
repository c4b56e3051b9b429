"""How do changes made to a reformatted copy of a text come into the text itself?"""

from __future__ import annotations

from difflib import SequenceMatcher


def merged(text: str, before: str, after: str) -> str | None:
    """`text` with the lines changed that differ between `before` (its reformatted copy) and `after`.

    None where a changed line is one that was reformatted.
    """
    if before == text:
        return after
    mine, old, new = (one.splitlines(keepends=True) for one in (text, before, after))
    at = _same_lines(old, mine)
    found: list[str] = []
    done = 0
    for word, first, last, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if word == "equal":
            continue
        place = at.get(first) if first < last else _gap(at, first, len(old), len(mine))
        if place is None or any(at.get(line) != place + line - first for line in range(first, last)):
            return None
        found += [*mine[done:place], *new[start:end]]
        done = place + last - first
    return "".join([*found, *mine[done:]])


def _same_lines(old: list[str], mine: list[str]) -> dict[int, int]:
    blocks = SequenceMatcher(None, old, mine, autojunk=False).get_matching_blocks()
    return {block.a + line: block.b + line for block in blocks for line in range(block.size)}


def _gap(at: dict[int, int], line: int, most: int, end: int) -> int | None:
    """Where lines that are put in before `line` go; None where neither neighbour is known."""
    if line == most:
        return end if line - 1 in at and at[line - 1] == end - 1 else None
    if line in at:
        return at[line]
    return at[line - 1] + 1 if line - 1 in at else None
