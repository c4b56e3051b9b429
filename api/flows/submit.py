"""How does a descriptor join the mesh?

It is decided before the transaction that stores it, so that no lock waits for policies; that transaction holds the
catalog's head and looks again at everything the decision was based on. Whatever the outcome, the decision is logged;
only an accepted one makes a version.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from api.auth.permissions import Action, require
from api.flows.grounds import grounds
from api.flows.once import Once, commit
from api.flows.refusals import refusal
from engine.descriptor import Submission, ingest
from engine.errors import CatalogMoved
from engine.model import Bundle, Decision, Descriptor, Event, Identity, Json, Outcome, Principal
from engine.report import record

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from api.wiring import House
    from catalog.versions import AcceptedVersion
    from catalog.work import UnitOfWork

ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Submitted:
    """An accepted version and the entry of the report about the decision that accepted it.

    `created` is False where equal content had been accepted before; then everything is as it was told then.
    """

    identity: Identity
    version: AcceptedVersion
    entry: Json
    created: bool


def submit(
    submission: Submission, *, principal: Principal, house: House, once: Once[Submitted] | None = None
) -> Submitted:
    """The version that this submission made, or that had been made from equal content.

    Raises Forbidden, DescriptorUnreadable, DescriptorRejected, PolicyEngineUnavailable or PolicyEvaluationFailed (each
    with the logged decision's id and report), VersionConflict, CatalogMoved, CatalogUnavailable.
    """
    require(principal, Action.SUBMIT)
    descriptor = ingest(replace(submission, remote=house.remote()), namespace=house.settings.namespace)
    if descriptor.identity is not None:
        require(principal, Action.SUBMIT, domain=descriptor.identity.domain)
    attempt = _Attempt(descriptor, principal, house, once)
    for _ in range(ATTEMPTS):
        submitted = attempt.stored() or attempt.decided()
        if submitted is not None:
            return submitted
    raise CatalogMoved()


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One descriptor on its way into the catalog."""

    descriptor: Descriptor
    principal: Principal
    house: House
    once: Once[Submitted] | None

    def stored(self) -> Submitted | None:
        """The version that holds this content already; VersionConflict where it holds other content."""
        from catalog.versions import found_on

        with self.house.database.reading() as connection:
            found = self._found(partial(found_on, connection))
            if found is None:
                self._permitted(connection)
        return None if found is None else self._told(found)

    def decided(self) -> Submitted | None:
        """Decide and store; None when the catalog moved in a way that matters, and nothing was stored."""
        now, database, rules_on = self.house.clock(), self.house.database, self.house.rules_on
        made = grounds(self.descriptor, event=Event.SUBMIT, now=now, database=database, rules_on=rules_on)
        decision = made.decided(self.house.engine)
        with database.work(self.principal, at=now) as work:
            work.head()
            if (found := self._found(work.versions.find)) is not None:
                return self._told(found)
            self._permitted(work.connection)
            if not made.hold(work, rules_on):
                return None
            return self._remember(work, decision, made.rules.bundle)

    def _found(self, find: Callable[[Identity, str], AcceptedVersion | None]) -> AcceptedVersion | None:
        identity, digest = self.descriptor.identity, self.descriptor.digest
        return None if identity is None or digest is None else find(identity, digest)

    def _told(self, version: AcceptedVersion) -> Submitted:
        assert self.descriptor.identity is not None, "only a descriptor with an identity was accepted"
        entry = self.house.decisions.record(version.decision_id, principal=self.principal)
        return Submitted(self.descriptor.identity, version, entry, created=False)

    def _permitted(self, connection: Connection) -> None:
        """Raise Forbidden where the product belongs to a domain in which the principal may not write.

        The domain that a descriptor names is its author's word: it gives nobody the product of another domain.
        """
        identity = self.descriptor.identity
        if identity is None or not self.principal.domains:
            return
        from catalog.domains import domain_now
        from catalog.lines import product_id

        held = domain_now(connection, product_id(identity.namespace, identity.name))
        if held is not None:
            require(self.principal, Action.SUBMIT, domain=held)

    def _remember(self, work: UnitOfWork, decision: Decision, bundle: Bundle) -> Submitted:
        entry = record.document(decision, file=self.descriptor.file, folder="")
        work.decisions.add(decision, entry)
        if decision.outcome is Outcome.ACCEPTED:
            result = self._accepted(work, decision, entry)
            commit(work, result, self.once)
            return result
        refused = refusal(decision, entry, bundle)
        commit(work, refused, self.once)
        raise refused

    def _accepted(self, work: UnitOfWork, decision: Decision, entry: Json) -> Submitted:
        assert self.descriptor.identity is not None, "only a descriptor with an identity is accepted"
        version = work.versions.add(self.descriptor, decision.id)
        return Submitted(self.descriptor.identity, version, entry, created=True)
