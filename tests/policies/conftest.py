"""One run of all tests of the shipped policies, for everything that looks at it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from policy_cases import FIXTURES, POLICIES, ROOT

from engine.policy import bundle, modules
from engine.policy.trying import running, suite
from engine.policy.trying.results import Session
from engine.policy.trying.running import Terms
from engine.policy.trying.suite import Suite
from engine.policy.workers import Workers

FOLDERS = (POLICIES, ROOT / "examples" / "governance" / "policies")


@pytest.fixture(scope="session")
def pack_workers() -> Iterator[Workers]:
    workers = Workers(1, memory_mib=512)
    yield workers
    workers.close()


@pytest.fixture(scope="session")
def pack(pack_workers: Workers) -> Suite:
    sources = modules.collect(FOLDERS)
    loaded = bundle.of(sources, workers=pack_workers)
    return suite.read(loaded, sources, modules.tests(FOLDERS), [FIXTURES], workers=pack_workers)


@pytest.fixture(scope="session")
def session(pack: Suite, pack_workers: Workers) -> Session:
    return running.run(pack, pack_workers, Terms(), covering=True)
