"""Does a data product fit what a consumer needs, and which ones do?"""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic
from typing import Any, NamedTuple

import graphene
import orjson

from api.flows import fitness as flow
from api.flows.requirements import Brought, wish_of
from api.graphql.context import Context
from api.graphql.errors import refused
from api.graphql.execution import of_source
from api.graphql.types.enums import closed_set
from api.graphql.types.page import answered, connection, paged, sized
from api.graphql.types.where import ProductWhere, tree
from catalog import cursor
from catalog.search.where import Where
from engine.errors import InstantInvalid, RequirementInvalid

SECONDS = 4.0
"""The time that all fitness of one operation has, which is less than the operation's own."""

FitnessVerdict = closed_set(
    "FitnessVerdict",
    "What a requirement makes of a product, best first.",
    {
        "fit": "Nothing stands against it.",
        "unfit": "It lacks what is needed; the reasons say what.",
        "undecided": "The requirement could not be asked, or did not answer; that is never a yes.",
    },
)


class RequirementInput(graphene.InputObjectType):
    """What is needed: `rego` or `saved`. It is asked in a sandbox, and nothing of it is stored."""

    rego = graphene.String(description="A Rego policy as text: what it finds is a reason against a product.")
    saved = graphene.String(description="The id, or your name, of a requirement that was saved.")
    parameters = graphene.String(description="Its parameters, as JSON text of an object.")


class FitnessReason(graphene.ObjectType):
    """One thing that a product lacks."""

    code = graphene.String(required=True, description="Which kind of reason, in the requirement's words.")
    msg = graphene.String(required=True, description="What is lacking.")
    path = graphene.String(required=True, description="JSON Pointer to where, in the effective descriptor.")
    remediation = graphene.String(required=True, description="What the requirement says to do; may be empty.")


class Fitness(graphene.ObjectType):
    """Whether a product fits a requirement, and why not."""

    verdict = graphene.Field(FitnessVerdict, required=True, description="Whether it fits.")
    reasons = graphene.List(
        graphene.NonNull(FitnessReason), required=True, description="What it lacks; the first twenty of all reasons."
    )
    reason_count = graphene.Int(required=True, description="How many reasons there are.")
    undecided_because = graphene.String(required=True, description="Why it is undecided; empty when it is decided.")

    @of_source
    def resolve_verdict(self: Any, info: Any) -> str:
        return str(self.verdict)

    @of_source
    def resolve_reason_count(self: Any, info: Any) -> int:
        return int(self.count)

    @of_source
    def resolve_undecided_because(self: Any, info: Any) -> str:
        return str(self.told)


class FitnessCounts(graphene.ObjectType):
    """How many candidates have each verdict."""

    fit = graphene.Int(required=True, description="Those that fit.")
    unfit = graphene.Int(required=True, description="Those that lack something.")
    undecided = graphene.Int(required=True, description="Those that could not be judged.")


class FitEdge(NamedTuple):
    """A candidate on its page; its node is the product."""

    page: Any
    fit: flow.Fit

    @property
    def node(self) -> Any:
        return self.fit.hit.product

    @property
    def fitness(self) -> Any:
        return self.fit.fitness


class FitPage:
    """One page of the candidates; a cursor tells where a candidate stands by its sort keys, which others may join."""

    _SHAPE = (int, int, int, int, int, str)

    def __init__(self, found: flow.Fitting, scope: str, first: int, after: str | None) -> None:
        self._scope = scope
        start = cursor.read(after, scope=scope, shape=self._SHAPE) if after else []
        rest = [one for one in found.candidates if self._keys(one) > start]
        self.items, self.has_next_page = rest[:first], len(rest) > first

    def cursor(self, item: flow.Fit) -> str:
        """Where a page that follows this candidate starts."""
        return cursor.written(self._keys(item), scope=self._scope)

    @staticmethod
    def _keys(one: flow.Fit) -> list[Any]:
        hit = one.hit
        return [*one.fitness.rank, hit.match_tier, hit.field_tier, hit.prior, hit.product.fqn]


