"""Which term of a line looks like a filter that somebody mistyped, and what may have been meant?"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

from rapidfuzz.distance import OSA

from catalog.search.where import WITH_ORDER

#: shorter names may begin anything
SHORTEST = 3
_NEEDED = {
    "version": "versions by SemVer such as 1.4.0",
    "trust": "a number such as 0.8",
    "updated": "a day such as 2026-11-23, or a moment with its time zone",
    "compliance": "compliant, non_compliant or undecided",
}


class Hint(NamedTuple):
    """A term that was read as words, why, and the line with the term that may have been meant, if one is likely."""

    term: str
    says: str
    line: str | None


def hint(term: re.Match[str], field: str | None, fields: Collection[str]) -> Hint | None:
    """What to say of this term, which was read as words though it is written as a filter; `field` is its field."""
    key = term[2]
    if field is not None:
        return None if field not in _NEEDED else Hint(term[0], _not_compared(field), None)
    meant = _nearest(key.lower(), fields)
    if meant is None:
        return None
    start, line = term.start(2), term.string
    says = f"There is no field `{key}`: it was read as words. Is `{meant}` meant?"
    return Hint(term[0], says, f"{line[:start]}{meant}{line[start + len(key) :]}".strip())


def _not_compared(field: str) -> str:
    signs = ", perhaps after one of < <= > >=" if field in WITH_ORDER else ""
    return f"`{field}` compares with {_NEEDED[field]}{signs}: it was read as words."


def _nearest(key: str, fields: Collection[str]) -> str | None:
    """The field whose name is most like it; one that it begins stands behind one that differs in a letter or two."""
    if len(key) < SHORTEST:
        return None
    far = 2 if len(key) > 4 else 1
    near = [(OSA.distance(key, one), one) for one in fields]
    found = [pair for pair in near if pair[0] <= far] + [(far + 1, one) for one in fields if one.startswith(key)]
    return min(found)[1] if found else None
