"""Which things can be named by an id alone?"""

from __future__ import annotations

from typing import Any

import graphene


class Node(graphene.Interface):
    """A thing with an opaque, stable, globally unique id."""

    id = graphene.ID(required=True, description="Opaque id of this thing; ask `node` for it.")

    @classmethod
    def resolve_type(cls, instance: Any, info: Any) -> Any:
        """The GraphQL type is told by the type of the catalog's value (`api.graphql.nodes`)."""
        from api.graphql.nodes import type_of

        return type_of(instance)
