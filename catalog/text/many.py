"""How does what is searched of many listings get into the indexes together? (`catalog.text.index`: of one listing)"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import orjson
from sqlalchemy import Connection, text

from catalog.bulk import sent
from catalog.text.document import Document, vocabulary
from catalog.text.index import FROM_JSON, facets_in, json_rows, tokens_of
from catalog.text.traits import Trait
from catalog.text.words import plain

_HAVING = {
    "sqlite": "INSERT INTO listing_trait (number, field, trait_id)"
    " SELECT json_extract(item.value, '$[0]'), trait.field, trait.id FROM json_each(:rows) AS item CROSS JOIN trait"
    " ON trait.field = json_extract(item.value, '$[1]') AND trait.key = json_extract(item.value, '$[2]')",
    "postgresql": "INSERT INTO listing_trait (number, field, trait_id) SELECT CAST(item.value->>0 AS bigint),"
    " trait.field, trait.id FROM json_array_elements(CAST(:rows AS json)) AS item JOIN trait"
    " ON trait.field = item.value->>1 AND trait.key = item.value->>2",
}
_COUNTED = {
    dialect: facets_in(dialect, f"listing.number IN ({numbers})")
    for dialect, numbers in {
        "sqlite": "SELECT value FROM json_each(:numbers)",
        "postgresql": "SELECT CAST(value AS bigint) FROM json_array_elements_text(CAST(:numbers AS json))",
    }.items()
}
#: so many words and traits are remembered as stored, and not sent again
MOST_KNOWN = 200_000


class Found(NamedTuple):
    """One listing with what is searched of it."""

    number: int
    document: Document
    traits: Sequence[Trait]


class Index:
    """Puts many listings into the indexes, whose rows are in the store already."""

    def __init__(self, connection: Connection) -> None:
        self._connection, self._dialect = connection, connection.dialect.name
        self._words: set[str] = set()
        self._traits: set[tuple[str, str]] = set()

    def put_in(self, opened: Sequence[Found], lasting: Sequence[Found]) -> None:
        """Make the lasting listings found; of all that were opened words and traits are kept, as when one is closed."""
        if not opened:
            return
        self._know_words(opened)
        self._know_traits(opened)
        phrases = [(one.number, one.document.phrases) for one in lasting]
        sent(self._connection, "listing_text", ("number", "phrases"), phrases)
        number = "number" if self._dialect == "postgresql" else "rowid"
        told = [{number: one.number, **tokens_of(self._dialect, one.document)} for one in lasting]
        for columns in told[:1]:
            sent(self._connection, "search_text", tuple(columns), [tuple(row.values()) for row in told])
        having = [[one.number, trait.field, plain(trait.key)] for one in lasting for trait in one.traits]
        self._connection.execute(text(_HAVING[self._dialect]), {"rows": orjson.dumps(having).decode()})
        numbers = orjson.dumps([one.number for one in lasting]).decode()
        self._connection.execute(_COUNTED[self._dialect], {"numbers": numbers})

    def _know_words(self, found: Sequence[Found]) -> None:
        new = {term for one in found for term in vocabulary(one.document)} - self._words
        if len(self._words) > MOST_KNOWN:
            self._words.clear()
        self._words |= new
        self._insert("words", [(term, term[::-1]) for term in sorted(new)])

    def _know_traits(self, found: Sequence[Found]) -> None:
        new: dict[tuple[str, str], Trait] = {}
        for trait in (trait for one in found for trait in one.traits):
            if (trait.field, trait.key) not in self._traits:
                new.setdefault((trait.field, trait.key), trait)
        if len(self._traits) > MOST_KNOWN:
            self._traits.clear()
        self._traits.update(new)
        self._insert("traits", list(new.values()))

    def _insert(self, what: str, rows: Sequence[Sequence[str]]) -> None:
        if rows:
            self._connection.execute(FROM_JSON[self._dialect, what], {"rows": json_rows(rows)})
