"""How is a long list asked for, page by page? (Relay connections with keyset cursors)"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

import graphene

from api.graphql.errors import refused
from api.graphql.execution import of_source
from catalog import cursor as cursors

Item = TypeVar("Item")


class Paged(Protocol):
    """One page as the catalog gives it (`catalog.shown.Page`)."""

    @property
    def items(self) -> Sequence[Any]: ...
    @property
    def has_next_page(self) -> bool: ...
    def cursor(self, item: Any) -> str: ...


class Edge(NamedTuple):
    """One item on its page; its cursor is written only when it is asked for."""

    page: Any
    node: Any


class PageInfo(graphene.ObjectType):
    """Where a page stands in its list."""

    has_next_page = graphene.Boolean(required=True, description="Whether more items follow this page.")
    has_previous_page = graphene.Boolean(required=True, description="Whether this page was asked for with a cursor.")
    start_cursor = graphene.String(description="Cursor of the first item; null on an empty page.")
    end_cursor = graphene.String(
        description="Cursor of the last item, for `after`; null on an empty page, but for `changes`, where it moves on."
    )

    @of_source
    def resolve_start_cursor(self: Any, info: Any) -> str | None:
        page = self["page"]
        return page.cursor(page.items[0]) if page.items else None

    @of_source
    def resolve_end_cursor(self: Any, info: Any) -> str | None:
        page, end = self["page"], self["end"]
        return page.cursor(page.items[-1]) if end is None and page.items else end


def connection(name: str, node: Any, of: str, *, edge: dict[str, Any] | None = None, **more: Any) -> Any:
    """The connection type `<name>Connection` over `node`, with further fields on its edges and on itself."""
    edges = type(
        f"{name}Edge",
        (graphene.ObjectType,),
        {
            "__doc__": f"One of the {of}, at its place in the list.",
            "node": graphene.Field(node, required=True, description="The item itself."),
            "cursor": graphene.String(required=True, description="Where a page that follows this item starts."),
            "resolve_cursor": of_source(lambda edge, _: edge.page.cursor(edge.node)),
            **(edge or {}),
        },
    )
    return type(
        f"{name}Connection",
        (graphene.ObjectType,),
        {
            "__doc__": f"One page of the {of}.",
            "edges": graphene.List(graphene.NonNull(edges), required=True, description="The items of this page."),
            "page_info": graphene.Field(PageInfo, required=True, description="Where this page stands in the list."),
            **more,
        },
    )


def paged(of: Any, says: str, *, size: int = 20, **arguments: Any) -> Any:
    """A field that answers one page; `first` is at most 100 (`page-too-large`)."""
    bounds = {
        "first": graphene.Int(default_value=size, description="How many items, 1 to 100."),
        "after": graphene.String(description="The cursor after which the page starts; the start when left out."),
    }
    return graphene.Field(of, required=True, description=says, args={**arguments, **bounds})


def sized(first: int) -> int:
    """The page size; a GraphQL error `page-size-invalid` when it is none. (Too large ones never get this far.)"""
    if first < 1:
        raise refused("page-size-invalid", "`first` is a number from 1 to 100.")
    return first


def answered(
    page: Paged, after: str | None, *, edge: Callable[[Any], Any] | None = None, end: str | None = None, **more: Any
) -> dict[str, Any]:
    """The source of a connection for this page; `end` where the next one does not start after its last item."""
    edges = [Edge(page, item) for item in page.items] if edge is None else [edge(item) for item in page.items]
    info = {"page": page, "has_next_page": page.has_next_page, "has_previous_page": after is not None, "end": end}
    return {"edges": edges, "page_info": info, **more}


class Slice:
    """One page of a list that is in memory as a whole; cursors are positions in it."""

    def __init__(self, whole: Iterable[Any], *, scope: str, first: int, after: str | None) -> None:
        self._scope = scope
        start = cursors.read(after, scope=scope, shape=(int,))[0] if after else 0
        rest = list(whole)[start:]
        self.items = rest[:first]
        self.has_next_page = len(rest) > first
        self._place = {id(item): start + number for number, item in enumerate(self.items, 1)}

    def cursor(self, item: Any) -> str:
        """Where a page that follows this item starts."""
        return cursors.written([self._place[id(item)]], scope=self._scope)
