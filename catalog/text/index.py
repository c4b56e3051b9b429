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
    " LEFT JOIN listing_trait ON listing_trait.number = listing.number"
    " WHERE listing.line_id = :line AND listing.until_revision IS NULL GROUP BY listing.number"
)
_FACET = "coalesce({strung} FILTER (WHERE listing_trait.field = '{field}'), '')"
_FACETS_IN = {
    dialect: text(
        _FACETS.format(
            names=", ".join(COUNTED), values=", ".join(_FACET.format(strung=strung, field=field) for field in COUNTED)
        )
    )
    for dialect, strung in _STRUNG.items()
}
_FROM_JSON = {
    (dialect, template): text(template.format(**names))
    for dialect, names in _JSON.items()
    for template in (_WORDS_IN, _TRAITS_IN, _HAVING_IN)
}


def take_out(dialect: str, number: int) -> list[Write]:
    """Forget what is searched of the listing with this number."""
    return [(statement, {"number": number}) for statement in (_TOKENS_OUT[dialect], *_OUT)]


def put_in(dialect: str, line_id: str, document: Document, traits: Sequence[Trait]) -> list[Write]:
    """Make the listing in which this line stands found by its tokens, phrases and traits."""
    line = {"line": line_id}
    words = [(term, term[::-1]) for term in vocabulary(document)]
    having = _json(traits)
    return [
        (_TOKENS_IN[dialect], {**line, **_tokens(dialect, document)}),
        (_PHRASES, {**line, "phrases": document.phrases}),
        (_FROM_JSON[dialect, _WORDS_IN], {"rows": _json(words)}),
        (_FROM_JSON[dialect, _TRAITS_IN], {"rows": having}),
        (_FROM_JSON[dialect, _HAVING_IN], {**line, "rows": having}),
        (_FACETS_IN[dialect], line),
    ]


def _tokens(dialect: str, document: Document) -> dict[str, str]:
    if dialect == "postgresql":
        return {"tokens": _vector(document)}
    return {name: " ".join(tier) for name, tier in zip("abcd", document.tiers, strict=True)}


def _vector(document: Document) -> str:
    """The tokens as a tsvector literal; tokens are letters and digits only, so quoting them is safe."""
    return " ".join(
        f"'{token}':1{weight}" for weight, tier in zip("ABCD", document.tiers, strict=True) for token in tier
    )


def _json(rows: Sequence[Sequence[str]]) -> str:
    """The rows as JSON; NUL, which PostgreSQL takes in no text, becomes U+FFFD."""
    return orjson.dumps([[item.replace("\0", "\ufffd") for item in row] for row in rows]).decode()
