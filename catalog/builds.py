"""What was built of a version, and which deployment is at it, so that each thing is built once?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, Select, delete, func, insert, select, update

from catalog.database import Database
from catalog.lines import LINE
from catalog.spans import made_by, now
from catalog.tables.building import BuildClaimRow, BuildRow
from catalog.tables.deployment import ContainerRow, DeploymentRow, ResourceRow
from catalog.tables.product import VersionRow
from catalog.tables.row import table_of
from catalog.visible import visible
from engine.model import Json, Principal
from engine.provision.states import RUNNING, UNDOING, ResourceState

if TYPE_CHECKING:
    from catalog.work import UnitOfWork

BUILD, CLAIM = table_of(BuildRow), table_of(BuildClaimRow)
CONTAINER, DEPLOYMENT, RESOURCE = table_of(ContainerRow), table_of(DeploymentRow), table_of(ResourceRow)
VERSION = table_of(VersionRow)

AT_IT = sorted(RUNNING - UNDOING)
"""States of a deployment that goes on with what it builds."""


class Artifact(NamedTuple):
    """A thing that was built of a version, named by its content; `component` is the fqn of the task or component."""

    name: str
    digest: str
    location: str
    media_type: str
    component: str
    adapter: str
    deployment_id: str
    at: datetime


class Claim(NamedTuple):
    """Which deployment builds a version, what at the moment, how often it asked, and the operation that goes on."""

    deployment_id: str
    fqn: str
    tries: int
    operation: str
    since: datetime


class BuildBook:
    """The builds as one unit of work sees and changes them; its head is locked, so no two begin one."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work

    def done(self, digest: str) -> set[str]:
        """What was built of the version, by fqn."""
        return set(self._work.connection.execute(select(BUILD.c.fqn).where(BUILD.c.digest == digest)).scalars())

    def claimed(self, digest: str, fqn: str, deployment_id: str, *, at: datetime) -> Claim:
        """The claim on the version: of this deployment, unless another one that goes on is at it.

        What a deployment left that ended goes on with this one; an operation is followed and not begun again.
        """
        held = self._held(digest)
        if held is None:
            fresh = Claim(deployment_id, fqn, 1, "", at)
            self._work.connection.execute(insert(CLAIM), {"digest": digest, **fresh._asdict()})
            return fresh
        if held.deployment_id != deployment_id and self._at_it(held.deployment_id):
            return held
        same = held.fqn == fqn
        operation = held.operation if same else ""
        mine = same and held.deployment_id == deployment_id
        tries = (held.tries if mine else 0) + (0 if operation and mine else 1)
        return self.note(digest, Claim(deployment_id, fqn, tries, operation, held.since if operation else at))

    def note(self, digest: str, claim: Claim) -> Claim:
        """Remember where it is."""
        self._work.connection.execute(update(CLAIM).where(CLAIM.c.digest == digest).values(**claim._asdict()))
        return claim

    def keep(self, version_id: str, digest: str, claim: Claim, *, adapter: str, seen: Mapping[str, Json]) -> None:
        """Remember for ever what was built, and let go of the version; never twice (IntegrityError)."""
        position = self._work.connection.execute(
            select(func.count()).select_from(BUILD).where(BUILD.c.digest == digest)
        ).scalar_one()
        told = {"outputs": seen["outputs"], "artifacts": seen.get("artifacts", [])}
        row = {"digest": digest, "fqn": claim.fqn, "version_id": version_id, "position": position, "adapter": adapter}
        row |= {"deployment_id": claim.deployment_id, "at": self._work.at, "from_revision": self._work.revision}
        self._work.connection.execute(insert(BUILD), {**row, **told})
        self.released(claim.deployment_id)

    def names(self, digest: str) -> set[str]:
        """The names of the artifacts of the version."""
        kept = self._work.connection.execute(select(BUILD.c.artifacts).where(BUILD.c.digest == digest)).scalars()
        return {one["name"] for listed in kept for one in listed}

    def released(self, deployment_id: str) -> Claim | None:
        """The claim that the deployment had, and has no more."""
        mine = CLAIM.c.deployment_id == deployment_id
        row = self._work.connection.execute(select(*_CLAIMED).where(mine)).one_or_none()
        self._work.connection.execute(delete(CLAIM).where(mine))
        return None if row is None else Claim._make(row)

    def _held(self, digest: str) -> Claim | None:
        row = self._work.connection.execute(select(*_CLAIMED).where(CLAIM.c.digest == digest)).one_or_none()
        return None if row is None else Claim._make(row)

    def _at_it(self, deployment_id: str) -> bool:
        going = (now(DEPLOYMENT, {"id": deployment_id}), DEPLOYMENT.c.state.in_(AT_IT))
        return self._work.connection.execute(select(DEPLOYMENT.c.id).where(*going)).first() is not None


