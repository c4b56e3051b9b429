"""Which mutants of a policy do its own tests notice?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from engine.errors import BundleInvalid
from engine.policy import query
from engine.policy.parsing import Parsed
from engine.policy.trying import fixture_run, mutants, rego_run, running
from engine.policy.trying.fixtures import Fixture
from engine.policy.trying.mutants import Mutant
from engine.policy.trying.results import Result, State
from engine.policy.trying.running import Terms
from engine.policy.trying.stand import Stand, parse
from engine.policy.trying.suite import Suite
from engine.policy.workers import Workers

MOST = 400
"""Mutants of one policy that are tried; of more, as many evenly among them."""

_UNSAFE = re.compile(r"\bvar \S+ is unsafe\b")
"""What regorus says only when a rule is evaluated, and OPA when it loads it."""


class Fate(StrEnum):
    """What became of a mutant: `invalid` ones do not load, so no test had a say."""

    KILLED = "killed"
    SURVIVED = "survived"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Mutation:
    """The mutants of one policy and what became of them; `left_out` were not tried.

    `reason` says why none was tried: its tests do not pass as it is, or it has none (`tested` is False).
    """

    policy: str
    fates: Sequence[tuple[Mutant, Fate]] = ()
    reason: str = ""
    left_out: int = 0
    tested: bool = True

    def count(self, fate: Fate) -> int:
        return sum(one is fate for _, one in self.fates)

    @property
    def survivors(self) -> list[Mutant]:
        return [mutant for mutant, fate in self.fates if fate is Fate.SURVIVED]

    @property
    def score(self) -> float | None:
        """Percent of the mutants that load which the tests notice; None where none does."""
        tried = self.count(Fate.KILLED) + self.count(Fate.SURVIVED)
        return 100.0 * self.count(Fate.KILLED) / tried if tried else None


def run(suite: Suite, workers: Workers, terms: Terms, *, most: int = MOST) -> Iterator[Mutation]:
    """The mutants of each policy that the suite is about, one policy after the other.

    A policy whose tests do not all pass as it is has no mutants tried: they would prove nothing. Raises BundleInvalid
    where the policies and tests cannot be loaded, PolicyEngineUnavailable.
    """
    parsed = parse(workers, suite.sources.values())
    for policy in suite.asked:
        own = suite.about(policy)
        session = running.run(own, workers, terms)
        if others := session.count(State.FAILED) + session.count(State.ERROR):
            yield Mutation(policy, reason=f"{others} of its tests do not pass as it is")
            continue
        if session.untested:
            yield Mutation(policy, reason="it has no test", tested=False)
            continue
        texts = _needed(own, parsed, policy)
        every = [one for module in parsed if module.module.package == policy for one in mutants.of(module)]
        chosen = every[:: -(-len(every) // most)] if len(every) > most else every
        with ThreadPoolExecutor(terms.jobs) as threads:
            fates = list(threads.map(partial(_fate, suite=own, texts=texts, workers=workers, terms=terms), chosen))
        yield Mutation(policy, list(zip(chosen, fates, strict=True)), left_out=len(every) - len(chosen))


def _needed(suite: Suite, parsed: Sequence[Parsed], policy: str) -> dict[str, str]:
    """The policy, the libraries, and the tests without those that are about other policies only."""
    others = suite.bundle.policies.keys() - {policy}
    own = [one.module.path for one in parsed if one.module.package not in others]
    tests = [one.file for one in suite.files if not one.tests or any(policy in test.policies for test in one.tests)]
    texts = {**suite.texts, **suite.test_texts}
    return {file: texts[file] for file in (*own, *tests, query.PATH)}


def _fate(mutant: Mutant, *, suite: Suite, texts: Mapping[str, str], workers: Workers, terms: Terms) -> Fate:
    stand = Stand(workers, {**texts, mutant.file: mutant.text}, seconds=terms.seconds)
    try:
        stand.load()
    except BundleInvalid:
        return Fate.INVALID
    noticed = _noticing(suite, stand, terms)
    if noticed is None:
        return Fate.SURVIVED
    return Fate.INVALID if _UNSAFE.search(noticed.reason) else Fate.KILLED


def _noticing(suite: Suite, stand: Stand, terms: Terms) -> Result | None:
    """The first test that passes no more; None where all still do."""
    for test in suite.tests:
        result = rego_run.run(test, stand)[0]
        if result.state not in (State.PASSED, State.SKIPPED):
            return result
    for one in suite.fixtures:
        if isinstance(one, Fixture):
            result = fixture_run.run(one, suite.bundle, stand, namespace=terms.namespace)[0]
            if result.state is not State.PASSED:
                return result
    return None
