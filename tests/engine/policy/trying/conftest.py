"""A folder of policies with tests, and its run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from engine.policy import bundle, modules
from engine.policy.trying import running, suite
from engine.policy.trying.results import Session
from engine.policy.trying.running import Terms
from engine.policy.trying.suite import Suite
from engine.policy.workers import Workers

Read = Callable[..., Suite]
Run = Callable[..., Session]


@pytest.fixture(scope="session")
def trial_workers() -> Iterator[Workers]:
    workers = Workers(2, memory_mib=256)
    yield workers
    workers.close()


@pytest.fixture
def read(trial_workers: Workers) -> Read:
    """Reads the suite of folders of policies and of fixtures."""

    def suite_of(folder: Path, fixtures: Sequence[Path] = ()) -> Suite:
        sources = modules.collect([folder])
        loaded = bundle.of(sources, workers=trial_workers)
        return suite.read(loaded, sources, modules.tests([folder]), fixtures, workers=trial_workers)

    return suite_of


@pytest.fixture
def run(read: Read, trial_workers: Workers) -> Run:
    """Runs the suite of these folders."""

    def session_of(folder: Path, fixtures: Sequence[Path] = (), *, seconds: float = 5.0, jobs: int = 1) -> Session:
        return running.run(read(folder, fixtures), trial_workers, Terms(seconds, jobs), covering=True)

    return session_of
