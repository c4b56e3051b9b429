"""How are trust scores kept up to date in the background?

What makes scores due stands in a queue that outlives this process; a line leaves it in the transaction that keeps its
score. Two workers that take the same line compute the same, and what was computed from earlier facts gives way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.evaluation.facts import ProductFacts, facts_on
from catalog.evaluation.trust import Scored, Seen, TrustBook
from catalog.heads import revision_on
from catalog.observations import last_number_on
from engine.errors import PolicyEvaluationFailed
from engine.evaluation import formula as formulas
from engine.evaluation.formula import Formula
from engine.evaluation.refusals import FormulaInvalid
from engine.model import Principal
from engine.policy.dates import utc_day

if TYPE_CHECKING:
    from api.wiring import House

SCORER = Principal("meshgate-trust", roles=frozenset({"operator"}))
"""Who writes scores."""

AT_ONCE = 100
"""Entries of the queue that are worked off together."""


def keep_up(house: House) -> bool:
    """Work off a part of what is due; False where nothing was.

    Raises PolicyEngineUnavailable or CatalogUnavailable: then everything stays due.
    """
    formula, reason = _formula(house)
    revision = formula.revision if formula is not None else reason
    if house.trusts.unseen(utc_day(house.clock()), revision):
        with house.database.work(SCORER, at=house.clock()) as work:
            TrustBook(work).look(utc_day(house.clock()), revision)
            work.commit()
    due = house.trusts.due(AT_ONCE)
    if not due:
        return False
    lines = list(dict.fromkeys(line for _, line in due))
    now = house.clock()
    with house.database.snapshot() as connection:
        seen = Seen(revision_on(connection), last_number_on(connection))
        known = facts_on(connection, lines, now=now, principal=SCORER)
    scored = [_scored(one, formula, reason, house) for one in known.values()]
    with house.database.work(SCORER, at=now) as work:
        book = TrustBook(work)
        book.keep(scored, lines, seen)
        book.done([number for number, _ in due])
        work.commit()
    return True


def _formula(house: House) -> tuple[Formula | None, str]:
    """The formula that holds, else why there is none."""
    try:
        return house.formula, ""
    except FormulaInvalid as reason:
        return None, reason.detail


def _scored(one: ProductFacts, formula: Formula | None, reason: str, house: House) -> Scored:
    told = (one.line_id, one.domain, one.version)
    if formula is None:
        return Scored(*told, None, reason, "", "")
    try:
        score = formulas.asked(formula, one.told, engine=house.embedded)
    except PolicyEvaluationFailed as failure:
        return Scored(*told, None, failure.detail, formula.package, formula.revision)
    return Scored(*told, score, "", formula.package, formula.revision)
