"""Does a filled catalog survive its migrations: down step by step to the ground, and up again after each?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from changing_mesh import Mesh
from lived import lived
from sqlalchemy import Connection, inspect

from api.auth.permissions import LOCAL
from catalog.chain import verify
from catalog.database import Database
from catalog.migrations import revisions
from catalog.migrations.run import downgraded
from catalog.products import Products
from catalog.search import Search

STEPS = revisions()
PRODUCTS, SAMPLES = "0002", "0015"
"""The steps that made the tables of products, and of samples: the last of those that the chain names."""

REBUILT = ("port_column", "listing_text")
"""What the upgrade makes anew of versions and listings where it is missing."""

Row = dict[str, Any]


@pytest.fixture(params=["sqlite", "postgresql"])
def filled(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A catalog with a past."""
    flags = {}
    if request.param == "postgresql":
        flags["database_url"] = request.getfixturevalue("postgresql_url")
    with ExitStack() as stack:
        yield lived(Mesh(tmp_path, stack, flags)).database


def contents(connection: Connection) -> dict[str, list[Row]]:
    """Every row of every table but the indexes that a store keeps by itself."""
    found: dict[str, list[Row]] = {}
    for table in inspect(connection).get_table_names():
        if not table.startswith("search_text") and table != "alembic_version":
            found[table] = [dict(row) for row in connection.exec_driver_sql(f'SELECT * FROM "{table}"').mappings()]
    return found


def same(rows: list[Row], others: list[Row]) -> bool:
    """Whether these are the same rows, in the columns that both have: a step may add some."""
    both = set(rows[0]) & set(others[0]) if rows and others else set()
    told = [sorted(tuple(repr(row[name]) for name in sorted(both)) for row in some) for some in (rows, others)]
    return told[0] == told[1]


def answers(database: Database) -> Any:
    listed = Products(database).page(first=100, principal=LOCAL)
    words = ("moved parcels", "boxes", '"moved parcels" -status:withdrawn', "column:city")
    return listed.items, [Search(database).page(one, first=100, principal=LOCAL).items for one in words]


def test_what_a_step_is_not_about_survives_it_down_and_up_again(filled: Database) -> None:
    at_head = answers(filled)
    with filled.bind.begin() as connection:
        whole = contents(connection)
    assert {name for name, rows in whole.items() if rows} > {
        "version",
        "waiver",
        "standing",
        "bundle_release",
        *REBUILT,
    }
    for step in reversed(STEPS[:-1]):
        with filled.bind.begin() as connection:
            downgraded(connection, step)
            left = contents(connection)
        assert [name for name, rows in left.items() if not same(rows, whole[name])] == [], step
        filled.upgrade()
        assert filled.at_head()
        with filled.bind.begin() as connection:
            again = contents(connection)
        assert set(again) == set(whole)
        assert [name for name in left if not same(again[name], whole[name])] == [], step
        if step >= PRODUCTS:
            assert answers(filled) == at_head, step
            assert [name for name in REBUILT if not same(again[name], whole[name])] == [], step
        if step >= SAMPLES:
            assert verify(filled).faults == ()
    with filled.bind.begin() as connection:
        downgraded(connection, "base")
        assert contents(connection) == {}
