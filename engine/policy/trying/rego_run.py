"""How does one Rego test end?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

from engine.model import Json
from engine.policy.trying.rego_tests import RegoTest
from engine.policy.trying.results import Kind, Result, State
from engine.policy.trying.stand import Stand, Trial

NO_CASE = "it has no case, so nothing was tested"


def run(test: RegoTest, stand: Stand) -> tuple[Result, Trial]:
    """The result, as `opa test` would judge it, and what was seen; only an error in a built-in is harsher here."""
    if test.skipped:
        return result(test, State.SKIPPED, "a todo"), Trial()
    if test.unfit:
        return result(test, State.ERROR, test.unfit), Trial()
    trial = stand.ask(f"data.{test.package}.{test.rule}")
    if trial.failure:
        return result(test, State.ERROR, trial.failure, trial), trial
    if test.cases:
        return _by_case(test, stand, trial), trial
    if trial.value is True:
        return result(test, State.PASSED, "", trial), trial
    return result(test, State.FAILED, _not_true(trial), trial), trial


def result(test: RegoTest, state: State, reason: str, trial: Trial | None = None) -> Result:
    """The result of this test."""
    printed = trial.printed if trial else ()
    return Result(Kind.REGO, test.policies, f"{test.package}.{test.name}", test.file, test.line, state, reason, printed)


def _by_case(test: RegoTest, stand: Stand, trial: Trial) -> Result:
    listed = stand.ask(f"data.{test.package}.{test.cases}")
    if listed.failure:
        return result(test, State.ERROR, f"its cases cannot be listed: {listed.failure}", trial)
    held = dict(_leaves(trial.value, test.depth))
    bound = {tuple(map(str, keys)): tuple(keys) for keys in listed.value or []}
    cases = sorted(bound.keys() | held.keys())
    failed = [keys for keys in cases if held.get(keys) is not True]
    if not cases:
        return result(test, State.FAILED, NO_CASE, trial)
    if failed:
        told = f"{len(failed)} of {len(cases)} cases failed: {'; '.join(map(', '.join, failed))}"
        return replace(result(test, State.FAILED, told, trial), case=bound.get(failed[0], ()))
    return result(test, State.PASSED, "", trial)


def _leaves(value: Json, depth: int) -> Iterator[tuple[tuple[str, ...], Json]]:
    """What stands under each case of a test with so many keys."""
    if depth == 0:
        yield (), value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from (((key, *keys), leaf) for keys, leaf in _leaves(inner, depth - 1))


def _not_true(trial: Trial) -> str:
    return f"it is {json.dumps(trial.value)}, not true" if trial.defined else "it is undefined"
