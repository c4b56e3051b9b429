"""A catalog to which anything may happen, in any order: what flows write, step by step, and by whom they are drawn.

A step that does not apply (a version that is there already, a container that is gone) writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import make
import remembered
from hypothesis import strategies as st
from remembered import ANNA
from sqlalchemy import select

from catalog import releases
from catalog.database import Database
from catalog.deployments import Order, Slot
from catalog.lines import LINE, product_id
from catalog.products import LISTING, VERSION
from catalog.releases import Facts
from catalog.rescans import Order as Rescan
from catalog.rescans import RescanBook
from catalog.standings import STANDING, Judged, Standings, State
from catalog.suspensions import SuspensionBook
from catalog.waivers import WaiverBook
from catalog.work import UnitOfWork
from engine.errors import VersionConflict
from engine.model import Outcome, Principal
from engine.provision.states import (
    CONTAINER_MOVES,
    DEPLOYMENT_MOVES,
    RESOURCE_MOVES,
    ContainerStatus,
    DeploymentState,
    ResourceState,
)

NAMES = ("orders", "customers", "revenue")
VERSIONS = ("1.0.0", "1.1.0", "2.0.0")
ENVIRONMENTS = ("dev", "prod")
NEXT_YEAR = make.NOW.replace(year=2027)
Step = Callable[["History"], None]


class History:
    """One catalog and the moment at which the next step is taken."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = make.NOW
        self._waivers: dict[str, tuple[str, str]] = {}

    def work(self, who: Principal = ANNA) -> UnitOfWork:
        return self.database.work(who, at=self.now)

    # --- products -----------------------------------------------------------------------------------------------------

    def submit(
        self, name: str, version: str, reads: Sequence[tuple[str, str]], domain: str, outputs: list[str]
    ) -> None:
        descriptor = remembered.product(name, version, reads=reads, domain=domain, outputs=outputs, tags=[domain])
        with suppress(VersionConflict):
            remembered.accept(self.database, descriptor, at=self.now)

    def reject(self, name: str) -> None:
        made = remembered.decision(remembered.product(name, "9.9.9"), Outcome.REJECTED)
        with self.work() as work:
            work.decisions.add(made, remembered.record(made))
            work.commit()

    def set_status(self, which: int, status: str) -> None:
        with self.work() as work:
            work.head()
            rows = work.connection.execute(
                select(LINE.c.fqn, VERSION.c.version)
                .join(VERSION, VERSION.c.line_id == LINE.c.id)
                .order_by(VERSION.c.id)
            ).all()
            if rows:
                fqn, version = rows[which % len(rows)]
                work.versions.set_status(remembered.identity(fqn.split(":")[4], version), status, reason=f"to {status}")
                work.commit()

    # --- containers ---------------------------------------------------------------------------------------------------

    def deploy(self, which: int, environment: str) -> None:
        with self.work() as work:
            work.head()
            joined = select(VERSION, LINE.c.fqn, LINE.c.major).join(LINE, LINE.c.id == VERSION.c.line_id)
            rows = work.connection.execute(joined.order_by(VERSION.c.id)).all()
            if not rows:
                return
            one = rows[which % len(rows)]
            name = one.fqn.split(":")[4]
            place = (product_id("org.example", name), one.line_id, one.fqn, name, one.domain, one.major, environment)
            held = work.deployments.holder(Slot(*place)) or work.deployments.open_container(Slot(*place))
            latest = work.deployments.latest(held["id"])
            if latest is not None and DeploymentState(latest["state"]).running:
                return
            order = Order("deploy", one.version, one.id, one.digest, one.decision_id)
            queued = work.deployments.request(held, order)
            values = {"generation": queued["generation"], "deployment_id": queued["id"]}
            work.deployments.change_container(held["id"], **values)
            action = {
                "action": "create",
                "adapter": "local-fs",
                "specification": "s",
                "request": {
                    "resource_id": f"{environment}/store",
                    "generation": queued["generation"],
                    "component": {"fqn": f"{one.fqn}:infrastructure:store", "kind": "store", "name": "store"},
                },
            }
            work.deployments.intend(queued, 0, action, tries=1, since=self.now)
            work.commit()

    def move(self, which: int, choice: int) -> None:
        """What a worker writes: a container, its deployment and its resource each come to a state that may follow."""
        with self.work() as work:
            work.head()
            book = work.deployments
            holders = (
                book.holder(Slot(product_id("org.example", name), "", "", name, "", major, environment))
                for name in NAMES
                for major in (1, 2)
                for environment in ENVIRONMENTS
            )
            held = [holder for holder in holders if holder is not None]
            if not held:
                return
            one = held[which % len(held)]
            deployment = book.deployment(one["deployment_id"])
            assert deployment is not None
            (resource,) = book.resources(one["id"])
            status = _next(CONTAINER_MOVES, ContainerStatus(one["status"]), choice)
            state = _next(DEPLOYMENT_MOVES, DeploymentState(deployment["state"]), choice)
            made = _next(RESOURCE_MOVES, ResourceState(resource["state"]), choice)
            book.change_deployment(deployment["id"], state=state, reason=f"now {status}")
            book.change_container(one["id"], status=status, usable=status == "active", reason=f"now {status}")
            book.change_resource(one["id"], resource["resource_id"], state=made)
            work.commit()

    # --- governance ---------------------------------------------------------------------------------------------------

    def rescan(self, found: Sequence[State | None], number: int) -> None:
        """A rescan by another bundle: each listed line gets a state, or (None) is confirmed; the rest is closed."""
        with self.work() as work:
            work.head()
            rows = work.connection.execute(
                select(LISTING, STANDING.c.state)
                .outerjoin(STANDING, (STANDING.c.line_id == LISTING.c.line_id) & STANDING.c.until_revision.is_(None))
                .where(LISTING.c.until_revision.is_(None))
                .order_by(LISTING.c.fqn)
            ).all()
            lines = [row.line_id for row in rows]
            by = (f"sha256:bundle{number}", "sha256:a", "sha256:w", "in_memory 1")
            rescan = RescanBook(work).open(Rescan("all", "rules", by, {}, "2026-11-23", lines, 0))
            standings, judged, confirmed = Standings(work), [], []
            for row, state in zip(rows, found, strict=False):
                if state is None and row[-1] is not None:
                    confirmed.append(row.line_id)
                elif state is not None:
                    judged.append(self._judged(work, row, state, f"sha256:bundle{number}"))
            standings.confirm(confirmed, rescan=rescan, cursor=0)
            standings.set(judged, rescan=rescan, cursor=0)
            stale = select(STANDING.c.line_id).where(
                STANDING.c.until_revision.is_(None), STANDING.c.line_id.not_in(lines)
            )
            standings.close(list(work.connection.execute(stale).scalars()))
            work.commit()

    def _judged(self, work: UnitOfWork, row: Any, state: State, bundle: str) -> Judged:
        outcome = {State.COMPLIANT: Outcome.ACCEPTED, State.NON_COMPLIANT: Outcome.REJECTED}.get(
            state, Outcome.UNDECIDED
        )
        about = remembered.product(row.name, row.version, domain=row.domain)
        made = remembered.decision(about, outcome, bundle_revision=bundle)
        work.decisions.add(made, remembered.record(made))
        line = (row.line_id, row.fqn, row.version_id, row.version, row.domain)
        before = State(row[-1]) if row[-1] is not None else State.COMPLIANT
        return Judged(*line, state, before, made.id, self.now, {"outcome": str(outcome)})

    def except_from(self, name: str) -> None:
        """A waiver is asked for; one that waits is approved, one that holds is revoked."""
        with self.work(Principal("bob")) as work:
            work.head()
            book, fqn = WaiverBook(work), remembered.identity(name).fqn
            if fqn not in self._waivers:
                texts = {"policy": "mesh.ownership.owner_declared", "product": fqn, "reason": "moving"}
                self._waivers[fqn] = (
                    book.request(texts, domain="sales", begins=make.NOW, ends=NEXT_YEAR).id,
                    "approved",
                )
            else:
                waiver, state = self._waivers.pop(fqn)
                work.principal = ANNA
                book.step(waiver, state, note="well")
                if state == "approved":
                    self._waivers[fqn] = (waiver, "revoked")
            work.commit()

    def suspend(self, lift: bool) -> None:
        with self.work() as work:
            work.head()
            book = SuspensionBook(work)
            if lift:
                book.lift("mesh.ownership.owner_declared")
            else:
                book.suspend("mesh.ownership.owner_declared", reason="broken", ends=NEXT_YEAR)
            work.commit()

    def release(self, number: int) -> None:
        """Put a bundle in force; one that was there before is a rollback."""
        with self.work() as work:
            facts = Facts(f"sha256:bundle{number}", "sha256:a", "sha256:w", make.NOW, "", 1)
            put = releases.add(work, f"bundle {number}".encode(), facts)
            releases.activate(work, put, kind="bundle.released", reason=f"bundle {number}")
            work.commit()

    def look(self) -> None:
        """A unit of work that records nothing makes no revision."""
        with self.work() as work:
            work.head()
            work.commit()


