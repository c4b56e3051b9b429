"""One stage for each store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from deploy_stage import Stage


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'meshgate.db'}"
    url: str = request.getfixturevalue("postgresql_url")
    return url


@pytest.fixture
def staged(store_url: str, tmp_path: Path) -> Iterator[Callable[..., Stage]]:
    """Makes stages on the same store and folder; all are closed at the end."""
    stages: list[Stage] = []

    def made(**settings: Any) -> Stage:
        stages.append(Stage(store_url, tmp_path / "containers", **settings))
        return stages[-1]

    yield made
    for one in stages:
        one.close()


@pytest.fixture
def stage(staged: Callable[..., Stage]) -> Stage:
    return staged()
