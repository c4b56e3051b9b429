"""Which statements get what is searched of a listing into the indexes of each store, and out of them?

Each kind of row goes in with one statement, whatever its number: the rows travel as one JSON text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import TextClause, text

from catalog.text.document import Document, vocabulary
from catalog.text.traits import COUNTED, Trait

Write = tuple[TextClause, dict[str, Any]]
"""A statement and its values."""

_LISTED = "FROM listing WHERE line_id = :line AND until_revision IS NULL"
_PHRASES = text(f"INSERT INTO listing_text (number, phrases) SELECT number, :phrases {_LISTED}")
_OUT = (
    text("DELETE FROM listing_trait WHERE number = :number"),
    text("DELETE FROM listing_text WHERE number = :number"),
    text("DELETE FROM listing_facet WHERE number = :number"),
)
_TOKENS_OUT = {
    "sqlite": text("DELETE FROM search_text WHERE rowid = :number"),
    "postgresql": text("DELETE FROM search_text WHERE number = :number"),
}
_TOKENS_IN = {
    "sqlite": text(f"INSERT INTO search_text (rowid, a, b, c, d) SELECT number, :a, :b, :c, :d {_LISTED}"),
    "postgresql": text(f"INSERT INTO search_text (number, tokens) SELECT number, CAST(:tokens AS tsvector) {_LISTED}"),
}
#: rows that travel as JSON, and the first texts of each of them
_JSON = {
    "sqlite": {
        "rows": "json_each(:rows) AS item",
        **{name: f"json_extract(item.value, '$[{at}]')" for at, name in enumerate(("first", "second", "third"))},
    },
    "postgresql": {
        "rows": "json_array_elements(CAST(:rows AS json)) AS item",
        **{name: f"item.value->>{at}" for at, name in enumerate(("first", "second", "third"))},
    },
}
_WORDS_IN = "INSERT INTO word (term, backwards) SELECT {first}, {second} FROM {rows} WHERE true ON CONFLICT DO NOTHING"
_TRAITS_IN = (
    "INSERT INTO trait (field, key, value) SELECT {first}, {second}, {third} FROM {rows} WHERE true"
    " ON CONFLICT DO NOTHING"
)
_HAVING_IN = (
    "INSERT INTO listing_trait (number, field, trait_id) SELECT listing.number, trait.field, trait.id FROM listing"
    " CROSS JOIN {rows} JOIN trait ON trait.field = {first} AND trait.key = {second}"
    " WHERE listing.line_id = :line AND listing.until_revision IS NULL"
)
_STRUNG = {"sqlite": "group_concat(trait_id, ' ')", "postgresql": "string_agg(CAST(trait_id AS text), ' ')"}
_FACETS = (
    "INSERT INTO listing_facet (number, {names}) SELECT listing.number, {values} FROM listing"
    " LEFT JOIN listing_trait ON listing_trait.number = listing.number WHERE {which} GROUP BY listing.number"
)
_FACET = "coalesce({strung} FILTER (WHERE listing_trait.field = '{field}'), '')"


def facets_in(dialect: str, which: str) -> TextClause:
    """What the listings under this condition are counted by, from the traits that they have."""
    values = ", ".join(_FACET.format(strung=_STRUNG[dialect], field=field) for field in COUNTED)
    return text(_FACETS.format(names=", ".join(COUNTED), values=values, which=which))


_FACETS_IN = {
    dialect: facets_in(dialect, "listing.line_id = :line AND listing.until_revision IS NULL") for dialect in _STRUNG
}
#: by store and what goes in: `words` and `traits` that are there already stay, `having` ties traits to one listing
FROM_JSON = {
    (dialect, what): text(template.format(**names))
    for dialect, names in _JSON.items()
    for what, template in (("words", _WORDS_IN), ("traits", _TRAITS_IN), ("having", _HAVING_IN))
}


def take_out(dialect: str, number: int) -> list[Write]:
    """Forget what is searched of the listing with this number."""
    return [(statement, {"number": number}) for statement in (_TOKENS_OUT[dialect], *_OUT)]


def put_in(dialect: str, line_id: str, document: Document, traits: Sequence[Trait]) -> list[Write]:
    """Make the listing in which this line stands found by its tokens, phrases and traits."""
    line = {"line": line_id}
    words = [(term, term[::-1]) for term in vocabulary(document)]
    having = json_rows(traits)
    return [
        (_TOKENS_IN[dialect], {**line, **tokens_of(dialect, document)}),
        (_PHRASES, {**line, "phrases": document.phrases}),
        (FROM_JSON[dialect, "words"], {"rows": json_rows(words)}),
        (FROM_JSON[dialect, "traits"], {"rows": having}),
        (FROM_JSON[dialect, "having"], {**line, "rows": having}),
        (_FACETS_IN[dialect], line),
    ]


def tokens_of(dialect: str, document: Document) -> dict[str, str]:
    """The columns of the full text index for these words."""
    if dialect == "postgresql":
        return {"tokens": _vector(document)}
    return {name: " ".join(tier) for name, tier in zip("abcd", document.tiers, strict=True)}


def _vector(document: Document) -> str:
    """The tokens as a tsvector literal; tokens are letters and digits only, so quoting them is safe."""
    return " ".join(
        f"'{token}':1{weight}" for weight, tier in zip("ABCD", document.tiers, strict=True) for token in tier
    )


def json_rows(rows: Sequence[Sequence[str]]) -> str:
    """The rows as JSON; NUL, which PostgreSQL takes in no text, becomes U+FFFD."""
    return orjson.dumps([[item.replace("\0", "\ufffd") for item in row] for row in rows]).decode()
