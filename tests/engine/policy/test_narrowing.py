"""Is a part of a bundle that is asked alone a bundle of its own, with what its policies use and no more?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing

import pytest
from policy_cases import POLICIES

from engine.model import Bundle
from engine.policy import bundle as bundles
from engine.policy import query
from engine.policy.embedded import EmbeddedEngine
from engine.policy.narrowing import narrowed
from engine.policy.port import Question
from engine.policy.pruning import Pruning
from engine.policy.reading import Reading

ONE = "mesh.ownership.owner_declared"


@pytest.fixture(scope="module")
def engine() -> Iterator[EmbeddedEngine]:
    with closing(EmbeddedEngine(deadline=60)) as engine:
        yield engine


@pytest.fixture(scope="module")
def whole(engine: EmbeddedEngine) -> Bundle:
    return bundles.load([POLICIES], workers=engine.workers)


@pytest.fixture(scope="module")
def readings(engine: EmbeddedEngine, whole: Bundle) -> Mapping[str, Reading]:
    return bundles.readings(whole, workers=engine.workers)


def test_a_part_has_the_modules_that_it_uses_and_a_revision_of_its_own(
    whole: Bundle, readings: Mapping[str, Reading]
) -> None:
    part = narrowed(whole, [ONE], readings)
    assert set(part.policies) == {ONE}
    assert set(part.modules) == {*readings[ONE].modules, query.PATH}
    assert part.revision != whole.revision
    assert part.revision in part.modules[query.PATH]
    assert narrowed(whole, [ONE], readings) == part


def test_policies_that_are_many_or_not_known_are_asked_of_the_whole_bundle(
    whole: Bundle, readings: Mapping[str, Reading]
) -> None:
    assert narrowed(whole, sorted(whole.policies), readings) is whole
    assert narrowed(whole, ["mesh.unheard_of"], readings) is whole
    assert narrowed(whole, [ONE], {}) is whole


def test_every_shipped_policy_says_in_its_part_what_it_says_in_the_whole(
    engine: EmbeddedEngine, whole: Bundle, readings: Mapping[str, Reading]
) -> None:
    pruning = Pruning(engine, lambda _: readings)
    narrow = 0
    for policy in sorted(whole.policies):
        narrow += narrowed(whole, [policy], readings) is not whole
        for body in ({}, {"info": {"name": "A b", "owner": {}, "version": "1"}}, {"interfaceComponents": None}):
            document = {**body, "_context": {"policies": [policy], "parameters": {}, "event": "submit"}}
            expected = engine.evaluate(whole, [policy], document)
            assert pruning.evaluate(whole, [policy], document) == expected
            assert pruning.evaluate_each(whole, [Question([policy], document)])[0] in (expected, None)
    assert narrow > len(whole.policies) * 0.9
