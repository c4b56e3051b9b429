"""Where does a policy apply, how hard, with which parameters and from when?

Assignments are an ordered list per scope (`mesh` or a domain); the first match of a scope gives everything together,
never merged (DESIGN §4, Enforcement).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from engine.descriptor.identity import parse_fqn
from engine.model import Enforcement, Event, Identity, Json

MESH = "mesh"
"""The scope of the whole mesh; every other scope is the name of a domain."""

KEYS = ("domains", "environments", "events", "tags", "products")
"""What a match can restrict."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What an assignment looks at: one product in one situation."""

    event: Event
    environment: str | None = None
    domain: str = ""
    tags: frozenset[str] = frozenset()
    product: Identity | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """Lists that are OR within a key and AND between keys; an empty list does not restrict."""

    domains: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    products: tuple[str, ...] = ()

    def holds(self, subject: Subject) -> bool:
        return (
            (not self.domains or subject.domain in self.domains)
            and (not self.environments or subject.environment in self.environments)
            and (not self.events or subject.event in self.events)
            and (not self.tags or not subject.tags.isdisjoint(self.tags))
            and (not self.products or any(names_product(fqn, subject.product) for fqn in self.products))
        )

    def covers(self, other: Match) -> bool:
        """Whether this holds wherever the other does, as far as their lists can tell."""
        return all(
            _covers(getattr(self, key), getattr(other, key)) for key in KEYS if key != "products"
        ) and _covers_products(self.products, other.products)

    def meets(self, other: Match) -> bool:
        """Whether both may hold at once; tags and products are not told apart, as a product may have several."""
        lists = ((set(getattr(self, key)), set(getattr(other, key))) for key in ("domains", "environments", "events"))
        return all(not ours or not theirs or ours & theirs for ours, theirs in lists)


@dataclass(frozen=True, slots=True)
class Assignment:
    """One line of a scope's list; `file` and `line` say where it was written and are no part of its meaning."""

    policy: str
    scope: str
    enforcement: Enforcement
    match: Match = field(default_factory=Match)
    exclude: Match | None = None
    parameters: Mapping[str, Json] = field(default_factory=dict)
    effective_from: datetime | None = None
    grace_for_existing: timedelta | None = None
    file: str = ""
    line: int = 0

    @property
    def of_the_mesh(self) -> bool:
        return self.scope == MESH

    @property
    def where(self) -> Match:
        """What this matches at most: an assignment of a domain speaks of that domain alone."""
        return self.match if self.of_the_mesh else replace(self.match, domains=(self.scope,))

    def holds(self, subject: Subject) -> bool:
        if not self.of_the_mesh and subject.domain != self.scope:
            return False
        return self.match.holds(subject) and not (self.exclude is not None and self.exclude.holds(subject))


def first(assignments: Iterable[Assignment], policy: str, scope: str, subject: Subject) -> Assignment | None:
    """The assignment of this scope that holds for the subject: the first match, or None."""
    return next((one for one in assignments if (one.policy, one.scope) == (policy, scope) and one.holds(subject)), None)


def names_product(fqn: str, product: Identity | None) -> bool:
    """Whether an fqn in any dialect names this product; without a major it names all its lines."""
    parsed = parse_fqn(fqn)
    if parsed is None or product is None:
        return False
    return (parsed.namespace, parsed.name) == (product.namespace, product.name) and parsed.major in (
        None,
        product.major,
    )


def _covers(names: tuple[str, ...], others: tuple[str, ...]) -> bool:
    return not names or bool(others and set(others) <= set(names))


def _covers_products(names: tuple[str, ...], others: tuple[str, ...]) -> bool:
    return not names or bool(others and all(any(_is_of(other, name) for name in names) for other in others))


def _is_of(fqn: str, name: str) -> bool:
    """Whether a product's name means nothing but what another means: that line, or one of that product's lines."""
    one, other = parse_fqn(fqn), parse_fqn(name)
    if one is None or other is None:
        return fqn == name
    return (one.namespace, one.name) == (other.namespace, other.name) and other.major in (None, one.major)
