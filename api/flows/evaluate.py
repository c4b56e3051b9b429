"""How good is a product: what does it keep of its promises, how did it stand, and how far may it be trusted?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from api.auth.permissions import Action, require
from engine.errors import NotFound, PolicyEngineUnavailable, PolicyEvaluationFailed
from engine.evaluation import formula as formulas
from engine.evaluation.budget import SloStatus
from engine.evaluation.refusals import FormulaInvalid
from engine.evaluation.score import Score
from engine.model import Json, Principal

if TYPE_CHECKING:
    from api.wiring import House
    from catalog.evaluation.compliance import Entry, Step, Turn
    from catalog.shown import Product, StoredDecision


@dataclass(frozen=True, slots=True)
class Trusted:
    """The score of a product as it is at this moment; None with a reason where the formula gives none."""

    fqn: str
    score: Score | None
    reason: str
    formula: str
    computed_at: datetime


@dataclass(frozen=True, slots=True)
class Stood:
    """One entry of how a product stood, with the policies that ended otherwise than in the decision before."""

    entry: Entry
    turns: tuple[Turn, ...]


def slos(reference: str, *, principal: Principal, house: House) -> tuple[SloStatus, ...]:
    """How the current version of a line keeps its promises. Raises NotFound or Forbidden."""
    product = _product(reference, principal, house)
    found = house.slos.of_versions([product.version_id], now=house.clock(), principal=principal)
    return found.get(product.version_id, ())


def facts(reference: str, *, principal: Principal, house: House) -> Mapping[str, Json]:
    """What a trust formula sees of a product; decisions as the principal may see them. Raises NotFound or Forbidden."""
    return _facts(_product(reference, principal, house), principal, house)


def trust(reference: str, *, principal: Principal, house: House) -> Trusted:
    """How far a product may be trusted now, computed from the facts of now. Raises NotFound or Forbidden."""
    product = _product(reference, principal, house)
    now = house.clock()
    package = ""
    try:
        formula = house.formula
        package = formula.package
        known = house.evaluations.facts([product.id], now=now, principal=principal)[product.id].told
        score = formulas.asked(formula, known, engine=house.embedded)
    except (FormulaInvalid, PolicyEvaluationFailed, PolicyEngineUnavailable) as reason:
        return Trusted(product.fqn, None, reason.detail, package, now)
    return Trusted(product.fqn, score, "", package, now)


def history(reference: str, *, principal: Principal, house: House) -> tuple[Stood, ...]:
    """How a product stood over time, newest first. Raises NotFound or Forbidden."""
    product = _product(reference, principal, house)
    entries = house.compliance_history.found([product.id], principal=principal)[product.id]
    found = turned([one.step for one in entries], principal, house)
    return tuple(Stood(one, found[one.step]) for one in entries)


def turned(steps: Sequence[Step], principal: Principal, house: House) -> dict[Step, tuple[Turn, ...]]:
    """Which policies ended otherwise in a decision than in the one before it, as the principal may see them."""
    from catalog.evaluation.compliance import turns
    from catalog.evaluation.facts import policy_states

    named = {id for one in steps for id in one if id is not None}
    states = {id: policy_states(one.record) for id, one in house.seen.found(sorted(named), principal=principal).items()}
    return {one: turns(states.get(one[0] or "", []), states.get(one[1], [])) for one in steps}


def _facts(product: Product, principal: Principal, house: House) -> Mapping[str, Json]:
    from catalog.evaluation.facts import policy_states

    found = house.evaluations.facts([product.id], now=house.clock(), principal=principal)[product.id]
    seen: StoredDecision | None = house.seen.found([found.decision_id], principal=principal).get(found.decision_id)
    compliance = {**found.told["compliance"], "policies": policy_states(None if seen is None else seen.record)}
    return {**found.told, "compliance": compliance}


def _product(reference: str, principal: Principal, house: House) -> Product:
    require(principal, Action.READ)
    product = house.products.find(reference, principal=principal)
    if product is None:
        raise NotFound(f"There is no product `{reference}`.", product=reference)
    return product
