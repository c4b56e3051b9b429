"""Is only that a score which is one?"""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.evaluation.score import MOST_EVIDENCE, MOST_TERMS, Evidence, ScoreInvalid, score

TERM: dict[str, Any] = {"name": "policies", "weight": 2, "value": 0.5, "evidence": [], "as_of": None}


def said(**changes: Any) -> dict[str, Any]:
    return {"value": 0.5, "terms": [TERM], **changes}


def term(**changes: Any) -> dict[str, Any]:
    return said(terms=[{**TERM, **changes}])


def test_a_score_is_read_with_its_terms_and_their_evidence() -> None:
    evidence = [{"kind": "decision", "ref": "d-1"}, {"kind": "pointer", "ref": ""}]
    found = score({**term(evidence=evidence, as_of="2026-11-23T12:00:00Z", note="all pass"), "grade": "B"})
    (one,) = found.terms
    assert (found.value, found.grade, one.weight, one.note) == (0.5, "B", 2.0, "all pass")
    assert one.evidence == (Evidence("decision", "d-1"), Evidence("pointer", ""))
    assert one.as_of is not None
    assert one.as_of.isoformat() == "2026-11-23T12:00:00+00:00"


def test_a_term_may_be_unknown() -> None:
    assert score(term(value=None)).terms[0].value is None


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (None, "no object"),
        ([], "no object"),
        ({"value": 0.5}, "`terms`"),
        (said(more=1), "`more`"),
        (said(terms=[]), "empty"),
        (said(terms={}), "no array"),
        (said(terms=[TERM] * (MOST_TERMS + 1)), "more than"),
        (said(terms=[TERM, TERM]), "one name"),
        *((said(value=value), "value") for value in (1.01, -0.01, math.nan, math.inf, 10**400, True, "1", None)),
        *((term(value=value), "value of `policies`") for value in (2, -1, math.nan, math.inf, False, "x")),
        *((term(weight=weight), "weight") for weight in (-1, math.inf, math.nan, 1e308, None)),
        (term(name=""), "name"),
        (term(name="x" * 501), "longer"),
        (term(evidence=None), "evidence"),
        (term(evidence=[{"kind": "a"}]), "`ref`"),
        (term(evidence=[{"kind": "a", "ref": "b"}] * (MOST_EVIDENCE + 1)), "more than"),
        (term(as_of="yesterday"), "ISO 8601"),
        (term(as_of="2026-11-23T12:00:00"), "time zone"),
        (term(as_of=7), "no text"),
        (said(grade=3), "grade"),
    ],
)
def test_anything_else_is_no_score_and_the_reason_is_told(wrong: Any, told: str) -> None:
    with pytest.raises(ScoreInvalid, match=told):
        score(wrong)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from([*TERM, "kind", "ref"]), inner),
    max_leaves=8,
)


@given(
    value=st.floats() | st.integers() | JSON,
    terms=st.lists(
        st.fixed_dictionaries(
            {
                "name": st.text(max_size=5) | JSON,
                "weight": st.floats() | JSON,
                "value": st.floats() | JSON,
                "evidence": st.just([]) | JSON,
                "as_of": st.none() | JSON,
            }
        ),
        max_size=3,
    ),
)
def test_whatever_a_formula_says_an_accepted_score_is_from_0_to_1(value: Any, terms: list[Any]) -> None:
    try:
        found = score({"value": value, "terms": terms})
    except ScoreInvalid:
        return
    assert 0 <= found.value <= 1
    assert all(one.value is None or 0 <= one.value <= 1 for one in found.terms)
    assert all(0 <= one.weight < math.inf for one in found.terms)
