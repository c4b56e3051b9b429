"""What tests of the HTTP doors share: one embedded engine, one loaded bundle and one migrated catalog to begin with."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from doors import a_house

from api.wiring import House


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house with an empty catalog, whose parts and file the houses of the tests begin with."""
    with a_house(tmp_path_factory.mktemp("model")) as house:
        house.prepare()
        house.database.close()
        yield house


@pytest.fixture
def build(model: House) -> Iterator[Callable[..., House]]:
    """Builds houses over a catalog of their own, and closes them at the end of the test."""
    with ExitStack() as houses:

        def built(data_dir: Path, **flags: object) -> House:
            shutil.copy(model.settings.data_dir / "meshgate.db", data_dir)
            house = houses.enter_context(a_house(data_dir, **flags))
            house.__dict__.update(engine=model.engine, bundle=model.bundle)
            return house

        yield built


@pytest.fixture
def house(build: Callable[..., House], tmp_path: Path) -> House:
    return build(tmp_path)
