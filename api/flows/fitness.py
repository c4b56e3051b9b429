"""Which of the products that a search finds fit what a consumer needs, and why not the others?"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson

from api.auth.permissions import Action, require
from catalog.search import Hit
from catalog.shown import Product
from engine.errors import NotFound
from engine.fitness.asking import Asking, Shown, document
from engine.fitness.requirement import Requirement
from engine.fitness.requirement import read as understood
from engine.fitness.verdict import Fitness, Verdict, unanswered
from engine.model import Json, Principal

if TYPE_CHECKING:
    from api.wiring import House
    from catalog.search.where import Where

MOST = 1_000
"""Candidates of one call, the best of a search."""
PAGE = 100
"""Candidates that are in memory at once with what they hold."""
SECONDS = 30.0
"""The time of one call; who is not asked by then is undecided."""
GONE = "it is not in the catalog any more"


@dataclass(frozen=True, slots=True)
class Wish:
    """What is needed, and which products are asked: the best of a search, at most so many."""

    rego: str
    parameters: Mapping[str, Json] = field(default_factory=dict)
    query: str = ""
    where: Where | None = None
    candidates: int = MOST


@dataclass(frozen=True, slots=True)
class Fit:
    """One candidate, how it was found, and whether it fits."""

    hit: Hit
    fitness: Fitness


@dataclass(frozen=True, slots=True)
class Fitting:
    """The candidates: those that fit first, then by fewest reasons, then as the search had them, undecided last.

    `found` is how many products the search found, more than `found` where not `exact`; no more than were wished for
    are candidates.
    """

    need: Requirement
    candidates: Sequence[Fit]
    found: int
    exact: bool

    @property
    def counts(self) -> dict[str, int]:
        """How many candidates have each verdict, none left out."""
        given = [one.fitness.verdict for one in self.candidates]
        return {str(verdict): given.count(verdict) for verdict in Verdict}


def fitting(wish: Wish, *, principal: Principal, house: House, seconds: float = SECONDS) -> Fitting:
    """Every candidate with its fitness.

    Raises Forbidden, RequirementInvalid, SearchInvalid, PolicyEngineUnavailable, CatalogUnavailable.
    """
    require(principal, Action.CHECK)
    until = time.monotonic() + seconds
    need = understood(house.fitness.workers, wish.rego, wish.parameters)
    first = max(1, min(wish.candidates, MOST))
    page = house.search.page(wish.query, where=wish.where, principal=principal, first=first)
    ids = [hit.product.version_id for hit in page.items]
    found = judged(need, ids, principal=principal, house=house, until=until)
    fits = [Fit(hit, found[hit.product.version_id]) for hit in page.items]
    return Fitting(need, sorted(fits, key=lambda one: one.fitness.rank), page.total, page.exact)


def of_one(
    reference: str, wish: Wish, *, principal: Principal, house: House, seconds: float = SECONDS
) -> tuple[Product, Fitness]:
    """The product that the reference means, and whether it fits. Raises NotFound too."""
    require(principal, Action.CHECK)
    until = time.monotonic() + seconds
    need = understood(house.fitness.workers, wish.rego, wish.parameters)
    product = house.products.find(reference, principal=principal)
    if product is None:
        raise NotFound(f"Nothing is called `{reference}`.", product=reference)
    found = judged(need, [product.version_id], principal=principal, house=house, until=until)
    return product, found[product.version_id]


def of_versions(
    version_ids: Sequence[str], wish: Wish, *, principal: Principal, house: House, seconds: float = SECONDS
) -> Mapping[str, Fitness]:
    """The fitness of each of these versions, by its id. Raises as `fitting`."""
    require(principal, Action.CHECK)
    until = time.monotonic() + seconds
    need = understood(house.fitness.workers, wish.rego, wish.parameters)
    return judged(need, version_ids, principal=principal, house=house, until=until)


def judged(
    need: Requirement,
    version_ids: Sequence[str],
    *,
    principal: Principal,
    house: House,
    until: float,
) -> dict[str, Fitness]:
    """The fitness of each of these versions, by its id; as many statements as there are pages of them.

    Nobody is asked about what this principal may not see.
    """
    found: dict[str, Fitness] = dict.fromkeys(version_ids, unanswered(GONE))
    asking = Asking(house.fitness, until, house.fitness_workers)
    shown = (
        (id, document(sight, need, house.clock()))
        for page in pages(version_ids)
        for id, sight in sights(need, page, principal=principal, house=house)
    )
    found.update(asking.all(need, shown))
    return found


def pages(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """The ids, a few at a time."""
    return (ids[start : start + PAGE] for start in range(0, len(ids), PAGE))


def sights(
    need: Requirement, version_ids: Sequence[str], *, principal: Principal, house: House
) -> Iterator[tuple[str, Shown]]:
    """What the requirement is shown of each of these versions, by its id, in their order."""
    found = house.candidates.found(version_ids, principal=principal)
    here = [found[id] for id in version_ids if id in found]
    evaluation = house.performance.facts(here, principal=principal)
    mesh = house.neighbourhoods.of(here, principal=principal) if need.needs_mesh else {}
    for one in here:
        product = {"fqn": one.fqn, "version": one.version, "status": one.status}
        effective = orjson.loads(one.effective)
        yield (
            one.version_id,
            Shown(effective, product, one.domain, evaluation[one.version_id], mesh.get(one.version_id)),
        )
