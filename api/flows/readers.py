"""Who still reads what is about to be retired? It is a warning, and keeps nobody from retiring it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.access_sets import Set
from engine.model import Json, Principal

if TYPE_CHECKING:
    from api.wiring import House


def readers(container_id: str, *, principal: Principal, house: House) -> dict[str, Json]:
    """`consumers`: products whose containers in the same environment read this one, by fqn; `subjects`: who is let in
    to its ports. Both are empty for a container that there is not, or that may not be seen."""
    found = house.containers.one(container_id, principal=principal)
    if found is None:
        return {"consumers": [], "subjects": []}
    steps = house.lineage.downstream([found.line_id], principal=principal)[found.line_id]
    reading = {node.id: node.fqn for node, _ in steps}
    running = house.together.containers(list(reading), principal=principal)
    live = {reading[line] for line, those in running.items() for one in those if one.environment == found.environment}
    sets = house.access_sets.of_lines([found.line_id], principal=principal)[found.line_id]
    here: list[Set | None] = [one for (environment, _), one in sets.items() if environment == found.environment]
    subjects = {subject for one in here if one is not None for subject in one.given}
    return {"consumers": sorted(live), "subjects": sorted(subjects)}
