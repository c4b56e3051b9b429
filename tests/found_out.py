"""What is found out about products after they were accepted, put into a catalog: scores, and how they stand."""

from __future__ import annotations

from collections.abc import Mapping

import make
from remembered import ANNA, decision, product, record

from catalog.database import Database
from catalog.evaluation.trust import Scored, Seen, TrustBook
from catalog.products import Products
from catalog.rescans import Order, RescanBook
from catalog.standings import Judged, Standings, State
from catalog.work import UnitOfWork
from engine.evaluation.score import Score, Term
from engine.model import Identity, Outcome

_OUTCOMES = {
    State.COMPLIANT: Outcome.ACCEPTED,
    State.NON_COMPLIANT: Outcome.REJECTED,
    State.UNDECIDED: Outcome.UNDECIDED,
}


def score(database: Database, scores: Mapping[Identity, tuple[float | None, str]]) -> None:
    """Give these lines a score and a grade; a score of None is one that the formula did not give."""
    term = Term("promises kept", 1, 1, (), make.NOW)
    told = [
        Scored(
            line_id=one.id,
            domain=one.domain,
            version=one.version,
            score=None if value is None else Score(value, (term,), grade),
            reason="the formula erred" if value is None else "",
            formula="acme.trust",
            formula_revision="1",
        )
        for one, (value, grade) in scores.items()
    ]
    with database.work(ANNA) as work:
        TrustBook(work).keep(told, [one.line_id for one in told], Seen(work.revision, 0))
        work.commit()


def judge(database: Database, states: Mapping[Identity, State]) -> None:
    """Let these lines stand so, by a decision of a rescan."""
    with database.work(ANNA) as work:
        by = ("1", "1", "1", "test")
        order = Order("all", "asked", by, {}, "2026-11-23", [one.id for one in states], cursor=0)
        rescan = RescanBook(work).open(order)
        judged = [_judged(work, database, one, state) for one, state in states.items()]
        Standings(work).set(judged, rescan=rescan, cursor=0)
        work.commit()


def _judged(work: UnitOfWork, database: Database, one: Identity, state: State) -> Judged:
    made = decision(product(one.name, one.version, domain=one.domain), _OUTCOMES[state])
    work.decisions.add(made, record(made))
    found = Products(database).find(one.fqn, principal=ANNA)
    assert found is not None
    return Judged(
        line_id=one.id,
        fqn=one.fqn,
        version_id=found.version_id,
        version=found.version,
        domain=found.domain,
        state=state,
        state_before=State.COMPLIANT,
        decision_id=made.id,
        decided_at=make.NOW,
        said={},
    )
