"""Which needs did somebody save, and which products fit them?"""

from __future__ import annotations

from typing import Any

import graphene
import orjson

from api.flows import requirements as flow
from api.graphql.context import Context
from api.graphql.execution import of_source
from api.graphql.reads import one
from api.graphql.types.fitness import FitnessReason, FitnessVerdict
from api.graphql.types.page import Slice, answered, connection, paged, sized
from engine.errors import NotFound


class RequirementStanding(graphene.ObjectType):
    """Whether one product fits a saved requirement, by what was found out last."""

    product = graphene.Field(
        "api.graphql.types.product.DataProduct", description="The product as it is now; null when it is listed no more."
    )
    fqn = graphene.String(required=True, description="The fully qualified name of its line.")
    version = graphene.String(required=True, description="The version that was asked.")
    verdict = graphene.Field(FitnessVerdict, required=True, description="Whether it fits.")
    reasons = graphene.List(
        graphene.NonNull(FitnessReason), required=True, description="What it lacks; the first twenty of all reasons."
    )
    reason_count = graphene.Int(required=True, description="How many reasons there are.")
    since = graphene.DateTime(required=True, description="Since when that is so, in UTC.")

    @of_source
    def resolve_since(self: Any, info: Any) -> Any:
        return self.at

    def resolve_product(self: Any, info: Any) -> Any:
        return one(self, "line_id", info.context, info.context.together.products)


RequirementStandingConnection = connection(
    "RequirementStanding", RequirementStanding, "products that were asked, those that fit first"
)


class Requirement(graphene.ObjectType):
    """A saved requirement: the change feed tells its owner when a product starts or stops to fit."""

    id = graphene.String(required=True, description="Its id, as REST gives it too.")
    name = graphene.String(required=True, description="What its owner calls it.")
    owner = graphene.String(required=True, description="The id of the principal who saved it.")
    package = graphene.String(required=True, description="The Rego package of its text.")
    digest = graphene.String(required=True, description="The digest of its text and of how it is asked.")
    rego = graphene.String(required=True, description="Its text.")
    parameters = graphene.String(required=True, description="Its parameters, as JSON text of an object.")
    query = graphene.String(required=True, description="The search whose products are asked; empty for all.")
    saved = graphene.DateTime(required=True, description="When it was saved, in UTC.")
    fit = graphene.Int(required=True, description="How many products fit, by what was found out last.")
    unfit = graphene.Int(required=True, description="How many do not.")
    is_asked = graphene.Boolean(required=True, description="Whether it was asked to the end at least once.")
    resting_because = graphene.String(
        required=True, description="Why it could not be asked the last time; empty when it could."
    )
    standings = paged(RequirementStandingConnection, "The products that were asked, those that fit first.")

    @of_source
    def resolve_parameters(self: Any, info: Any) -> str:
        return orjson.dumps(dict(self.requirement.parameters), option=orjson.OPT_SORT_KEYS).decode()

    @of_source
    def resolve_owner(self: Any, info: Any) -> str:
        return str(self.requirement.principal)

    @of_source
    def resolve_saved(self: Any, info: Any) -> Any:
        return self.requirement.at

    @of_source
    def resolve_fit(self: Any, info: Any) -> int:
        return int(self.counts["fit"])

    @of_source
    def resolve_unfit(self: Any, info: Any) -> int:
        return int(self.counts["unfit"])

    @of_source
    def resolve_is_asked(self: Any, info: Any) -> bool:
        return self.followed is not None and self.followed.cursor >= 0

    @of_source
    def resolve_resting_because(self: Any, info: Any) -> str:
        return "" if self.followed is None else str(self.followed.reason)

    def resolve_standings(self: Any, info: Any, first: int, after: str | None = None) -> Any:
        context, id = info.context, self.requirement.id
        found = context.house.requirements.standings(id, principal=context.principal)
        page = Slice(found, scope=f"requirement {id}", first=sized(first), after=after)
        context.siblings.together(page.items)
        return answered(page, after)


def _of_requirement(name: str) -> Any:
    return of_source(lambda shown, _: getattr(shown.requirement, name))


for _name in ("id", "name", "package", "digest", "rego", "query"):
    setattr(Requirement, f"resolve_{_name}", _of_requirement(_name))

RequirementConnection = connection("Requirement", Requirement, "saved requirements, by name")


class Requiring:
    """The fields of the query that are about saved requirements."""

    requirements = paged(RequirementConnection, "Your saved requirements; an operator sees all.")
    requirement = graphene.Field(
        Requirement,
        description="One of your saved requirements; null when there is none.",
        id=graphene.String(required=True, description="Its id, or what you call it."),
    )

    def resolve_requirements(self, info: Any, first: int, after: str | None = None) -> Any:
        context: Context = info.context
        found = flow.listed(principal=context.principal, house=context.house)
        return answered(Slice(found, scope="requirements", first=sized(first), after=after), after)

    def resolve_requirement(self, info: Any, id: str) -> Any:
        try:
            return flow.shown(id, principal=info.context.principal, house=info.context.house)
        except NotFound:
            return None