@of_source
def _cursor(edge: Any, _: Any) -> str:
    return str(edge.page.cursor(edge.fit))


FitnessConnection = connection(
    "Fitness",
    "api.graphql.types.product.DataProduct",
    "candidates: those that fit first, then by fewest reasons",
    edge={
        "fitness": graphene.Field(Fitness, required=True, description="Whether it fits, and why not."),
        "resolve_cursor": _cursor,
    },
    total=graphene.Field(
        "api.graphql.types.search.Total", required=True, description="How many products the search found."
    ),
    considered=graphene.Int(required=True, description="How many of them were asked: the best ones."),
    counts=graphene.Field(FitnessCounts, required=True, description="How many of those have each verdict."),
)

REQUIREMENT = graphene.Argument(RequirementInput, required=True, description="What is needed.")


class Fitting:
    """The field of the query that is about fitness."""

    fitness = paged(
        FitnessConnection,
        "The products of a search that fit a requirement, then the others by fewest reasons, with these.",
        requirement=REQUIREMENT,
        query=graphene.String(description="The search; that of a saved requirement when left out, else all products."),
        where=graphene.Argument(ProductWhere, description="What has to hold besides."),
        candidates=graphene.Int(
            default_value=flow.MOST, description="How many of the search's best are asked, 1 to 1000; each costs one."
        ),
    )

    def resolve_fitness(
        self,
        info: Any,
        requirement: Mapping[str, Any],
        first: int,
        candidates: int,
        after: str | None = None,
        query: str | None = None,
        where: Any = None,
    ) -> Any:
        if not 1 <= candidates <= flow.MOST:
            raise refused("argument-invalid", f"`candidates` is a number from 1 to {flow.MOST}.")
        brought = _brought(requirement, info.context)
        return _fitting(info.context, brought, query, tree(where), candidates, sized(first), after)


def _fitting(
    context: Context,
    brought: Brought,
    query: str | None,
    where: Where | None,
    candidates: int,
    first: int,
    after: str | None,
) -> dict[str, Any]:
    asked = brought.asking(query, candidates)
    wish = flow.Wish(asked.rego, asked.parameters, asked.query, where, candidates)
    found = flow.fitting(wish, principal=context.principal, house=context.house, seconds=_left(context))
    text = orjson.dumps(dict(wish.parameters), option=orjson.OPT_SORT_KEYS).decode()
    page = FitPage(found, f"fitness {found.need.digest} {text} {wish.query} {where} {candidates}", first, after)
    context.siblings.together(one.hit.product for one in page.items)
    told: dict[str, Any] = {"total": {"value": found.found, "exact": found.exact}, "counts": found.counts}
    return answered(page, after, edge=lambda one: FitEdge(page, one), considered=len(found.candidates), **told)


def of_product(product: Any, requirement: Mapping[str, Any], context: Context) -> Any:
    """The fitness of this product, asked for all its siblings at once. InstantInvalid for a product of the past."""
    if context.siblings.at(product) is not None:
        raise InstantInvalid("Fitness is judged by what the catalog holds now, not as of an instant.")
    brought = _brought(requirement, context)
    text = orjson.dumps(dict(brought.parameters), option=orjson.OPT_SORT_KEYS)

    def of_all(version_ids: list[str]) -> Mapping[str, Any]:
        wish = brought.asking("")
        return flow.of_versions(
            version_ids, wish, principal=context.principal, house=context.house, seconds=_left(context)
        )

    return context.siblings.read(product, "version_id", ("fitness", brought.rego, text), of_all)


def _left(context: Context) -> float:
    """The seconds that are left of the time of the whole operation."""
    return max(0.0, context.started + SECONDS - monotonic())


def _brought(given: Mapping[str, Any], context: Context) -> Brought:
    told = given.get("parameters")
    try:
        parameters = {} if told is None else orjson.loads(told)
    except ValueError:
        parameters = None
    if not isinstance(parameters, dict):
        raise RequirementInvalid("`parameters` is the JSON text of an object.")
    return wish_of(given.get("rego"), given.get("saved"), parameters, principal=context.principal, house=context.house)
