"""How do the tokens of a listing get into the full text index of each store?"""

from __future__ import annotations

from sqlalchemy import Connection, text

from catalog.text.document import Document

_OUT = text("DELETE FROM search_text WHERE rowid = :number")
_OUT_POSTGRESQL = text("DELETE FROM search_text WHERE number = :number")
_IN = text("INSERT INTO search_text (rowid, a, b, c, d) VALUES (:number, :a, :b, :c, :d)")
_IN_POSTGRESQL = text("INSERT INTO search_text (number, tokens) VALUES (:number, CAST(:tokens AS tsvector))")


def take_out(connection: Connection, number: int) -> None:
    """Forget the tokens of the listing with this number."""
    connection.execute(_OUT_POSTGRESQL if connection.dialect.name == "postgresql" else _OUT, {"number": number})


def put_in(connection: Connection, number: int, document: Document) -> None:
    """Make the listing with this number found by its tokens."""
    if connection.dialect.name == "postgresql":
        connection.execute(_IN_POSTGRESQL, {"number": number, "tokens": _vector(document)})
    else:
        fields = {name: " ".join(tier) for name, tier in zip("abcd", document.tiers, strict=True)}
        connection.execute(_IN, {"number": number, **fields})


def _vector(document: Document) -> str:
    """The tokens as a tsvector literal; tokens are letters and digits only, so quoting them is safe."""
    return " ".join(
        f"'{token}':1{weight}" for weight, tier in zip("ABCD", document.tiers, strict=True) for token in tier
    )
