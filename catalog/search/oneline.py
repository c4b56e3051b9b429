"""How is one line such as `orders domain:sales -status:deprecated "quoted phrase"` read?

A term is a filter when it begins with the name of a field and a colon, and its value can be compared; a `-` before a
term means that it must not hold. Everything else is words, so any text is a safe query.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from catalog.search.where import FIELDS, ORDERED, Is, Not, Operator, Says, Where, together
from catalog.text.words import sequence
from engine.descriptor.versions import is_semver

#: terms that are read as filters; further ones are words
MOST_FILTERS = 32
_TERM = re.compile(r'(-?)(?:([A-Za-z]+):)?(?:"([^"]*)"|(\S+))')
_SIGNS = {">=": Operator.GTE, "<=": Operator.LTE, ">": Operator.GT, "<": Operator.LT, "=": Operator.EQ}


class Line(NamedTuple):
    """What one line asks for: words, the tree of its filters, and these filters as they were typed."""

    words: str
    where: Where
    filters: str


def read(line: str) -> Line:
    """The words and filters of a line."""
    words: list[str] = []
    typed: list[str] = []
    filters: list[Where] = []
    for term in _TERM.finditer(line):
        found = _filter(term) if len(filters) < MOST_FILTERS else None
        if found is not None:
            filters.append(found)
        if isinstance(found, Says):
            words.append(term[3])
        else:
            (words if found is None else typed).append(term[0])
    return Line(" ".join(words) if filters else line, together(*filters), " ".join(typed))


def _filter(term: re.Match[str]) -> Where | None:
    minus, key, quoted, plain = term.groups()
    told = quoted if quoted is not None else plain
    condition: Where | None
    if key is not None and key.lower() in FIELDS:
        condition = _comparison(key.lower(), told, quoted is not None)
    elif minus or quoted is not None:
        text = told if key is None else f"{key}:{told}"
        condition = Says(text, phrase=quoted is not None) if sequence(text) else None
    else:
        condition = None
    return Not(condition) if minus and condition is not None else condition


def _comparison(field: str, told: str, quoted: bool) -> Where | None:
    """What a filter asks for; None where it cannot be compared."""
    if field == "version":
        return _of_version(told)
    if quoted:
        return Is(field, Operator.EQ, (told,))
    if told.endswith("*"):
        return Is(field, Operator.STARTS_WITH, (told.rstrip("*"),))
    values = tuple(value for value in told.split(",") if value)
    return Is(field, Operator.EQ, values) if values else None


def _of_version(told: str) -> Where | None:
    sign = next((sign for sign in _SIGNS if told.startswith(sign)), "")
    operator = _SIGNS[sign] if sign else Operator.EQ
    values = (told[len(sign) :],) if operator in ORDERED else tuple(told[len(sign) :].split(","))
    return Is("version", operator, values) if all(map(is_semver, values)) else None