def _next(moves: Mapping[Any, frozenset[Any]], state: Any, choice: int) -> Any:
    """One of the states that may follow this one; the same where none may."""
    after = sorted(moves.get(state, ()))
    return after[choice % len(after)] if after else state


def _call(name: str, *arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[Step]:
    def step(given: tuple[Any, ...]) -> Step:
        def taken(history: History) -> None:
            getattr(history, name)(*given)

        taken.__name__ = taken.__qualname__ = f"{name}{given}"
        return taken

    return st.tuples(*arguments).map(step)


_SOME = st.integers(0, 20)
_TARGETS = st.sampled_from(
    [
        f"urn:dpds:org.example:dataproducts:{name}{major}:outputports:placed"
        for name in NAMES
        for major in (":1", ":2", "")
    ]
    + ["the old CRM"]
)
_READS = st.lists(st.tuples(st.sampled_from(["in", "more"]), _TARGETS), max_size=2, unique_by=lambda one: one[0])
_STATES = st.lists(st.sampled_from([None, *State]), min_size=6, max_size=6)

SUBMITS = _call(
    "submit",
    st.sampled_from(NAMES),
    st.sampled_from(VERSIONS),
    _READS,
    st.sampled_from(["sales", "finance"]),
    st.sampled_from([["placed"], ["placed", "paid"], ["other"]]),
)
STEPS: st.SearchStrategy[Step] = st.one_of(
    SUBMITS,
    _call("set_status", _SOME, st.sampled_from(["active", "deprecated", "withdrawn"])),
    _call("deploy", _SOME, st.sampled_from(ENVIRONMENTS)),
    *[_call("move", _SOME, st.integers(0, 5))] * 3,
    _call("rescan", _STATES, st.integers(1, 3)),
    _call("except_from", st.sampled_from(NAMES)),
    _call("suspend", st.booleans()),
    _call("release", st.integers(1, 3)),
    _call("reject", st.sampled_from(NAMES)),
    _call("look"),
)
"""One step of a history; without some `SUBMITS` before, most of them would find nothing to do."""
