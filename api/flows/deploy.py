"""How does a request to deploy a version become a deployment, or the reason why it does not (DESIGN §6)?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError

from api.auth.permissions import Action, require
from api.flows import stored
from api.flows.deploying.foreseeing import foreseen
from api.flows.deploying.judging import withdrawn
from api.flows.grounds import RulesOn, grounds
from api.flows.once import commit
from api.flows.promotion import refuse_unpromoted
from api.flows.standing import Requested, Standing, Wish, standing
from catalog.database import Database
from catalog.deployable import Deployable, deployable, status_on
from catalog.deployments import DeploymentBook, Order
from catalog.domains import domain_now
from catalog.work import UnitOfWork
from engine.errors import CatalogMoved, GovernanceError, NotCleared, NotFound, PolicyEngineUnavailable
from engine.model import Decision, Event, Principal
from engine.policy.port import PolicyEngine
from engine.provision.bindings import Surroundings
from engine.provision.clearance import Clearance
from engine.provision.durable import Durable
from engine.provision.events import Cause
from engine.provision.judged import shown
from engine.provision.plan import Plan
from engine.provision.states import ContainerStatus, DeploymentAction
from engine.report import record

if TYPE_CHECKING:
    from api.flows.once import Beside

ATTEMPTS = 3
"""How often somebody else may take the slot, or what we relied on may change, between our look and our write."""


def request(
    wish: Wish,
    *,
    principal: Principal,
    database: Database,
    durable: Durable,
    rules_on: RulesOn,
    engine: PolicyEngine,
    environments: Mapping[str, Surroundings],
    now: datetime,
    once: Beside[Requested | GovernanceError] | None = None,
) -> Requested:
    """Enqueue a deployment of an accepted version, or answer with the one that serves the wish already.

    The domain that has the product now (that of its newest version) may deploy any version of it, and no other may.
    What the catalog lets expect to be done is what the policies are shown. Raises Forbidden, NotFound,
    ContainerOccupied, Downgrade, PlanInvalid, NotCleared (with `reasons`), PolicyEngineUnavailable, and CatalogMoved
    where what the decision relied on was something else each time it was about to begin.
    """
    require(principal, Action.DEPLOY)
    if wish.environment not in environments:
        raise NotFound(f"There is no environment `{wish.environment}`; there are {', '.join(environments)}.")
    subject = deployable(database, wish.product, wish.version, principal=principal)
    require(principal, Action.DEPLOY, domain=subject.domain)
    before = _looked(database, principal, subject, wish)
    if before is not None:
        return before
    descriptor = stored.descriptor(subject)
    for attempt in range(1, ATTEMPTS + 1):
        with database.work(principal) as work:
            expected = _foreseen(work, subject, wish, environments)
        made = grounds(
            descriptor,
            event=Event.DEPLOY,
            environment=wish.environment,
            now=now,
            database=database,
            rules_on=rules_on,
            plan=shown(expected, wish.environment),
        )
        decision = made.decided(engine)
        clearance = _cleared(decision, subject, wish, environments, database=database, principal=principal)
        try:
            with database.work(principal) as work:
                if not made.hold(work, rules_on):
                    continue
                if _foreseen(work, subject, wish, environments).digest != expected.digest:
                    continue
                return _placed(
                    work,
                    subject,
                    wish,
                    decision,
                    clearance,
                    judged=expected.digest,
                    environments=environments,
                    durable=durable,
                    once=once,
                )
        except IntegrityError:
            if attempt == ATTEMPTS:
                raise
    raise CatalogMoved()


def _looked(database: Database, principal: Principal, subject: Deployable, wish: Wish) -> Requested | None:
    """The answer that needs no decision; the transaction leaves nothing."""
    with database.work(principal) as work:
        return standing(DeploymentBook(work), subject, wish)


def _foreseen(work: UnitOfWork, subject: Deployable, wish: Wish, environments: Mapping[str, Surroundings]) -> Plan:
    return foreseen(DeploymentBook(work), subject, wish.environment, environments)


def _cleared(
    decision: Decision,
    subject: Deployable,
    wish: Wish,
    environments: Mapping[str, Surroundings],
    *,
    database: Database,
    principal: Principal,
) -> Clearance:
    """The clearance; a decision that gives none is logged before the refusal is told."""
    try:
        _not_withdrawn(subject.status, subject, wish)
        with database.reading() as connection:
            refuse_unpromoted(connection, subject, wish, environments)
        version, digest = subject.identity.version, subject.digest
        return Clearance.of(decision, environment=wish.environment, version=version, digest=digest)
    except NotCleared:
        with database.work(principal) as work:
            _log(work, decision, subject)
            work.commit()
        if decision.engine_failure:
            raise PolicyEngineUnavailable(decision.engine_failure) from None
        raise


def _not_withdrawn(status: str, subject: Deployable, wish: Wish) -> None:
    reasons = withdrawn(status)
    if not reasons:
        return
    detail = (
        f"{subject.identity.fqn} {subject.identity.version} has no clearance for {wish.environment}: it is withdrawn"
    )
    raise NotCleared(detail, reasons=reasons, environment=wish.environment)


def _placed(
    work: UnitOfWork,
    subject: Deployable,
    wish: Wish,
    decision: Decision,
    clearance: Clearance,
    *,
    judged: str,
    environments: Mapping[str, Surroundings],
    durable: Durable,
    once: Beside[Requested | GovernanceError] | None,
) -> Requested:
    """One transaction, with the head held: look again, log the decision, take the slot, enqueue."""
    subject = _permitted(work, subject)
    book = DeploymentBook(work)
    answer = standing(book, subject, wish)
    _log(work, decision, subject)
    if answer is None:
        _not_withdrawn(status_on(work.connection, subject.version_id), subject, wish)
        refuse_unpromoted(work.connection, subject, wish, environments)
        answer = _begun(book, clearance, subject, wish, judged)
        durable.enqueue(work.connection, answer.deployment_id)
    commit(work, answer, once)
    return answer


def _permitted(work: UnitOfWork, subject: Deployable) -> Deployable:
    """The subject in the domain that has its product now; Forbidden where that became one of somebody else."""
    domain = domain_now(work.connection, subject.product_id) or subject.domain
    require(work.principal, Action.DEPLOY, domain=domain)
    return replace(subject, domain=domain)


def _begun(book: DeploymentBook, clearance: Clearance, subject: Deployable, wish: Wish, judged: str) -> Requested:
    """A queued deployment in a new container or in the live one, which it updates in place."""
    held = book.holder(subject.slot(wish.environment))
    container = held or book.open_container(subject.slot(wish.environment))
    deployment = book.request(
        container,
        Order(
            action=DeploymentAction.DEPLOY,
            version=clearance.product.version,
            version_id=subject.version_id,
            digest=clearance.digest,
            decision_id=clearance.decision_id,
            rollback=wish.rollback,
            consent=wish.consent,
            pinned=wish.plan,
            judged=judged,
            cause=wish.cause,
        ),
    )
    status = ContainerStatus.UPDATING if held and held["version"] else ContainerStatus.PROVISIONING
    held_by = {"generation": deployment["generation"], "deployment_id": deployment["id"]}
    # A product may have moved to another domain since its container was opened; who has it now may retire it.
    book.change_container(container["id"], status=status, reason="", domain=subject.domain, **held_by)
    told = {"deployment": deployment["id"], "version": deployment["version"], "decision": deployment["decision_id"]}
    told |= {"cause": wish.cause} if wish.cause is not Cause.REQUEST else {}
    book.tell("deployment.requested", container, **told, generation=deployment["generation"])
    return Requested(deployment["id"], container["id"], Standing.STARTED)


def _log(work: UnitOfWork, decision: Decision, subject: Deployable) -> None:
    work.decisions.add(decision, record.document(decision, file=subject.root))
