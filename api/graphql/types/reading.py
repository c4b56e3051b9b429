"""What can be read of the mesh: as it is now, or as it was at an instant?

The same fields stand in the query, where they mean now, and in `catalog`, whose source says at which revision.
"""

from __future__ import annotations

from typing import Any

import graphene

from api.graphql.context import Context
from api.graphql.errors import refused
from api.graphql.nodes import nodes, type_of
from api.graphql.types.container import (
    Container,
    ContainerConnection,
    ContainerStatus,
    Deployment,
    DeploymentConnection,
    DeploymentState,
)
from api.graphql.types.domain import Domain
from api.graphql.types.lineage import Around, Lineage
from api.graphql.types.page import answered, paged, sized
from api.graphql.types.product import DataProduct, DataProductConnection
from engine.provision.states import LIVE

_FQN = graphene.String(description="Its fqn in any dialect, or its id as REST gives it (ours or ODM's).")
_GIVEN = graphene.ID(description="An id that this server gave.")
_UUID = graphene.String(required=True, description="The id that REST gives, a UUID.")


class Reading:
    """The fields that are told as of the revision of their source; of the query itself: now."""

    data_product = graphene.Field(
        DataProduct,
        description="One data product; null when there is none. Give `fqn` or `id`.",
        fqn=_FQN,
        id=_GIVEN,
    )
    data_products = paged(
        DataProductConnection,
        "All data products in the order of their fqn.",
        domain=graphene.String(description="Only those of this domain."),
    )
    lineage = graphene.Field(
        Lineage,
        description="One step up and down from a data product; null when there is none. Give `fqn` or `id`.",
        fqn=_FQN,
        id=_GIVEN,
        port=graphene.String(description="Only what flows through its input or output port of this name."),
    )
    container = graphene.Field(Container, description="The container with this id; null when there is none.", id=_UUID)
    containers = paged(
        ContainerConnection,
        "What runs where, in the order of fqn and environment.",
        environment=graphene.String(description="Only those of this environment."),
        product=graphene.String(description="Only those of this data product: its fqn in any dialect, or its id."),
        status=graphene.List(
            graphene.NonNull(ContainerStatus),
            description="Only those in one of these; when left out, all that are live.",
        ),
    )
    deployment = graphene.Field(
        Deployment, description="The deployment with this id; null when there is none.", id=_UUID
    )
    deployments = paged(
        DeploymentConnection,
        "Deployments, the newest first.",
        state=graphene.List(graphene.NonNull(DeploymentState), description="Only those in one of these states."),
        environment=graphene.String(description="Only those to this environment."),
        product=graphene.String(description="Only those of this data product: its fqn in any dialect, or its id."),
        container=graphene.String(description="Only those of the container with this id, a UUID."),
    )
    domains = graphene.List(
        graphene.NonNull(Domain), required=True, description="Every domain that has a data product, by name."
    )

    def resolve_data_product(self, info: Any, fqn: str | None = None, id: str | None = None) -> Any:
        return _product(info.context, fqn, id, revision_of(self))

    def resolve_lineage(self, info: Any, fqn: str | None = None, id: str | None = None, port: str | None = None) -> Any:
        product = _product(info.context, fqn, id, revision_of(self))
        return None if product is None else Around(product, port)

    def resolve_data_products(self, info: Any, first: int, after: str | None = None, domain: str | None = None) -> Any:
        asked, at = info.context, revision_of(self)
        read = asked.house.products.page
        page = read(principal=asked.principal, first=sized(first), after=after, domain=domain, at=at)
        asked.siblings.together(page.items, at=at)
        return answered(page, after)

    def resolve_container(self, info: Any, id: str) -> Any:
        return _named(info.context, info.context.together.known, id, revision_of(self))

    def resolve_containers(
        self, info: Any, first: int, after: str | None = None, status: list[Any] | None = None, **sought: Any
    ) -> Any:
        asked, at = info.context, revision_of(self)
        statuses = LIVE if status is None else [one.value for one in status]
        read = asked.house.containers.page
        page = read(**sought, statuses=statuses, principal=asked.principal, first=sized(first), after=after, at=at)
        asked.siblings.together(page.items, at=at)
        return answered(page, after)

    def resolve_deployment(self, info: Any, id: str) -> Any:
        return _named(info.context, info.context.together.deployments, id, revision_of(self))

    def resolve_deployments(
        self, info: Any, first: int, after: str | None = None, state: list[Any] | None = None, **sought: Any
    ) -> Any:
        asked, at = info.context, revision_of(self)
        states = [one.value for one in state or ()]
        read = asked.house.containers.deployment_page
        page = read(**sought, states=states, principal=asked.principal, first=sized(first), after=after, at=at)
        asked.siblings.together(page.items, at=at)
        return answered(page, after)

    def resolve_domains(self, info: Any) -> Any:
        return info.context.house.domains.all(principal=info.context.principal, at=revision_of(self))


def revision_of(source: Any) -> int | None:
    """The revision that a root is told at: that of a catalog's source, None (now) for the query, which has none."""
    at: int | None = getattr(source, "at", None)
    return at


def _product(context: Context, fqn: str | None, id: str | None, at: int | None) -> Any:
    if (fqn is None) == (id is None):
        raise refused("argument-invalid", "Give `fqn` or `id`.")
    if id is not None:
        found = nodes([id], context, at=at)[0]
        return found if type_of(found) == "DataProduct" else None
    product = context.house.products.find(str(fqn), principal=context.principal, at=at)
    context.siblings.together(() if product is None else (product,), at=at)
    return product


def _named(context: Context, read: Any, id: str, at: int | None) -> Any:
    found = read([id], principal=context.principal, at=at)
    context.siblings.together(found.values(), at=at)
    return found.get(id)
