"""Which words may a query have meant that finds nothing?

Each word is compared with the words of the catalog that begin or end like it and are about as long; the corrected
queries are then asked, so that only what this principal would find is ever proposed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, product
from typing import Any, NamedTuple

from rapidfuzz.distance import OSA, Postfix, Prefix
from sqlalchemy import ColumnElement, Select, and_, bindparam, func, literal, select, union, union_all
from sqlalchemy.sql.selectable import CompoundSelect

from catalog.products import LISTING
from catalog.search.conditions import TEXT, holds, text_matches, text_number
from catalog.search.query import DIALECTS, Word
from catalog.search.shape import Shape
from catalog.tables.row import table_of
from catalog.tables.search import WordRow
from catalog.visible import visible
from engine.model import Principal

WORD = table_of(WordRow)
#: longer queries are not corrected, nor are shorter words
MOST_WORDS = 6
SHORTEST = 3
#: words that begin or end like one are looked through up to this number
MOST_ALIKE = 20_000
MOST_ALTERNATIVES = 3
MOST_TRIED = 8
MOST_PROPOSED = 3


class Proposal(NamedTuple):
    """A corrected query: its text, and the words that stand in it for others."""

    text: str
    changed: tuple[str, ...]


def alike(words: Sequence[Word]) -> CompoundSelect[Any]:
    """The statement that gives the words of the catalog which each of these may have meant: `at`, `term`."""
    return union_all(*(select(_alike(at, raw).subquery()) for at, (raw, _) in enumerate(words)))


def proposals(words: Sequence[Word], rows: Iterable[Any]) -> list[Proposal]:
    """The corrected queries to try, the least changed first."""
    known: dict[int, list[str]] = {}
    for at, term in rows:
        known.setdefault(at, []).append(term)
    choices = [_nearest(raw, known.get(at, [])) for at, (raw, _) in enumerate(words)]
    return list(islice(_combined([raw for raw, _ in words], choices), MOST_TRIED))


def found(dialect: str, principal: Principal, where: Shape, tried: Sequence[Proposal]) -> CompoundSelect[Any]:
    """The statement that says which of the corrected queries find anything under this filter: `at`."""
    return union_all(*(_found(dialect, principal, where, at, one) for at, one in enumerate(tried)))


def _alike(at: int, raw: str) -> Select[Any]:
    length = func.length(WORD.c.term)
    near = (length >= len(raw) - _far(raw), length <= len(raw) + _far(raw))
    either = [select(WORD.c.term).where(_begins(of, start), *near) for of, start in _ends(raw)]
    ends = union(*either).subquery()
    return select(literal(at).label("at"), ends.c.term).order_by(ends.c.term).limit(MOST_ALIKE)


def _begins(of: Any, start: str) -> ColumnElement[bool]:
    return and_(of >= start, of < start + "\U0010ffff")


def _ends(raw: str) -> list[tuple[Any, str]]:
    width = 2 if len(raw) > 4 else 1
    return [(WORD.c.term, raw[:width]), (WORD.c.backwards, raw[::-1][:width])]


def _far(raw: str) -> int:
    """How many letters may be missing, too many, wrong or in the other order."""
    return 2 if len(raw) > 4 else 1


def _nearest(raw: str, terms: Iterable[str]) -> list[tuple[int, str]]:
    """The word itself, and the nearest of its others with their distance."""
    if len(raw) < SHORTEST:
        return [(0, raw)]
    distances = ((OSA.distance(raw, term, score_cutoff=_far(raw)), term) for term in terms if term != raw)
    near = sorted((far, _likeness(raw, term), term) for far, term in distances if far <= _far(raw))
    return [(0, raw), *((far, term) for far, _, term in near[:MOST_ALTERNATIVES])]


def _likeness(raw: str, term: str) -> tuple[bool, bool, int]:
    """Of words equally far away come first: those that begin alike, then those of the same letters in another order,
    then those that are alike for longest from both ends.
    """
    ends = Prefix.similarity(raw, term) + Postfix.similarity(raw, term)
    return (term[0] != raw[0], sorted(term) != sorted(raw), -int(ends))


def _combined(typed: Sequence[str], choices: Sequence[Sequence[tuple[int, str]]]) -> Iterator[Proposal]:
    ways = sorted(product(*choices), key=lambda way: sum(far for far, _ in way))
    for way in ways:
        words = [term for _, term in way]
        changed = tuple(new for old, new in zip(typed, words, strict=True) if old != new)
        if changed:
            yield Proposal(" ".join(words), changed)


def _found(dialect: str, principal: Principal, where: Shape, at: int, tried: Proposal) -> Select[Any]:
    words = DIALECTS[dialect]
    corrected = words.anywhere([(word, ()) for word in tried.text.split()])
    # a corrected word has to be found whole: what it only begins is no word that anybody may see
    condition = f"({corrected}){words.both}({words.condition([(word, ()) for word in tried.changed])})"
    one = select(LISTING.c.number).join(TEXT, text_number(dialect) == LISTING.c.number)
    one = one.where(LISTING.c.until_revision.is_(None), visible(principal, LISTING.c.domain))
    one = one.where(holds(where, dialect, principal))
    one = one.where(text_matches(dialect, bindparam(None, condition))).limit(1)
    return select(literal(at).label("at")).where(one.exists())