_CLAIMED = [CLAIM.c[name] for name in Claim._fields]


class Builds:
    """Reads of what was built."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def done(self, digest: str) -> frozenset[str]:
        """What was built of a version, by fqn."""
        with self._database.reading() as connection:
            return frozenset(connection.execute(select(BUILD.c.fqn).where(BUILD.c.digest == digest)).scalars())

    def artifacts(self, digest: str) -> list[Json]:
        """The artifacts of a version as upp/1 tells them, in the order in which they were built."""
        found = select(BUILD.c.artifacts).where(BUILD.c.digest == digest).order_by(BUILD.c.position)
        with self._database.reading() as connection:
            return [one for listed in connection.execute(found).scalars() for one in listed]

    def outputs(self, fqn: str, version: str) -> dict[str, Json]:
        """What earlier stages of a version told, by fqn: what was built, and its tasks in whatever environment."""
        built = (
            select(BUILD.c.fqn, BUILD.c.outputs)
            .select_from(_BUILT)
            .where(LINE.c.fqn == fqn, VERSION.c.version == version)
        )
        tasks = (
            select(RESOURCE.c.fqn, RESOURCE.c.outputs)
            .select_from(RESOURCE.join(CONTAINER, CONTAINER.c.id == RESOURCE.c.container_id))
            .where(now(RESOURCE, {"kind": "task", "state": ResourceState.READY}))
            .where(now(CONTAINER, {"fqn": fqn, "version": version}))
        )
        with self._database.reading() as connection:
            rows = [*connection.execute(built), *connection.execute(tasks)]
        return {row.fqn: row.outputs for row in rows}

    def of_versions(
        self, version_ids: Sequence[str], *, principal: Principal, at: int | None = None
    ) -> dict[str, list[Artifact]]:
        """The artifacts of several versions by one statement; versions without any are left out."""
        found: dict[str, list[Artifact]] = {}
        with self._database.reading() as connection:
            shown = _shown(principal, at).where(BUILD.c.version_id.in_(list(version_ids)))
            for version_id, one in _artifacts(connection, shown):
                found.setdefault(version_id, []).append(one)
        return found


_BUILT = BUILD.join(VERSION, VERSION.c.id == BUILD.c.version_id).join(LINE, LINE.c.id == VERSION.c.line_id)


def _shown(principal: Principal, at: int | None) -> Select[Any]:
    columns = ("version_id", "fqn", "adapter", "artifacts", "deployment_id", "at")
    shown = select(*(BUILD.c[name] for name in columns)).select_from(_BUILT)
    return shown.where(visible(principal, VERSION.c.domain), made_by(BUILD, at)).order_by(BUILD.c.position)


def _artifacts(connection: Connection, statement: Select[Any]) -> list[tuple[str, Artifact]]:
    return [
        (
            row.version_id,
            Artifact(
                *(one["name"], one["digest"], one["location"], one.get("media_type", "")),
                *(row.fqn, row.adapter, row.deployment_id, row.at),
            ),
        )
        for row in connection.execute(statement)
        for one in row.artifacts
    ]
