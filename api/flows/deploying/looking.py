"""What is there of the resources of a container, and is it what was made?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from api.flows.deploying.site import Site
from engine.model import Json
from engine.provision.states import ResourceState


class Seen(NamedTuple):
    """Two separate facts: usable (everything is there) and in sync (everything is as its version wants it)."""

    usable: bool
    in_sync: bool


def observed(resource: Mapping[str, Any], site: Site) -> dict[str, Json]:
    """What its adapter sees of a stored resource; what was told last, of an adapter that cannot look."""
    maker = site.adapter(resource["adapter"], resource["request"])
    if maker.can("observe"):
        return maker.observe(dict(resource["request"]))
    told = {name: resource[name] for name in ("generation", "fingerprint", "outputs")}
    retained = resource["state"] == ResourceState.RETAINED
    if not resource["fingerprint"]:
        return {"state": "unknown", "reason": f"{maker.name} cannot look"}
    return {"state": "present", **told, "retained": retained}


def together(resources: Sequence[Mapping[str, Any]], site: Site) -> dict[str, dict[str, Json]]:
    """What is seen of each of these resources, by its id."""
    return {one["resource_id"]: observed(one, site) for one in resources}


def mismatch(resource: Mapping[str, Any], seen: Mapping[str, Json]) -> str:
    """How what is seen differs from what was made; empty when it does not."""
    if seen["state"] == "unknown":
        return f"what became of {resource['fqn']} is unknown: {seen['reason']}"
    if seen["state"] == "absent":
        return f"{resource['fqn']} is not there"
    return "" if seen["fingerprint"] == resource["fingerprint"] else f"{resource['fqn']} is not what was made"


def look(resources: Sequence[Mapping[str, Any]], site: Site) -> Seen:
    """What is seen of these resources together; a container without any is neither."""
    seen = [observed(one, site) for one in resources]
    matching = [not mismatch(one, what) for one, what in zip(resources, seen, strict=True)]
    in_sync = bool(seen) and all(matching) and all(one["state"] == ResourceState.READY for one in resources)
    return Seen(bool(seen) and all(what["state"] == "present" for what in seen), in_sync)
