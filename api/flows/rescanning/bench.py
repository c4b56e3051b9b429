"""What is a product judged with when it is decided again: which rules, at which moment, by which engine?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING

from engine.model import Json, Principal
from engine.policy.pruning import Pruning
from engine.policy.reading import Reading
from engine.policy.reuse import Reusing
from engine.policy.rules import Rules
from engine.policy.stale import Basis, basis, stale

if TYPE_CHECKING:
    from api.wiring import House
    from catalog.answers import CatalogAnswers

RESCANNER = Principal("meshgate-rescan", roles=frozenset({"operator"}))
"""Who writes what a rescan finds out."""


@dataclass(frozen=True, slots=True)
class Bench:
    """Everything that the judgements of one batch have in common."""

    house: House
    rules: Rules
    readings: Mapping[str, Reading]
    basis: Basis
    now: datetime
    answers: CatalogAnswers
    engine: Reusing
    brief: Pruning
    """The engine for a question about few policies, which is shown little."""
    _doubtful: dict[str, frozenset[str] | None] = field(default_factory=dict)

    def doubtful(self, rescan: str, before: Basis) -> frozenset[str] | None:
        """The policies that may say otherwise than on the basis of that rescan, None for all of them."""
        if rescan not in self._doubtful:
            self._doubtful[rescan] = stale(before, self.basis, readings=self.readings)
        return self._doubtful[rescan]


def bench(house: House, rules: Rules, now: datetime) -> Bench:
    """A bench of this moment, whose kept answers wait to be written with its judgements."""
    from catalog.answers import CatalogAnswers

    answers = CatalogAnswers(house.database, now=now)
    readings = house.readings(rules.bundle)
    engine = Reusing(house.engine, answers, house.readings)
    brief = Pruning(house.engine, house.readings)
    return Bench(house, rules, readings, basis_of(house, rules, now), now, answers, engine, brief)


def by(house: House, rules: Rules) -> tuple[str, str, str, str]:
    """What products are judged by here, as rescans are named by it (`catalog.rescans.By`).

    Another meshgate may read a descriptor otherwise, so its version stands beside the engine's.
    """
    engine = f"meshgate {_version()}, {house.engine.name} {house.engine.version}"
    return (*rules.digests, engine)


def basis_of(house: House, rules: Rules, now: datetime) -> Basis:
    """What products are judged by now, policy by policy."""
    return basis(rules, house.readings(rules.bundle), engine=by(house, rules)[3], now=now)


@cache
def _version() -> str:
    return metadata.version("meshgate")


def told(made: Basis) -> Json:
    """A basis as JSON."""
    return asdict(made)


def read(kept: Json) -> Basis:
    """The basis that `told` wrote."""
    policies = {id: (code, governance) for id, (code, governance) in kept["policies"].items()}
    return Basis(**{**kept, "policies": policies})
