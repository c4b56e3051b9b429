"""Do the policies of the mesh let this subject read this port for this purpose?

They see the descriptor of the version that is live there (before anything is, the newest version) and, at the event
`access`, the request in `_context.access`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from api.flows import stored
from api.flows.access.wish import refuse
from api.flows.grounds import Grounds, grounds
from catalog.deployable import Deployable, deployable
from engine.errors import AccessRefused, NotFound, PolicyEngineUnavailable
from engine.model import Decision, Event, Json, Outcome, Principal
from engine.provision.clearance import objections
from engine.report import record

if TYPE_CHECKING:
    from api.wiring import House
    from catalog.work import UnitOfWork

ATTEMPTS = 3
"""How often what the decision relied on may change between our look and our write."""


@dataclass(frozen=True, slots=True)
class Case:
    """What is judged: the version, the name of its output port, and what is asked for."""

    subject: Deployable
    port: str
    environment: str
    asks: Mapping[str, Json]


def case(
    product: str, port: str, environment: str, asks: Mapping[str, Json], *, principal: Principal, house: House
) -> Case:
    """The case of a request. Raises NotFound for product and environment, AccessInvalid for the port."""
    if environment not in house.environments:
        raise NotFound(f"There is no environment `{environment}`; there are {', '.join(house.environments)}.")
    found = house.products.find(product, principal=principal)
    if found is None:
        raise NotFound(f"There is no product `{product}`.", product=product)
    here = house.containers.page(principal=principal, environment=environment, product=found.fqn, first=1).items
    version = here[0].version if here and here[0].version else found.version
    subject = deployable(house.database, found.fqn, version, principal=principal)
    name = _named(port, subject)
    if subject.status == "withdrawn":
        refuse([("product", f"{found.fqn} {version} is withdrawn")])
    told = {"port": name, "environment": environment}
    return Case(subject, name, environment, {**asks, **told})


def judged(of: Case, *, now: datetime, house: House) -> tuple[Grounds, Decision]:
    """The decision, and the grounds that it rests on. Raises PolicyEngineUnavailable: then nothing is known."""
    descriptor = stored.descriptor(of.subject)
    seen = {"event": Event.ACCESS, "environment": of.environment, "now": now}
    made = grounds(descriptor, **seen, database=house.database, rules_on=house.rules_on)  # type: ignore[arg-type]
    made = replace(made, facts=replace(made.facts, access=of.asks))
    decision = made.decided(house.engine)
    if decision.engine_failure:
        raise PolicyEngineUnavailable(f"The policy engine did not decide: {decision.engine_failure}")
    return made, decision


def log(work: UnitOfWork, decision: Decision, of: Case) -> None:
    """Keep the decision, whatever it says."""
    work.decisions.add(decision, record.document(decision, file=of.subject.root))


def refusal(decision: Decision, of: Case) -> AccessRefused | None:
    """The error with its `reasons`, of a decision that is no acceptance.

    Where no policy of the mesh judges access at all, the decision is undecided (nothing passes because nothing ran) and
    stands in nobody's way: whether to let somebody in is then the approver's alone to say.
    """
    if decision.outcome is Outcome.ACCEPTED and not decision.provisional:
        return None
    if decision.outcome is Outcome.UNDECIDED and not decision.policies:
        return None
    reasons = objections(decision)
    identity = of.subject.identity
    detail = f"{of.asks['subject']} may not read {of.port} of {identity.fqn} in {of.environment}: {reasons[0]['msg']}"
    return AccessRefused(detail, reasons=reasons, decision=decision.id)


def _named(port: str, subject: Deployable) -> str:
    """The name of the output port that is meant, by its name or fqn."""
    ports = (subject.effective.get("interfaceComponents") or {}).get("outputPorts") or []
    for one in ports:
        if port and port in (one.get("name"), one.get("fullyQualifiedName")):
            return str(one["name"])
    identity = subject.identity
    there = ", ".join(sorted(str(one.get("name")) for one in ports)) or "none"
    refuse([("port", f"{identity.fqn} {identity.version} has no such output port; there are {there}")])
    raise AssertionError("refused")
