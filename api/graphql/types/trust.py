"""What does a consumer learn of how far a product may be trusted?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import graphene


class Evidence(graphene.ObjectType):
    """What a term of a score rests on."""

    kind = graphene.String(
        required=True, description="What `ref` is: `decision`, `observation`, `pointer`, `version`, `product`, …"
    )
    ref = graphene.String(required=True, description="The id, or the JSON Pointer into the effective descriptor.")


class TrustTerm(graphene.ObjectType):
    """One part of a score, as the formula weighed it."""

    name = graphene.String(required=True, description="Name of the term.")
    weight = graphene.Float(required=True, description="How much it weighs beside the others.")
    value = graphene.Float(description="Its value from 0 to 1; null where nothing is known.")
    as_of = graphene.DateTime(description="Since when it is so, in UTC.")
    note = graphene.String(required=True, description="The same in words; may be empty.")
    evidence = graphene.List(graphene.NonNull(Evidence), required=True, description="What it rests on.")

    def resolve_as_of(self: Any, info: Any) -> Any:
        told = self["as_of"]
        return None if told is None else datetime.fromisoformat(told)


class TrustScore(graphene.ObjectType):
    """How far a product may be trusted, by the formula of this mesh; kept up to date in the background."""

    value = graphene.Float(description="From 0 to 1; null where the formula gives none, and `reason` says why.")
    grade = graphene.String(required=True, description="The formula's own grade; may be empty.")
    reason = graphene.String(required=True, description="Why there is no value; empty where there is one.")
    version = graphene.String(required=True, description="The version that was looked at, by SemVer.")
    terms = graphene.List(graphene.NonNull(TrustTerm), required=True, description="What it is made of.")
    formula = graphene.String(required=True, description="The Rego package that computed it.")
    formula_revision = graphene.String(required=True, description="The revision of that formula.")
    since = graphene.DateTime(required=True, description="Since when it is what it is, in UTC.")
    computed_at = graphene.DateTime(required=True, description="When it was computed last, in UTC.")
