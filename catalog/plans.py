"""What was a deployment going to do, as people read it?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from engine.model import Json


class PlannedAction(NamedTuple):
    """One action of a stored plan, without the configuration that its adapter is given."""

    action: str
    reason: str
    adapter: str
    destructive: bool
    data: str
    fqn: str
    kind: str
    name: str


class StoredPlan(NamedTuple):
    """The plan that a deployment carries out, or that people are asked about."""

    deployment_id: str
    digest: str
    actions: tuple[PlannedAction, ...]
    notes: tuple[str, ...]


def read(deployment_id: str, document: Mapping[str, Json]) -> StoredPlan:
    """The plan in its stored document."""
    actions = tuple(_action(one) for one in document.get("actions", ()))
    return StoredPlan(deployment_id, document["digest"], actions, tuple(document.get("notes", ())))


def _action(told: Mapping[str, Json]) -> PlannedAction:
    facts = {name: told[name] for name in ("action", "reason", "adapter", "destructive")}
    named = {name: told["request"]["component"][name] for name in ("fqn", "kind", "name")}
    return PlannedAction(data=told["policy"], **facts, **named)
