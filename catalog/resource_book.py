"""How do the resources of a container change, each change an event of the deployment that makes it?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from catalog import happenings
from catalog.spans import begun, changed, now
from catalog.tables.deployment import ResourceRow
from catalog.tables.row import table_of
from engine.model import Json
from engine.provision.events import EventKind
from engine.provision.states import ResourceState, moved

if TYPE_CHECKING:
    from catalog.work import UnitOfWork

RESOURCE = table_of(ResourceRow)

Stored = dict[str, Any]
"""A stored row by column name."""


class ResourceBook:
    """The resources of one unit of work; call `work.head()` before reading what you rely on."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work

    @property
    def work(self) -> UnitOfWork:
        """The unit of work that all this belongs to."""
        return self._work

    def resources(self, container_id: str, fqns: Sequence[str] | None = None) -> list[Stored]:
        """The container's resources, or those of these components, as they were made; those that are gone included."""
        found = select(RESOURCE).where(now(RESOURCE, {"container_id": container_id}))
        if fqns is not None:
            found = found.where(RESOURCE.c.fqn.in_(fqns))
        rows = self._work.connection.execute(found.order_by(RESOURCE.c.position, RESOURCE.c.fqn))
        return [dict(row) for row in rows.mappings()]

    def resource(self, container_id: str, resource_id: str) -> Stored | None:
        mine = now(RESOURCE, {"container_id": container_id, "resource_id": resource_id})
        return self._first(select(RESOURCE).where(mine))

    def change_resource(
        self,
        container_id: str,
        resource_id: str,
        *,
        allowed: Callable[[Mapping[str, Any]], object] = lambda before: None,
        **values: Any,
    ) -> None:
        """What its deployment makes of a resource; `allowed` sees the row first, and raises where it may not change."""
        row = self._changed_resource(container_id, resource_id, values, allowed)
        told = {name: row[name] for name in ("state", "reason", "error_class")}
        self._happened(row["deployment_id"], EventKind.RESOURCE, resource=row["fqn"], **told)

    def found_resource(self, container_id: str, resource_id: str, **values: Any) -> None:
        """What becomes of a resource while no deployment is at it: an event of none, for the last one has ended."""
        self._changed_resource(container_id, resource_id, values)

    def intend(
        self,
        deployment: Mapping[str, Any],
        position: int,
        action: Mapping[str, Json],
        *,
        tries: int,
        since: datetime,
        unsure: bool = False,
    ) -> None:
        """Note, before an adapter is called, what it will be asked for (provisioning §2.6)."""
        request = action["request"]
        key = {"container_id": deployment["container_id"], "resource_id": request["resource_id"]}
        state = ResourceState.DELETING if action["action"] == "delete" else ResourceState.INTENT
        values = {
            "state": state,
            "generation": request["generation"],
            "request": {**request, "resolved": {}},
            "deployment_id": deployment["id"],
            "tries": tries,
            "since": since,
            "unsure": unsure,
            "operation": "",
            "reason": "",
            "error_class": "",
        }
        if state is ResourceState.INTENT:
            values |= {"adapter": action["adapter"], "specification": action["specification"], "position": position}
        component = request["component"]
        asked = {name: action[name] for name in ("action", "adapter")} | {"try": tries}
        about = {"state": state, "resource": component["fqn"], "details": asked}
        if self.resource(**key):
            self._changed_resource(**key, values=values)
            self._happened(deployment["id"], EventKind.BEGUN, **about)
            return
        named = {"fqn": component["fqn"], "kind": component["kind"], "name": component["name"]}
        begun(self._work, RESOURCE, {**key, **named, "fingerprint": "", "outputs": {}, **values})
        self._happened(deployment["id"], EventKind.BEGUN, **about)

    def _changed_resource(
        self,
        container_id: str,
        resource_id: str,
        values: Mapping[str, Any],
        allowed: Callable[[Mapping[str, Any]], object] = lambda before: None,
    ) -> Stored:
        key = {"container_id": container_id, "resource_id": resource_id}
        follows = following("state", ResourceState, values)

        def both(before: Mapping[str, Any]) -> None:
            allowed(before)
            follows(before)

        return changed(self._work, RESOURCE, key, values, allowed=both)

    def _happened(self, deployment_id: str, kind: EventKind, **told: Any) -> None:
        self._work.head()  # which settles the moment
        happenings.append(self._work.connection, deployment_id, kind, self._work.at, **told)

    def _first(self, statement: Any) -> Stored | None:
        row = self._work.connection.execute(statement).mappings().first()
        return None if row is None else dict(row)


def following(column: str, kind: type[StrEnum], values: Mapping[str, Any]) -> Callable[[Mapping[str, Any]], object]:
    """Refuses a row whose state in `column` the new one, if there is one, cannot follow."""

    def follows(before: Mapping[str, Any]) -> None:
        if column in values:
            moved(kind(before[column]), kind(values[column]))

    return follows


def present(resources: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The resources that are, or may be, there."""
    return [one for one in resources if not ResourceState(one["state"]).gone]
