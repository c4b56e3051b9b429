"""A small in-memory schema for tests of the handler: it has lists, cycles, connections, failures and a slow field."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import graphene

from api.graphql.execution import of_source
from engine.errors import NotFound


@dataclass(frozen=True)
class Shelf:
    """A source that is read attribute by attribute; `label` fails when it is read."""

    size: int

    @property
    def label(self) -> str:
        raise RuntimeError("the label has fallen off")


THINGS: list[dict[str, Any]] = [
    {"name": "apples", "count": 3, "ratio": 0.5, "colour": "red", "tags": ["red", "round"], "shelf": Shelf(7)},
    {"name": "pears", "count": "many", "ratio": float("nan"), "colour": "mauve", "tags": None, "shelf": None},
    {"name": None, "count": 2**40, "ratio": 1, "colour": None, "tags": ["a", None], "shelf": Shelf(2**40)},
]
for _thing in THINGS:
    _thing["others"] = THINGS[:1]
    _thing["perhaps"] = [THINGS[0], None]


class Place(graphene.ObjectType):
    size = graphene.Int()
    label = graphene.String()


class Colour(graphene.Enum):
    RED = "red"
    GREEN = "green"


class Thing(graphene.ObjectType):
    name = graphene.String(required=True)
    nickname = graphene.String(required=False)
    count = graphene.Int()
    ratio = graphene.Float()
    colour = graphene.Field(Colour)
    tags = graphene.List(graphene.NonNull(graphene.String))
    shelf = graphene.Field(Place)
    others = graphene.List(graphene.NonNull(lambda: Thing), required=True)
    perhaps = graphene.List(lambda: Thing)
    shouted = graphene.String()
    initial = graphene.String()

    def resolve_shouted(self: Any, info: Any) -> str:
        return str(self["name"].upper())

    @of_source
    def resolve_initial(self: Any, info: Any) -> str:
        return str(self["name"][0])


class ThingEdge(graphene.ObjectType):
    node = graphene.Field(Thing)


class ThingConnection(graphene.ObjectType):
    edges = graphene.List(graphene.NonNull(ThingEdge), required=True)


class Query(graphene.ObjectType):
    hello = graphene.String(name=graphene.String(default_value="mesh"))
    asking = graphene.String()
    things = graphene.List(Thing)
    page = graphene.Field(ThingConnection, first=graphene.Int(default_value=20), required=True)
    again = graphene.Field(lambda: Query)
    broken = graphene.String()
    absent = graphene.String()
    slow = graphene.List(graphene.NonNull(Thing), required=True)

    def resolve_hello(self, info: Any, name: str) -> str:
        return f"hello {name}"

    def resolve_asking(self, info: Any) -> str:
        return str(info.context.principal.id)

    def resolve_things(self, info: Any) -> list[dict[str, Any]]:
        return THINGS

    def resolve_page(self, info: Any, first: int) -> dict[str, Any]:
        return {"edges": [{"node": thing} for thing in THINGS[:first]]}

    def resolve_again(self, info: Any) -> object:
        return self or {}

    def resolve_broken(self, info: Any) -> str:
        raise RuntimeError("the password is swordfish")

    def resolve_absent(self, info: Any) -> str:
        raise NotFound("Nothing is called that.")

    def resolve_slow(self, info: Any) -> Any:
        for _ in range(100_000):
            time.sleep(0.001)
            yield THINGS[0]


SCHEMA = graphene.Schema(query=Query).graphql_schema
