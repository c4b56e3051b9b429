"""Which statements get the tokens of a listing into the full text index of each store, and out of it?"""

from __future__ import annotations

from typing import Any

from sqlalchemy import TextClause, text

from catalog.text.document import Document

_OUT = text("DELETE FROM search_text WHERE rowid = :number")
_OUT_POSTGRESQL = text("DELETE FROM search_text WHERE number = :number")
_LISTED = "FROM listing WHERE line_id = :line AND until_revision IS NULL"
_IN = text(f"INSERT INTO search_text (rowid, a, b, c, d) SELECT number, :a, :b, :c, :d {_LISTED}")
_IN_POSTGRESQL = text(f"INSERT INTO search_text (number, tokens) SELECT number, CAST(:tokens AS tsvector) {_LISTED}")

Write = tuple[TextClause, dict[str, Any]]
"""A statement and its values."""


def take_out(dialect: str, number: int) -> Write:
    """Forget the tokens of the listing with this number."""
    return (_OUT_POSTGRESQL if dialect == "postgresql" else _OUT), {"number": number}


def put_in(dialect: str, line_id: str, document: Document) -> Write:
    """Make the listing in which this line stands found by its tokens."""
    if dialect == "postgresql":
        return _IN_POSTGRESQL, {"line": line_id, "tokens": _vector(document)}
    fields = {name: " ".join(tier) for name, tier in zip("abcd", document.tiers, strict=True)}
    return _IN, {"line": line_id, **fields}


def _vector(document: Document) -> str:
    """The tokens as a tsvector literal; tokens are letters and digits only, so quoting them is safe."""
    return " ".join(
        f"'{token}':1{weight}" for weight, tier in zip("ABCD", document.tiers, strict=True) for token in tier
    )
