"""Which values do the hits of a search have, and how many of them?"""

from __future__ import annotations

from typing import Any

import graphene

from api.graphql.execution import of_source
from api.graphql.types.enums import closed_set
from catalog.search.facets import COUNTED
from catalog.search.where import FIELDS

FacetField = closed_set(
    "FacetField", "What the hits of a search can be counted by.", {name: FIELDS[name] for name in COUNTED}
)


class FacetValue(graphene.ObjectType):
    """One value, and how many products have it."""

    value = graphene.String(required=True, description="The value, as one of its authors wrote it.")
    count = graphene.Int(required=True, description="How many of the products that are counted have it.")

    @of_source
    def resolve_count(self: Any, info: Any) -> Any:
        return self.products


class Facet(graphene.ObjectType):
    """The commonest values of one field, counted over what is found without the filters on this field itself."""

    field = graphene.Field(FacetField, required=True, description="The field.")
    values = graphene.List(
        graphene.NonNull(FacetValue), required=True, description="The commonest values, most products first."
    )
    other_values = graphene.Int(required=True, description="How many values there are besides.")
    other_count = graphene.Int(required=True, description="The counts of those values, added up.")
    exact = graphene.Boolean(required=True, description="False when not everything that is found was counted.")
