"""Which policies of the bundle apply to this product in this situation, how hard, and with which parameters?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.model import Bundle, Descriptor, Enforcement, Facts, Json, Policy
from engine.policy.assignments import MESH, Assignment, Subject, first
from engine.policy.enforcement import Level, harder, level


@dataclass(frozen=True, slots=True)
class Ruling:
    """How one selected policy applies; `skipped` says why it cannot be asked, `missed` that it should have been."""

    policy: Policy
    level: Level
    parameters: Mapping[str, Json] = field(default_factory=dict)
    skipped: str = ""
    missed: bool = False

    @property
    def enforcement(self) -> Enforcement:
        return self.level.enforcement


def select(
    descriptor: Descriptor, *, facts: Facts, bundle: Bundle, assignments: Sequence[Assignment]
) -> tuple[Ruling, ...]:
    """A ruling for every policy that hears this event, in the order of their ids (DESIGN §4, Enforcement)."""
    asked = subject(descriptor, facts)
    return tuple(
        _ruling(policy, asked, facts, assignments)
        for _, policy in sorted(bundle.policies.items())
        if facts.event in policy.events
    )


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


def _ruling(policy: Policy, asked: Subject, facts: Facts, assignments: Sequence[Assignment]) -> Ruling:
    mesh = first(assignments, policy.id, MESH, asked)
    domain = first(assignments, policy.id, asked.domain, asked) if asked.domain != MESH else None
    levels = [_level(one, policy, facts) for one in (mesh, domain) if one is not None]
    if mesh is None and (domain is None or owned_by_mesh(policy)):
        # Dates may make a domain's assignment advisory for now: the annotation of a mesh policy holds below it.
        levels.append(_annotated(policy, facts))
    held = levels[0]
    for other in levels[1:]:
        held = harder(held, other)
    skipped, missed = _unmet(policy, facts)
    return Ruling(policy, held, _parameters(mesh, domain), skipped, missed)


def owned_by_mesh(policy: Policy) -> bool:
    """Whether the mesh owns this policy: the first segment of its id is its owner's scope."""
    return policy.id.partition(".")[0] == MESH


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
    return "", False
