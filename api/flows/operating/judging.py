"""What does a look at a container make of it and of its resources? Pure: it asks nobody and writes nothing.

A resource is `ready` while it is as it was made, `drifted` when it is gone or another, and `unknown` when nobody could
see it: that is never taken for absent. What a deployment left in any other state is only told as present or not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.flows.deploying.looking import mismatch
from catalog.observable import Observable
from engine.model import Json
from engine.provision.states import ContainerStatus, ResourceState

Stored = Mapping[str, Any]
Seen = Mapping[str, Mapping[str, Json]]
"""What adapters see, by the id of the resource."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What is to be written of a look: values of resources by id and of the container, where they change.

    `drifted` and `unsure` are the fqns of the resources that are so now, `kind` the change that is told, if any.
    """

    found: Mapping[str, Mapping[str, Json]]
    facts: Mapping[str, Json]
    drifted: tuple[str, ...]
    unsure: tuple[str, ...]
    kind: str

    @property
    def changes_nothing(self) -> bool:
        return not self.found and not self.facts


def judged(subject: Observable, seen: Seen) -> Judged:
    """The judgement on a container of which everything was looked at."""
    after = [{**one, **_found(one, seen[one["resource_id"]])} for one in subject.resources]
    pairs = list(zip(subject.resources, after, strict=True))
    found = {now["resource_id"]: _difference(one, now) for one, now in pairs if now != one}
    facts = _facts(subject, after, seen)
    drifted, unsure = _in(after, ResourceState.DRIFTED), _in(after, ResourceState.UNKNOWN)
    newly = {state: _in([now for one, now in pairs if one["state"] != state], state) for state in (_GONE, _UNSEEN)}
    return Judged(found, facts, drifted, unsure, _kind(newly, facts))


_GONE, _UNSEEN = ResourceState.DRIFTED, ResourceState.UNKNOWN


def _found(one: Stored, seen: Mapping[str, Json]) -> dict[str, Json]:
    """The state in which a resource is found. An `unknown` with a class of error is one that a deployment left so."""
    state = ResourceState(one["state"])
    watched = state in (ResourceState.READY, _GONE) or (state is _UNSEEN and not one["error_class"])
    if not watched:
        return {}
    if seen["state"] == "unknown":  # its words may differ each time: only the first ones are kept
        return {} if state is _UNSEEN else {"state": _UNSEEN, "reason": str(seen["reason"])}
    why = mismatch(one, seen) or ("its data was only retained" if seen.get("retained") else "")
    return {"state": _GONE if why else ResourceState.READY, "reason": why}


def _difference(before: Stored, after: Stored) -> dict[str, Json]:
    return {name: after[name] for name in ("state", "reason") if after[name] != before[name]}


def _facts(subject: Observable, resources: list[dict[str, Any]], seen: Seen) -> dict[str, Json]:
    """What of the container's facts is another now. What nobody could see counts as usable if it was so before."""
    held = subject.container
    there = {"present": True, "absent": False, "unknown": held["usable"]}
    usable = bool(resources) and all(there[one["state"]] for one in seen.values())
    wrong = [one["reason"] or f"{one['fqn']} is {one['state']}" for one in resources if one["state"] != "ready"]
    in_sync = subject.clean and bool(resources) and not wrong
    status = ContainerStatus.ACTIVE if usable and in_sync else ContainerStatus.DEGRADED
    reason = "; ".join(wrong) if subject.clean else held["reason"]
    now = {"status": status, "usable": usable, "in_sync": in_sync, "reason": reason}
    return {name: value for name, value in now.items() if held[name] != value}


def _kind(newly: Mapping[ResourceState, tuple[str, ...]], facts: Mapping[str, Json]) -> str:
    if newly[_GONE]:
        return "container.drifted"
    if facts.get("in_sync"):
        return "container.in_sync"
    return "container.unknown" if newly[_UNSEEN] else ""


def _in(resources: list[dict[str, Any]], state: ResourceState) -> tuple[str, ...]:
    return tuple(one["fqn"] for one in resources if one["state"] == state)
