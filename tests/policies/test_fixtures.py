"""Does every policy find in its fixtures exactly what stands beside them?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from policy_cases import POLICIES, Case, cases, document

from engine.model import Bundle, PolicyFailure, pointer
from engine.policy.bundle import load
from engine.policy.embedded import EmbeddedEngine


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return load([POLICIES])


@pytest.fixture(scope="module")
def engine() -> Iterator[EmbeddedEngine]:
    embedded = EmbeddedEngine()
    yield embedded
    embedded.close()


@pytest.mark.parametrize("case", list(cases()), ids=str)
def test_the_findings_are_those_expected(case: Case, bundle: Bundle, engine: EmbeddedEngine) -> None:
    given = document(case.descriptor, [case.policy], case.context)
    answer = engine.evaluate(bundle, [case.policy], given)[case.policy]
    assert not isinstance(answer, PolicyFailure), answer
    assert sorted((finding.code, pointer(finding.path)) for finding in answer) == list(case.expected)


def test_no_other_policy_finds_anything_in_a_silent_fixture(bundle: Bundle, engine: EmbeddedEngine) -> None:
    silent = [case for case in cases() if not case.expected]
    policies = sorted(bundle.policies)
    for case in silent:
        answers = engine.evaluate(bundle, policies, document(case.descriptor, policies, case.context))
        assert answers == dict.fromkeys(policies, ()), case
