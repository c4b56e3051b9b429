"""Which things can be named by an id alone?"""

from __future__ import annotations

from typing import Any

import graphene


class Node(graphene.Interface):
    """A thing with an opaque, stable, globally unique id."""

    id = graphene.ID(required=True, description="Opaque id of this thing; ask `node` for it.")

    @classmethod
    def resolve_type(cls, instance: Any, info: Any) -> Any:
        """The type that stands for this kind of value of the catalog."""
        from api.graphql.nodes import type_of

        return info.schema.get_type(type_of(instance)).graphene_type
