"""How is one line such as `orders domain:sales -status:deprecated "quoted phrase"` read?

A term is a filter when it begins with the name of a field and a colon, and its value can be compared; a `-` before a
term means that it must not hold. Everything else is words, so any text is a safe query. What looks like a filter that
somebody mistyped is words too, with a hint that says so: an answer to another question would be a worse surprise.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from catalog.search import measured
from catalog.search.hints import Hint, hint
from catalog.search.where import FIELDS, ORDERED, WITH_ORDER, Is, Not, Operator, Says, Where, together
from catalog.text.words import sequence
from engine.descriptor.versions import is_semver

#: terms that are read as filters; further ones are words
MOST_FILTERS = 32
MOST_HINTS = 5
_TERM = re.compile(r'(-?)(?:([A-Za-z]+):)?(?:"([^"]*)"|(\S+))')
_SIGNS = {">=": Operator.GTE, "<=": Operator.LTE, ">": Operator.GT, "<": Operator.LT, "=": Operator.EQ}
#: what a value has to be read as, None where it cannot be
_READ: Mapping[str, Callable[[str], object]] = {
    "version": lambda told: told if is_semver(told) else None,
    "trust": measured.number,
    "updated": measured.span,
    "compliance": measured.state,
}
_NAMES = {**{field: field for field in FIELDS}, "updatedat": "updated"}


class Line(NamedTuple):
    """What one line asks for: words, the tree of its filters, these as they were typed, and what looks mistyped."""

    words: str
    where: Where
    filters: str
    hints: tuple[Hint, ...]


def read(line: str) -> Line:
    """The words and filters of a line."""
    words: list[str] = []
    typed: list[str] = []
    filters: list[Where] = []
    hints: list[Hint] = []
    for term in _TERM.finditer(line):
        found = _filter(term) if len(filters) < MOST_FILTERS else None
        if found is not None:
            filters.append(found)
        if isinstance(found, Says):
            words.append(term[3])
        else:
            (words if found is None else typed).append(term[0])
        if len(filters) < MOST_FILTERS and len(hints) < MOST_HINTS:
            hints.extend(_hints(term))
    return Line(" ".join(words) if filters else line, together(*filters), " ".join(typed), tuple(hints))


def _hints(term: re.Match[str]) -> Iterator[Hint]:
    """What to say of a term that is written as a filter and is none; at most one."""
    if term[2] is not None and _comparison(term) is None:
        found = hint(term, _NAMES.get(term[2].lower()), FIELDS)
        if found is not None:
            yield found


def _filter(term: re.Match[str]) -> Where | None:
    minus, key, quoted, plain = term.groups()
    told = quoted if quoted is not None else plain
    condition = _comparison(term)
    if condition is None and (minus or quoted is not None) and (key is None or key.lower() not in _NAMES):
        text = told if key is None else f"{key}:{told}"
        condition = Says(text, phrase=quoted is not None) if sequence(text) else None
    return Not(condition) if minus and condition is not None else condition


def _comparison(term: re.Match[str]) -> Where | None:
    """What a filter asks for; None where it is none, or cannot be compared."""
    _, key, quoted, plain = term.groups()
    field = _NAMES.get((key or "").lower())
    if field is None:
        return None
    if field in _READ:
        return _measured(field, plain if quoted is None else quoted)
    if quoted is not None:
        return Is(field, Operator.EQ, (quoted,))
    if plain.endswith("*"):
        return Is(field, Operator.STARTS_WITH, (plain.rstrip("*"),))
    values = tuple(value for value in plain.split(",") if value)
    return Is(field, Operator.EQ, values) if values else None


def _measured(field: str, told: str) -> Where | None:
    """Of a field whose values have an order or are a closed set: one value after a sign, or several without."""
    sign = next((sign for sign in _SIGNS if told.startswith(sign)), "") if field in WITH_ORDER else ""
    operator = _SIGNS[sign] if sign else Operator.EQ
    rest = told[len(sign) :]
    values = (rest,) if operator in ORDERED else tuple(rest.split(","))
    return Is(field, operator, values) if all(_READ[field](value) is not None for value in values) else None
