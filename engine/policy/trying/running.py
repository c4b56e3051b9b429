"""How do all tests of a suite end, side by side on a few workers?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeVar

from engine.policy.parsing import Parsed
from engine.policy.trying import fixture_run, marks, rego_run
from engine.policy.trying.because import Explainer
from engine.policy.trying.coverage import Sightings
from engine.policy.trying.fixtures import Fixture, Unfit
from engine.policy.trying.probing import Prober
from engine.policy.trying.rego_tests import RegoTest
from engine.policy.trying.results import Coverage, Kind, Result, Seen, Session, State
from engine.policy.trying.rulebook import Rulebook
from engine.policy.trying.stand import Lines, Stand, parse
from engine.policy.trying.suite import Suite
from engine.policy.workers import Workers

One = TypeVar("One")
Shown = tuple[Result, Lines, Sequence[Seen]]


@dataclass(frozen=True, slots=True)
class Terms:
    """What one test may cost, how many run side by side, and whose descriptors without a namespace are."""

    seconds: float = 5.0
    jobs: int = 1
    namespace: str | None = None


def run(suite: Suite, workers: Workers, terms: Terms, *, covering: bool = False) -> Session:
    """How every test of the suite ended; one that loops or crashes is an error of its own, and the others go on.

    Raises BundleInvalid where the tests and the policies cannot be loaded together, PolicyEngineUnavailable.
    """
    parsed = parse(workers, suite.sources.values())
    texts = {**suite.texts, **suite.test_texts}
    marked = {one.module.path: marks.marked(one, suite.bundle.policies) for one in parsed if covering}
    with_tests = Stand(workers, {**texts, **marked}, seconds=terms.seconds, covering=covering)
    alone = Stand(workers, suite.texts, seconds=terms.seconds, covering=covering)
    if suite.tests:
        with_tests.load()
    shown = [
        *_side_by_side(suite.tests, lambda test: _rego(test, with_tests), terms.jobs),
        *_side_by_side(suite.fixtures, lambda one: _fixture(one, suite, alone, terms.namespace), terms.jobs),
    ]
    rules = Rulebook([*parsed, *(one.parsed for one in suite.files)])
    results = [_explained(one, rules, Prober(workers, texts, terms.seconds)) for one, _, _ in shown]
    coverage = _coverage(suite, parsed, shown) if covering else {}
    return Session(results, _untested(suite, results), coverage)


def _side_by_side(tests: Sequence[One], ask: Callable[[One], Shown], jobs: int) -> list[Shown]:
    """What every test showed, in their order."""
    if jobs == 1:
        return [ask(one) for one in tests]
    with ThreadPoolExecutor(jobs) as threads:
        return list(threads.map(ask, tests))


def _rego(test: RegoTest, stand: Stand) -> Shown:
    result, trial = rego_run.run(test, stand)
    printed, seen = marks.taken(result.printed)
    return replace(result, printed=printed), trial.lines, seen


def _fixture(one: Fixture | Unfit, suite: Suite, stand: Stand, namespace: str | None) -> Shown:
    if isinstance(one, Unfit):
        return fixture_run.unfit(one), {}, ()
    result, trial, seen = fixture_run.run(one, suite.bundle, stand, namespace=namespace)
    return result, trial.lines, () if seen is None else (seen,)


def _explained(one: Result, rules: Rulebook, prober: Prober) -> Result:
    """The result with the expression that made a Rego test fail, where that can be told."""
    rule = rules.at(one.file, one.line) if one.kind is Kind.REGO and one.state is State.FAILED else None
    return one if rule is None else replace(one, because=Explainer(prober, rules).failure(rule, one.case))


def _untested(suite: Suite, results: Iterable[Result]) -> tuple[str, ...]:
    """The policies about which no test could say anything."""
    tested = {policy for one in results if one.state in (State.PASSED, State.FAILED) for policy in one.policies}
    return tuple(policy for policy in suite.asked if policy not in tested)


def _coverage(suite: Suite, parsed: Iterable[Parsed], shown: Iterable[Shown]) -> dict[str, Coverage]:
    sightings = Sightings()
    for _, lines, seen in shown:
        sightings.add(lines, seen, suite.bundle.policies)
    files: dict[str, list[str]] = {}
    for one in parsed:
        files.setdefault(one.module.package, []).append(one.module.path)
    return {id: sightings.of(suite.bundle.policies[id], files.get(id, ())) for id in suite.asked}
