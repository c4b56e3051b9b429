"""Is the schema of both stores the one that the models say, and is a store that is not ready told apart?"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from outside_parts import free_port
from remembered import ANNA, accept, counted
from sqlalchemy import inspect

from catalog.database import Database
from catalog.migrations import head_revision
from catalog.migrations.run import downgraded, settings, upgraded
from catalog.products import Products
from catalog.tables import known_tables
from engine.errors import CatalogBehind, CatalogUnavailable, SettingsInvalid


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    if request.param == "sqlite":
        return Database(f"sqlite:///{tmp_path / 'new' / 'catalog.db'}")
    return Database(request.getfixturevalue("postgresql_url"))


def test_models_and_migrations_agree(database: Database) -> None:
    options = {"include_name": lambda name, kind, _: kind != "table" or not name.startswith("search_text")}
    with database.bind.connect() as connection:
        context = MigrationContext.configure(connection, opts={**options, "compare_type": True})
        assert compare_metadata(context, known_tables()) == []


def test_the_head_is_known_without_alembic_and_is_alembics_only_head() -> None:
    assert ScriptDirectory.from_config(settings()).get_heads() == [head_revision()]


def test_every_table_of_the_mesh_has_its_span_of_revisions() -> None:
    without = {name for name, table in known_tables().tables.items() if "until_revision" not in table.c}
    assert {"catalog_head", "chain_link", "idempotency", "subscription"} <= without
    assert not {"product", "line", "version", "listing", "port", "reading", "part", "decision", "change"} & without


def test_a_new_store_is_not_at_head_until_it_is_upgraded(empty: Database) -> None:
    assert not empty.at_head()
    with pytest.raises(CatalogBehind):
        Products(empty).page(principal=ANNA)
    empty.upgrade()
    assert empty.at_head()
    empty.upgrade()
    assert accept(empty).created
    empty.close()


def test_several_processes_may_upgrade_at_once(empty: Database) -> None:
    url = empty.bind.url.render_as_string(hide_password=False)
    gate = threading.Barrier(4)

    def upgrade(_: int) -> bool:
        database = Database(url)
        gate.wait(20)
        database.upgrade()
        database.close()
        return True

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(upgrade, range(4)))
    assert (empty.at_head(), counted(empty, "catalog_head")) == (True, 1)
    empty.close()


def test_migrations_go_down_and_up_again(database: Database) -> None:
    with database.bind.begin() as connection:
        downgraded(connection, "base")
        assert inspect(connection).get_table_names() == ["alembic_version"]
    assert not database.at_head()
    with database.bind.begin() as connection:
        upgraded(connection)
    assert database.at_head()
    assert accept(database).created


def test_a_schema_of_a_newer_meshgate_is_left_alone(database: Database) -> None:
    for revision in ("9999", head_revision()):
        with database.bind.begin() as connection:
            connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{revision}'")
        if revision == "9999":
            assert not database.at_head()
            with pytest.raises(CatalogUnavailable, match="newer meshgate"):
                database.upgrade()
    assert database.at_head()


def test_only_sqlite_makes_itself_ready(empty: Database) -> None:
    if empty.dialect == "sqlite":
        empty.ready()
        assert empty.at_head()
    else:
        with pytest.raises(CatalogBehind):
            empty.ready()
        empty.upgrade()
        empty.ready()
    empty.close()


def test_sqlite_keeps_what_it_acknowledges(sqlite_catalog: Database) -> None:
    with sqlite_catalog.reading() as connection:
        asked = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        told = [connection.exec_driver_sql(f"PRAGMA {one}").scalar_one() for one in asked]
    assert told == ["wal", 2, 1, 30_000]


def test_a_reader_does_not_wait_for_a_writer(database: Database) -> None:
    accept(database)
    with database.work(ANNA) as work:
        work.changes.append("test.written", "x", {})
        assert len(Products(database).page(principal=ANNA).items) == 1


def test_a_store_that_cannot_be_reached_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "folder.db").mkdir()
    for url in (f"postgresql://127.0.0.1:{free_port()}/x", f"sqlite:///{tmp_path}/folder.db"):
        database = Database(url)
        with pytest.raises(CatalogUnavailable):
            database.at_head()
        with pytest.raises(CatalogUnavailable), database.work(ANNA):
            raise AssertionError("a unit of work began without its store")
        database.close()


def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "catalog.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(CatalogUnavailable):
        Database(f"sqlite:///{tmp_path}/catalog.db").at_head()


@pytest.mark.parametrize("url", ["mysql://x/y", "nonsense", "sqlite://", "sqlite:///:memory:"])
def test_other_addresses_are_refused_as_settings(url: str) -> None:
    with pytest.raises(SettingsInvalid):
        Database(url)
