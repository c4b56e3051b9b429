"""What tests of the HTTP doors share: one embedded engine for all houses of a session."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from doors import a_house

from api.wiring import House
from engine.policy.embedded import EmbeddedEngine


@pytest.fixture(scope="session")
def engine() -> Iterator[EmbeddedEngine]:
    engine = EmbeddedEngine()
    yield engine
    engine.close()


@pytest.fixture
def build(engine: EmbeddedEngine) -> Iterator[Callable[..., House]]:
    """Builds houses that ask the shared engine, and closes them at the end of the test."""
    with ExitStack() as houses:

        def built(data_dir: Path, **flags: object) -> House:
            house = houses.enter_context(a_house(data_dir, **flags))
            house.__dict__["engine"] = engine
            return house

        yield built


@pytest.fixture
def house(build: Callable[..., House], tmp_path: Path) -> House:
    return build(tmp_path)
