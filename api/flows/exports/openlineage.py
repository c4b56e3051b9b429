"""What do collectors of OpenLineage learn: which ports flow into which products?

Each accepted version is one run that is complete: of the job that makes its line, with the output ports that it reads
as inputs and its own as outputs. The same version gives the same event for ever, so that sending it twice does no harm.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import metadata
from typing import TYPE_CHECKING, Any

from api.auth.permissions import Action, require
from engine.errors import NotFound
from engine.model import Json, Principal

if TYPE_CHECKING:
    from api.wiring import House
    from catalog.acceptances import Acceptance, Input, Output

AT_ONCE = 50
"""Versions that are read at once."""

SPEC = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/"
FACETS = "https://openlineage.io/spec/facets/"
NAMESPACE = "dpds://"
"""What a namespace of products is called as a namespace of jobs and datasets."""

EXTERNAL = f"{NAMESPACE}external"


def events(*, principal: Principal, house: House, after: int = 0) -> Iterator[dict[str, Json]]:
    """A RunEvent for each version accepted after a revision, in the order of acceptance; few are held at once.

    Raises Forbidden at once; CatalogUnavailable on the way.
    """
    require(principal, Action.READ)
    return _events(principal, house, after)


def _events(principal: Principal, house: House, after: int) -> Iterator[dict[str, Json]]:
    place = (after, "~")  # beyond every id of that revision
    while page := house.acceptances.after(place, principal=principal, limit=AT_ONCE):
        yield from map(event, page)
        place = (page[-1].revision, page[-1].id)


def of_product(
    reference: str, version: str | None = None, *, principal: Principal, house: House
) -> Iterator[dict[str, Json]]:
    """The events of one line, or of one version of it. Raises Forbidden, NotFound."""
    require(principal, Action.READ)
    found = house.acceptances.of(reference, version, principal=principal)
    if not found:
        what = f"`{reference}`" if version is None else f"`{reference}` {version}"
        raise NotFound(f"There is no {what}.", product=reference)
    return map(event, found)


def event(one: Acceptance) -> dict[str, Json]:
    """The RunEvent (OpenLineage 2-0-2) of an accepted version."""
    accepted = {"revision": one.revision, "version": one.version, "digest": one.digest, "decision": one.decision_id}
    return {
        "eventType": "COMPLETE",
        "eventTime": one.accepted_at.isoformat(),
        "producer": producer(),
        "schemaURL": f"{SPEC}RunEvent",
        "run": {"runId": one.id, "facets": {"meshgate_acceptance": _facet(f"{SPEC}RunFacet", accepted)}},
        "job": {
            "namespace": NAMESPACE + one.namespace,
            "name": f"{one.name}:{one.major}",
            "facets": {
                "documentation": _facet(
                    f"{FACETS}1-1-0/DocumentationJobFacet.json#/$defs/DocumentationJobFacet",
                    {"description": f"Makes {one.fqn}, of the domain {one.domain}."},
                )
            },
        },
        "inputs": [{**dataset, "facets": {}} for dataset in _once(map(_read, one.inputs))],
        "outputs": [_offered(port, one) for port in one.outputs],
    }


def producer() -> str:
    """What calls itself the producer of events and facets."""
    return f"urn:meshgate:{metadata.version('meshgate')}"


def _read(one: Input) -> dict[str, str]:
    """What an input port reads, by the name that it has as somebody's output."""
    if not one.product_fqn:
        return {"namespace": EXTERNAL, "name": one.target}
    _, _, namespace, _, product = one.product_fqn.split(":")
    major = "" if one.major is None else f":{one.major}"
    return {"namespace": NAMESPACE + namespace, "name": f"{product}{major}:{one.output}"}


def _once(datasets: Iterator[dict[str, str]]) -> list[dict[str, str]]:
    return list({tuple(one.items()): one for one in datasets}.values())


def _offered(port: Output, of: Acceptance) -> dict[str, Json]:
    name = {"namespace": NAMESPACE + of.namespace, "name": f"{of.name}:{of.major}:{port.name}"}
    facets: dict[str, Json] = {
        "version": _facet(
            f"{FACETS}1-0-1/DatasetVersionDatasetFacet.json#/$defs/DatasetVersionDatasetFacet",
            {"datasetVersion": port.version},
        )
    }
    if port.description:
        schema = f"{FACETS}1-1-0/DocumentationDatasetFacet.json#/$defs/DocumentationDatasetFacet"
        facets["documentation"] = _facet(schema, {"description": port.description})
    if port.fields:
        fields = [_field(at, *field) for at, field in enumerate(port.fields, start=1)]
        schema = f"{FACETS}1-2-0/SchemaDatasetFacet.json#/$defs/SchemaDatasetFacet"
        facets["schema"] = _facet(schema, {"fields": fields})
    return {**name, "facets": facets, "outputFacets": {}}


def _field(position: int, path: str, type: str, description: str) -> dict[str, Any]:
    told = {"name": path, "type": type, "description": description}
    return {**{name: value for name, value in told.items() if value}, "ordinal_position": position}


def _facet(schema: str, content: dict[str, Any]) -> dict[str, Json]:
    return {"_producer": producer(), "_schemaURL": schema, **content}
