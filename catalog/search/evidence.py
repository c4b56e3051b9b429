"""Why did a hit match: which of its texts hold words of the query?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import Select, func, or_, select

from catalog.among import among
from catalog.search.conditions import contains
from catalog.search.query import Query
from catalog.shown import Product, StoredPort
from catalog.tables.product import VersionRow
from catalog.tables.row import table_of
from catalog.text.port_columns import COLUMN
from catalog.text.words import letters, tokens
from catalog.visible import visible
from engine.model import Principal

VERSION = table_of(VersionRow)
#: matches told of one hit, columns among them, and letters of a snippet
MOST_MATCHES = 10
MOST_COLUMNS = 3
WIDTH = 120


class Match(NamedTuple):
    """One text of a hit in which a word of the query was found; `port` and `column` are "" where it is of neither."""

    field: str
    port: str
    column: str
    snippet: str


def columns_said(dialect: str, principal: Principal, tokens: int) -> Select[Any]:
    """The statement that gives the first few columns of each version that hold one of so many pieces of words.

    Parameters: `versions`, and the pieces as `said_0` and so on.
    """
    said = [contains(dialect, COLUMN.c.words, f"said_{at}") for at in range(tokens)]
    place = func.row_number().over(partition_by=COLUMN.c.version_id, order_by=COLUMN.c.position)
    columns = (COLUMN.c.version_id, COLUMN.c.position, COLUMN.c.port, COLUMN.c.path, COLUMN.c.description)
    found = select(*columns, place.label("place")).join(VERSION, VERSION.c.id == COLUMN.c.version_id)
    wanted = among(COLUMN.c.version_id, "versions")
    first = found.where(wanted, visible(principal, VERSION.c.domain), or_(*said)).subquery()
    return select(first).where(first.c.place <= MOST_COLUMNS).order_by(first.c.version_id, first.c.position)


def said(asked: Query) -> dict[str, str]:
    """The pieces of words that `columns_said` looks for: whole ones stand between spaces."""
    pieces = (f" {token}" if begins else f" {token} " for token, begins in _wanted(asked))
    return {f"said_{at}": piece for at, piece in enumerate(pieces)}


def matches(asked: Query, product: Product, ports: Iterable[StoredPort], columns: Iterable[Any]) -> tuple[Match, ...]:
    """What of one hit holds words of the query, weightiest first."""
    pieces = list(_wanted(asked))
    found = (one for one in _texts(product, ports, columns) if one.field == "column" or _says(one.snippet, pieces))
    return tuple(one._replace(snippet=_snippet(one.snippet, pieces)) for one in islice(found, MOST_MATCHES))


def _wanted(asked: Query) -> Iterator[tuple[str, bool]]:
    """Every token that stands for a word of the query, and whether it need only begin one."""
    for at, (raw, parts) in enumerate(asked.words):
        last = at == len(asked.words) - 1
        yield raw, last
        yield from ((part, last and part == parts[-1]) for part in parts)


def _texts(product: Product, ports: Iterable[StoredPort], columns: Iterable[Any]) -> Iterator[Match]:
    yield Match("name", "", "", product.name)
    yield Match("display_name", "", "", product.display_name)
    yield Match("fqn", "", "", product.fqn)
    ports = tuple(ports)
    for port in ports:
        yield Match("port", port.name, "", f"{port.name} {port.display_name}".strip())
    for column in columns:
        yield Match("column", column.port, column.path, column.description or column.path)
    yield Match("domain", "", "", product.domain)
    yield Match("owner", "", "", product.owner)
    yield from (Match("tag", "", "", tag) for tag in product.tags)
    yield from (Match("tag", port.name, "", tag) for port in ports for tag in port.tags)
    yield Match("description", "", "", product.description)
    yield from (Match("description", port.name, "", port.description) for port in ports)


def _says(text: str, pieces: Sequence[tuple[str, bool]]) -> bool:
    run = letters(text)
    pieces = [piece for piece in pieces if piece[0] in run]  # most texts are told apart without their tokens
    if not pieces:
        return False
    found = set(tokens(text))
    return any(
        piece in found or (begins and any(token.startswith(piece) for token in found)) for piece, begins in pieces
    )


def _snippet(text: str, pieces: Sequence[tuple[str, bool]]) -> str:
    """The piece of a text around the first word that was found, on one line, cut between words."""
    words = text.split()
    first = next((at for at, word in enumerate(words) if _says(word, pieces)), 0)
    start = end = first
    shown = words[first][:WIDTH] if words else ""
    while start > 0 or end < len(words) - 1:
        leftwards = start > 0 and (first - start <= end - first or end == len(words) - 1)
        longer = f"{words[start - 1]} {shown}" if leftwards else f"{shown} {words[end + 1]}"
        if len(longer) > WIDTH:
            break
        shown, start, end = longer, start - leftwards, end + (not leftwards)
    return ("…" if start > 0 else "") + shown + ("…" if end < len(words) - 1 else "")
