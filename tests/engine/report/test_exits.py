"""Does every report end with the number that DESIGN §5 fixes for ever?"""

from __future__ import annotations

import itertools

import make
import pytest

from engine.model import Decision, Enforcement, Layer, Outcome, PolicyState
from engine.report import exit_code, record

ACCEPTED = make.decision(outcome=Outcome.ACCEPTED, findings=(), policies=(make.run(),))
PROVISIONAL = make.decision(outcome=Outcome.ACCEPTED, provisional=True, findings=(), policies=(make.run(),))
REJECTED = make.decision()
UNREADABLE = make.decision(
    outcome=Outcome.UNDECIDED, input_digest=None, policies=(), problems=(make.problem(layer=Layer.SOURCE),)
)
ERRED = make.decision(outcome=Outcome.UNDECIDED, findings=(), policies=(make.run(PolicyState.ERROR, reason="1/0"),))
ONLY_ADVICE_ERRED = make.decision(
    outcome=Outcome.UNDECIDED, policies=(make.run(PolicyState.ERROR, enforcement=Enforcement.ADVISORY),)
)
NOTHING_SELECTED = make.decision(outcome=Outcome.UNDECIDED, findings=(), policies=())
ALL_SKIPPED = make.decision(outcome=Outcome.UNDECIDED, policies=(make.run(PolicyState.SKIPPED, reason="no mesh"),))


def code(*decisions: Decision, no_provisional: bool = False) -> int:
    report = record.report([record.document(one, file="x.yaml") for one in decisions])
    return exit_code(report, no_provisional=no_provisional)


@pytest.mark.parametrize(
    ("decision", "number"),
    [
        (ACCEPTED, 0),
        (PROVISIONAL, 0),
        (REJECTED, 1),
        (UNREADABLE, 2),
        (ERRED, 2),
        (ONLY_ADVICE_ERRED, 2),
        (NOTHING_SELECTED, 3),
        (ALL_SKIPPED, 3),
    ],
)
def test_one_document_gives_its_number(decision: Decision, number: int) -> None:
    assert code(decision) == number


def test_no_document_at_all_is_nothing_evaluated() -> None:
    assert code() == 3


def test_two_beats_one_beats_three_beats_zero_in_any_order() -> None:
    strongest_first = [(UNREADABLE, 2), (REJECTED, 1), (NOTHING_SELECTED, 3), (ACCEPTED, 0)]
    for start in range(len(strongest_first)):
        weaker = [decision for decision, _ in strongest_first[start:]]
        assert {code(*some) for some in itertools.permutations(weaker)} == {strongest_first[start][1]}


def test_a_provisional_answer_is_not_decided_where_none_is_wanted() -> None:
    assert code(PROVISIONAL, no_provisional=True) == 2
    assert code(ACCEPTED, REJECTED, no_provisional=True) == 1
