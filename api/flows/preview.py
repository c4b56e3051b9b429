"""What would a deployment do, what would be said of it, and whose word would it need? Nothing is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.auth.permissions import Action, require
from api.flows import stored
from api.flows.deploying.agreeing import needed
from api.flows.deploying.foreseeing import known, resources_of, target
from api.flows.deploying.foretelling import foretold
from api.flows.deploying.judging import withdrawn
from api.flows.deploying.looking import together
from api.flows.grounds import grounds
from api.flows.standing import Wish, standing
from catalog.deployable import Deployable, deployable
from catalog.deployments import DeploymentBook
from engine.errors import NotFound, PolicyEngineUnavailable
from engine.model import Decision, Event, Json, Principal
from engine.provision.clearance import refusals
from engine.provision.judged import destroyed, shown
from engine.provision.plan import Plan, plan
from engine.provision.states import DeploymentAction
from engine.report import record

if TYPE_CHECKING:
    from api.wiring import House


def preview(wish: Wish, *, principal: Principal, house: House) -> dict[str, Json]:
    """The plan that a deployment asked for now would get by looking, and the decision over it.

    Adapters are asked what is there and whether they can make what is asked for; nothing is logged or stored. Raises
    what asking for the deployment raises, but for NotCleared: that it is not cleared is told with the reasons.
    """
    require(principal, Action.DEPLOY)
    if wish.environment not in house.places:
        raise NotFound(f"There is no environment `{wish.environment}`; there are {', '.join(house.places)}.")
    subject = deployable(house.database, wish.product, wish.version, principal=principal)
    require(principal, Action.DEPLOY, domain=subject.domain)
    made, generation, stands = _planned(wish, subject, principal, house)
    decision = _decided(wish, subject, made, house)
    reasons = withdrawn(subject.status) or refusals(decision, environment=wish.environment, version=wish.version)
    place = house.places[wish.environment]
    return {
        "product": subject.identity.fqn,
        "version": subject.identity.version,
        "environment": wish.environment,
        "generation": generation,
        "standing": stands,
        "plan": shown(made, wish.environment),
        "decision": _told(decision, subject),
        "cleared": not reasons,
        "reasons": reasons,
        "asks": needed(DeploymentAction.DEPLOY, made, place, consent=wish.consent) or None,
        "destroys": list(destroyed(made)),
    }


def _planned(wish: Wish, subject: Deployable, principal: Principal, house: House) -> tuple[Plan, int, str]:
    """The plan by looking, its generation, and whether a deployment would begin (`new`) or another answers."""
    with house.database.work(principal) as work:
        book = DeploymentBook(work)
        answered = standing(book, subject, wish)
        aim = target(book, subject, wish.environment, house.places)
        there = resources_of(book, aim)
    seen = together(there, house.site)
    made = plan(subject.effective, aim, known=known(there), seen=seen)
    made = foretold(made, seen, there, house.site)
    return made, aim.generation, "new" if answered is None else answered.standing.value


def _decided(wish: Wish, subject: Deployable, made: Plan, house: House) -> Decision:
    found = grounds(
        stored.descriptor(subject),
        event=Event.DEPLOY,
        environment=wish.environment,
        now=house.clock(),
        database=house.database,
        rules_on=house.rules_on,
        plan=shown(made, wish.environment),
    )
    decision = found.decided(house.engine)
    if decision.engine_failure:
        raise PolicyEngineUnavailable(decision.engine_failure)
    return decision


def _told(decision: Decision, subject: Deployable) -> dict[str, Json]:
    """The decision as in a report, but for the id of one that nobody keeps."""
    told: dict[str, Json] = record.document(decision, file=subject.root)["decision"]
    return {name: value for name, value in told.items() if name != "id"}
