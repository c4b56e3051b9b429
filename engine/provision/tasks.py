"""Which tasks does a stage of the life cycle have (`lifecycleInfo[stage]`), and as what does an adapter see each?"""

from __future__ import annotations

from collections.abc import Mapping

from engine.model import Identity, Json
from engine.provision.components import Component, line_of

BUILD = "build"
"""The stage that is carried out once for a version; every other stage is named like an environment."""

KIND = "task"
TYPE = "lifecycle-task"
"""The type of every task; a binding is one for tasks when it names this type, in these words."""


def lifecycle(effective: Mapping[str, Json], identity: Identity, stage: str) -> list[Component]:
    """The tasks of a stage in their order: those with `order` first, ascending, then the others as written.

    The platform of a task is who its service names (`{azure-devops}` and `azure-devops` are the same), the definition
    the task as accepted. One without a name is called by its place.
    """
    info = _mapping(_mapping(effective.get("internalComponents")).get("lifecycleInfo"))
    listed = info.get(stage)
    told = [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []
    ordered = sorted(told, key=lambda one: (not isinstance(one.get("order"), int), one.get("order") or 0))
    return [_task(one, place, identity, stage) for place, one in enumerate(ordered, start=1)]


def _task(told: Mapping[str, Json], place: int, identity: Identity, stage: str) -> Component:
    name = str(told.get("name") or f"task {place}")
    service = _mapping(told.get("service"))
    platform = str(service.get("$href") or service.get("$ref") or "").strip().removeprefix("{").removesuffix("}")
    return Component(f"{line_of(identity)}:tasks:{stage}:{name}", KIND, name, platform, TYPE, told)


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}
