"""The stores that subscriptions are kept in, and a receiver of what is told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from receiver import Receiver, receiver
from remembered import database, postgresql_catalog, postgresql_template, sqlite_catalog, sqlite_template

__all__ = ["database", "postgresql_catalog", "postgresql_template", "sqlite_catalog", "sqlite_template"]


@pytest.fixture
def told() -> Iterator[Receiver]:
    with receiver() as one:
        yield one
