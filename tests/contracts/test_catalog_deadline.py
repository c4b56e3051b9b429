"""Do reads end by their deadline on either store, inside the database and not only before the next one?"""

from __future__ import annotations

import threading
from time import monotonic
from typing import Any

import pytest
from remembered import counted

from catalog import deadline
from catalog.database import Database
from engine.errors import QueryTimeout

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


def read(database: Database, statement: str = ENDLESS) -> Any:
    with database.reading() as connection:
        return connection.exec_driver_sql(statement).scalar_one()


def test_a_statement_without_end_is_ended_in_the_database(database: Database) -> None:
    with pytest.raises(QueryTimeout), deadline.until(monotonic() + 0.2):
        read(database)


def test_one_of_a_snapshot_too(database: Database) -> None:
    with pytest.raises(QueryTimeout), deadline.until(monotonic() + 0.2), database.snapshot() as connection:
        connection.exec_driver_sql(ENDLESS)


def test_after_the_deadline_nothing_is_sent(database: Database) -> None:
    with pytest.raises(QueryTimeout), deadline.until(monotonic() - 1):
        read(database, "SELECT no such thing")


def test_every_statement_of_one_connection_keeps_it(database: Database) -> None:
    def slowly() -> None:
        with deadline.until(monotonic() + 0.5), database.reading() as connection:
            connection.exec_driver_sql("SELECT 1")
            threading.Event().wait(0.6)  # the moment passes between two statements
            connection.exec_driver_sql(ENDLESS)

    with pytest.raises(QueryTimeout):
        slowly()


def test_the_connection_serves_the_next_reader_without_any_deadline(database: Database) -> None:
    with pytest.raises(QueryTimeout), deadline.until(monotonic() + 0.2):
        read(database)
    many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT count(*) FROM n"
    assert read(database, many) == 300_000
    assert counted(database, "catalog_head") == 1


def test_many_at_once_all_end_and_leave_no_statement_behind(database: Database) -> None:
    ended: list[type[BaseException]] = []

    def slow() -> None:
        try:
            with deadline.until(monotonic() + 0.3):
                read(database)
        except QueryTimeout as late:
            ended.append(type(late))

    threads = [threading.Thread(target=slow) for _ in range(12)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert ended == [QueryTimeout] * 12
    assert not any(one.is_alive() for one in threads)
    if database.dialect == "postgresql":
        running = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'WITH RECURSIVE n(i)%%'"
        assert read(database, running) == 0
