"""Which policies of the bundle apply to this product in this situation, how hard, and with which parameters?"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from engine.model import Bundle, Descriptor, Enforcement, Event, Facts, Json, Policy
from engine.policy.assignments import MESH, Assignment, Subject, first
from engine.policy.enforcement import Level, harder, level
from engine.policy.suspensions import Suspension, demoted, suspended

_NO_STEP = re.compile(r"\W+")


@dataclass(frozen=True, slots=True)
class Ruling:
    """How one selected policy applies; `skipped` says why it cannot be asked, `missed` that it should have been."""

    policy: Policy
    level: Level
    parameters: Mapping[str, Json] = field(default_factory=dict)
    skipped: str = ""
    missed: bool = False
    suspension: Suspension | None = None

    @property
    def enforcement(self) -> Enforcement:
        return self.level.enforcement


def select(
    descriptor: Descriptor,
    *,
    facts: Facts,
    bundle: Bundle,
    assignments: Sequence[Assignment],
    suspensions: Sequence[Suspension] = (),
) -> tuple[Ruling, ...]:
    """A ruling for every policy that applies here, in the order of their ids (DESIGN §4, Enforcement).

    It applies where it hears the event and is the mesh's, that of the product's domain, or assigned to it. One that
    is suspended now is asked all the same, as a shadow.
    """
    asked = subject(descriptor, facts)
    named: dict[str, list[Assignment]] = {}
    for one in assignments:
        named.setdefault(one.policy, []).append(one)
    hearing = (policy for _, policy in sorted(bundle.policies.items()) if facts.event in policy.events)
    rulings = (_ruling(policy, asked, facts, named.get(policy.id, ())) for policy in hearing)
    if not suspensions:
        return tuple(ruling for ruling in rulings if ruling is not None)
    return tuple(_set_aside(ruling, suspensions, facts) for ruling in rulings if ruling is not None)


def subject(descriptor: Descriptor, facts: Facts) -> Subject:
    """What assignments look at: event and environment from the facts, the rest from the descriptor."""
    effective = descriptor.effective or {}
    info = effective.get("info")
    domain = info.get("domain") if isinstance(info, dict) else None
    return Subject(
        event=facts.event,
        environment=facts.environment,
        domain=descriptor.identity.domain if descriptor.identity else domain if isinstance(domain, str) else "",
        tags=_tags(effective) | _tags(info if isinstance(info, dict) else {}),
        product=descriptor.identity,
    )


def _tags(node: Mapping[str, Json]) -> frozenset[str]:
    tags = node.get("tags")
    return frozenset(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else frozenset()


def _ruling(policy: Policy, asked: Subject, facts: Facts, assignments: Sequence[Assignment]) -> Ruling | None:
    mesh = domain = None
    if assignments:
        mesh = first(assignments, policy.id, MESH, asked)
        domain = first(assignments, policy.id, asked.domain, asked) if asked.domain != MESH else None
    if mesh is None and domain is None and not _at_home(policy, asked):
        return None
    levels = [_level(one, policy, facts) for one in (mesh, domain) if one is not None]
    if mesh is None and (domain is None or owned_by_mesh(policy)):
        # Dates may make a domain's assignment advisory for now: the annotation of a mesh policy holds below it.
        levels.append(_annotated(policy, facts))
    held = levels[0]
    for other in levels[1:]:
        held = harder(held, other)
    skipped, missed = _unmet(policy, facts)
    return Ruling(policy, held, _parameters(mesh, domain), skipped, missed)


def _set_aside(ruling: Ruling, suspensions: Sequence[Suspension], facts: Facts) -> Ruling:
    found = suspended(suspensions, ruling.policy.id, now=facts.now)
    return ruling if found is None else replace(ruling, level=demoted(ruling.level, found), suspension=found)


def owner_scope(policy: Policy) -> str:
    """Whose policy this is, `mesh` or a domain: the first step of its id; a package of one step is the mesh's."""
    return scope_of(policy.id)


def scope_of(policy_id: str) -> str:
    """As `owner_scope`, for a policy that need not be in the bundle."""
    scope, _, rest = policy_id.partition(".")
    return scope if rest else MESH


def owned_by_mesh(policy: Policy) -> bool:
    return owner_scope(policy) == MESH


def _at_home(policy: Policy, asked: Subject) -> bool:
    """Whether the policy holds here without any assignment: a domain's own only in that domain."""
    return owned_by_mesh(policy) or _as_step(asked.domain) == _as_step(owner_scope(policy))


def _as_step(domain: str) -> str:
    """A domain as the step of a package names it: `Customer Success` is `customer_success`."""
    return _NO_STEP.sub("_", domain.casefold())


def _level(assignment: Assignment, policy: Policy, facts: Facts) -> Level:
    return level(
        assignment.enforcement,
        start=assignment.effective_from or policy.effective_on,
        grace=assignment.grace_for_existing,
        now=facts.now,
        accepted_at=facts.accepted_at,
    )


def _annotated(policy: Policy, facts: Facts) -> Level:
    return level(policy.enforcement, start=policy.effective_on, grace=None, now=facts.now, accepted_at=None)


def _parameters(mesh: Assignment | None, domain: Assignment | None) -> dict[str, Json]:
    """The mesh's parameters with the domain's on top; loading saw to it that a domain sets only what it may."""
    return {**(mesh.parameters if mesh else {}), **(domain.parameters if domain else {})}


def _unmet(policy: Policy, facts: Facts) -> tuple[str, bool]:
    """Why this policy cannot be asked, and whether that leaves a question open (`missed`)."""
    if "mesh" in policy.needs and facts.mesh is None:
        return "needs the mesh, and no catalog is at hand", True
    if "previous" in policy.needs and facts.previous is None:
        if facts.authoritative or facts.mesh is not None:
            return "there is no previous version", False
        return "needs the previous version, and no catalog is at hand", True
    if "plan" in policy.needs and facts.plan is None:
        if facts.event is not Event.DEPLOY:
            return "there is a plan only where something is deployed", False
        return "needs the plan, and nothing was planned (`meshgate deploy --plan` does)", True
    if facts.event is Event.ACCESS and facts.access is None:
        return "judges requests for access, and none is at hand", True
    return "", False
