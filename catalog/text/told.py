"""Do the stored tokens of a listing hold the words of a query? (What SQLite's full text index finds, row by row.)

The index gives all rows of a word. Of a word that a great part of the catalog has, only the first rows in stored order
are wanted: there it is cheaper to look into these one by one, and it costs the same however many more there are.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache

Word = tuple[str, Sequence[str]]


def spec(words: Sequence[Word]) -> str:
    """The words of a query as `holds` takes them."""
    return json.dumps(words)


def holds(asked: str, begins: int, *tiers: str) -> bool:
    """Every word is found in these tiers as its raw token or as all of its parts, the last one perhaps only begun."""
    text = f" {' '.join(tiers)} "
    words = _read(asked)
    last = len(words) - 1
    return all(_found(raw, parts, text, bool(begins) and at == last) for at, (raw, parts) in enumerate(words))


def _found(raw: str, parts: Sequence[str], text: str, begins: bool) -> bool:
    end = "" if begins else " "
    if f" {raw}{end}" in text:
        return True
    last = len(parts) - 1
    return bool(parts) and all(f" {one}{end if at == last else ' '}" in text for at, one in enumerate(parts))


@lru_cache(maxsize=256)
def _read(asked: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((raw, tuple(parts)) for raw, parts in json.loads(asked))
