"""What does a consumer learn of how promises are kept?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import graphene

from api.graphql.context import Context
from api.graphql.reads import several
from api.graphql.types.enums import SloState
from catalog.evaluation import slos
from engine.evaluation.budget import SloStatus
from engine.model import Principal


class Observation(graphene.ObjectType):
    """What somebody measured of a product at a moment."""

    id = graphene.String(required=True, description="Its id, which is the sender's own.")
    value = graphene.String(required=True, description="The value as it was sent.")
    amount = graphene.Float(required=True, description="The value in `unit`.")
    unit = graphene.String(required=True, description="`s`, `ratio`, a rate such as `/s`, or as it was sent.")
    observed_at = graphene.DateTime(required=True, description="When it was measured, in UTC.")
    source = graphene.String(required=True, description="What measured it; may be empty.")
    principal = graphene.String(required=True, description="Id of the principal who sent it.")


class ErrorBudget(graphene.ObjectType):
    """How much of what is observed may be bad, as shares of it."""

    allowed = graphene.Float(required=True, description="The share that may be bad: one less the target.")
    consumed = graphene.Float(description="The share that was bad; null while nothing was observed.")
    left = graphene.Float(description="What is left; below nothing the promise is broken. Null when not observed.")


class Slo(graphene.ObjectType):
    """A service level that an output port promises, against what was observed over its window."""

    port = graphene.String(required=True, description="Name of the output port that promises it.")
    indicator = graphene.String(required=True, description="What is promised, such as `freshness`, as it is written.")
    comparator = graphene.String(required=True, description="How amounts have to stand to the threshold: `<=`, `>=`, …")
    threshold = graphene.Float(required=True, description="The amount that is promised, in `unit`.")
    unit = graphene.String(required=True, description="`s`, `ratio`, a rate such as `/s`, or as it is written.")
    written = graphene.String(required=True, description="What stands in the descriptor.")
    target = graphene.Float(required=True, description="The share of what is observed that has to be good.")
    target_stated = graphene.Boolean(required=True, description="Whether the promise says so; else 0.99 is taken.")
    window_seconds = graphene.Float(required=True, description="Over how many seconds it is looked at.")
    pointer = graphene.String(required=True, description="JSON Pointer to it in the effective descriptor.")
    state = graphene.Field(SloState, required=True, description="Whether it is kept.")
    as_of = graphene.DateTime(required=True, description="The end of the window, in UTC.")
    attainment = graphene.Float(description="The good share of what was observed; null while nothing was.")
    budget = graphene.Field(ErrorBudget, required=True, description="Its error budget.")
    observations = graphene.Int(required=True, description="How many observations count.")
    foreign_observations = graphene.Int(
        required=True, description="How many do not, because their unit cannot be compared with the promise."
    )
    last = graphene.Field(Observation, description="The latest observation that counts.")


def slos_of(row: Any, context: Context, *, port: str | None = None) -> Sequence[Any]:
    """The promises of the version that this row names, or of one of its output ports; read for all its siblings."""

    def kept(keys: Sequence[str], *, principal: Principal, at: int | None = None) -> Mapping[str, Sequence[Any]]:
        then = None if at is None else context.house.instants.of(at).moment
        found = context.house.slos.of_versions(keys, now=then or context.house.clock(), principal=principal, at=at)
        return {key: [_shown(one) for one in some] for key, some in found.items()}

    found = several(row, "version_id", context, kept)
    return [one for one in found if port in (None, one["port"])]


def _shown(one: SloStatus) -> dict[str, Any]:
    told = slos.told(one) | {"as_of": one.as_of}
    if one.last is not None:
        told["last"] = {**told["last"], "observed_at": one.last.observed_at}
    return told
