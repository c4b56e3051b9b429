"""How may somebody go on who begins to type?"""

from __future__ import annotations

from typing import Any

import graphene

from api.graphql.types.enums import closed_set

CompletionKind = closed_set(
    "CompletionKind",
    "What a completion names.",
    {
        "product": "A data product, by its name or display name.",
        "port": "A port, by its name.",
        "column": "A column, by its path or the last step of it.",
        "domain": "A domain.",
        "owner": "Who answers for a product.",
        "tag": "A tag of a product or port.",
        "platform": "The platform of a port.",
    },
)


class Completion(graphene.ObjectType):
    """One way to go on."""

    value = graphene.String(required=True, description="What is named, in full.")
    fqn = graphene.String(description="Fully qualified name of a product; null for everything else.")


class Completions(graphene.ObjectType):
    """The completions of one kind."""

    kind = graphene.Field(CompletionKind, required=True, description="What they name.")
    completions = graphene.List(
        graphene.NonNull(Completion),
        required=True,
        description="The first of them: products in the order of hits, everything else by the alphabet.",
    )


COMPLETE = graphene.List(
    graphene.NonNull(Completions),
    required=True,
    description="What begins so, by kind, without regard to case and accents; kinds without any are left out.",
    prefix=graphene.String(required=True, description="What was typed so far."),
    kinds=graphene.List(graphene.NonNull(CompletionKind), description="Only these kinds; all when left out."),
    first=graphene.Int(default_value=10, description="How many of each kind, 1 to 100."),
)


def completed(found: dict[str, list[Any]]) -> list[dict[str, Any]]:
    """The source of the answer for what the catalog found."""
    return [{"kind": kind, "completions": completions} for kind, completions in found.items()]
