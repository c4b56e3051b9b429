"""How does a field of many siblings become one page for each, by one statement for all?

What is read is told as of the revision of the row that it hangs off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from api.graphql.context import Context
from api.graphql.types.page import Slice, answered, sized
from catalog import cursor
from engine.errors import CursorInvalid

#: what a read of the catalog answers: rows by the key that was asked for, as of a revision (`at`)
Read = Callable[..., Mapping[str, Any]]


def one(row: Any, key: str, context: Context, read: Read) -> Any:
    """What `read` gives for the `key` of this row; read for its siblings too, and what was read are siblings."""
    at = context.siblings.at(row)

    def of_all(keys: list[str]) -> Mapping[str, Any]:
        found = read(keys, principal=context.principal, at=at)
        context.siblings.together(found.values(), at=at)
        return found

    return context.siblings.read(row, key, (read.__qualname__, key), of_all)


def several(row: Any, key: str, context: Context, read: Read) -> Sequence[Any]:
    """As `one`, where `read` gives a short list for each key."""
    at = context.siblings.at(row)

    def of_all(keys: list[str]) -> Mapping[str, Sequence[Any]]:
        found = read(keys, principal=context.principal, at=at)
        context.siblings.together((item for items in found.values() for item in items), at=at)
        return found

    return context.siblings.read(row, key, (read.__qualname__, key), of_all) or ()


def page(
    row: Any,
    key: str,
    context: Context,
    read: Read,
    *,
    first: int,
    after: str | None = None,
    what: str = "",
    keep: Callable[[Iterable[Any]], Iterable[Any]] = iter,
) -> dict[str, Any]:
    """The source of a connection over what `read` gives for this row, of which `keep` (described by `what`) is kept."""
    count, at = sized(first), context.siblings.at(row)

    def of_all(keys: list[str]) -> Mapping[str, Slice | CursorInvalid]:
        found = read(keys, principal=context.principal, at=at)
        scopes = {one: f"{read.__name__} {one} {what}{cursor.of_revision(at)}" for one in keys}
        cut = {one: _cut(keep(found.get(one, ())), scope, count, after) for one, scope in scopes.items()}
        pieces = (piece for piece in cut.values() if isinstance(piece, Slice))
        context.siblings.together((item for piece in pieces for item in piece.items), at=at)
        return cut

    piece = context.siblings.read(row, key, (read.__qualname__, key, what, count, after), of_all)
    if isinstance(piece, CursorInvalid):
        raise piece
    assert piece is not None  # every key that is asked for is answered
    return answered(piece, after)


def _cut(rows: Iterable[Any], scope: str, first: int, after: str | None) -> Slice | CursorInvalid:
    """A cursor belongs to the list of one row; for its siblings it is none, which must not harm that one."""
    try:
        return Slice(rows, scope=scope, first=first, after=after)
    except CursorInvalid as reason:
        return reason


def ports_of(
    row: Any, key: str, context: Context, *, first: int, after: str | None = None, kinds: list[Any] | None = None
) -> dict[str, Any]:
    """The ports of the version that `row` names by its attribute `key`, perhaps only of some kinds."""
    wanted = None if kinds is None else {kind.value for kind in kinds}
    return page(
        row,
        key,
        context,
        context.house.products.ports_of,
        first=first,
        after=after,
        what="" if wanted is None else ",".join(sorted(wanted)),
        keep=lambda ports: (port for port in ports if wanted is None or port.kind in wanted),
    )


def compliance_of(row: Any, context: Context) -> Any:
    """The decision that accepted this version."""
    return one(row, "decision_id", context, context.house.seen.found)
