"""Is the whole log read in one order, from any cursor, without holding it all, on both stores?"""

from __future__ import annotations

from typing import Any

import make
import pytest
import remembered
from remembered import ANNA, accept, asked
from sqlalchemy import text

from catalog.cursor import written
from catalog.database import Database
from catalog.log import Log
from engine.errors import CursorInvalid


def walked(database: Database, size: int) -> list[Any]:
    """Everything, page by page."""
    found: list[Any] = []
    position = None
    while page := Log(database).after(position, principal=ANNA, limit=size):
        assert len(page) <= size
        found += page
        position = page[-1].cursor
    return found


def test_pages_of_any_size_give_every_decision_once_in_the_order_of_revisions(database: Database) -> None:
    for number in range(5):
        accept(database, version=f"1.0.{number}")
    with database.work(ANNA, at=make.NOW) as work:  # several of one revision
        for number in range(4):
            made = remembered.decision(remembered.product(f"product{number}"))
            work.decisions.add(made, remembered.record(made))
        work.commit()
    whole = walked(database, 100)
    assert [one.revision for one in whole] == [1, 2, 3, 4, 5, 6, 6, 6, 6]
    for size in (1, 2, 3):
        assert walked(database, size) == whole


def test_a_logged_decision_has_its_input_and_its_record(database: Database) -> None:
    stored = accept(database)
    (one,) = walked(database, 5)
    about = remembered.product()
    assert (one.decision.id, one.input, one.input_erased_at) == (stored.decision_id, about.effective, None)
    assert one.decision.record["decision"]["id"] == stored.decision_id
    assert Log(database).found([stored.decision_id, "nothing"], principal=ANNA) == {stored.decision_id: one}
    with database.work(ANNA, at=make.NOW) as work:
        work.decisions.erase(stored.decision_id, reason="gone")
        work.commit()
    (erased,) = walked(database, 5)
    assert (erased.input, erased.input_erased_at, erased.cursor) == (None, make.NOW, one.cursor)


@pytest.mark.parametrize("position", ["nonsense", "", written([1, "x"], scope="another list")])
def test_a_cursor_of_another_list_is_refused(database: Database, position: str) -> None:
    with pytest.raises(CursorInvalid):
        Log(database).after(position, principal=ANNA, limit=1)


def test_a_page_is_one_statement_that_walks_the_index(database: Database) -> None:
    for number in range(30):
        accept(database, version=f"1.0.{number}")
    with asked(database) as sent:
        Log(database).after(walked(database, 100)[9].cursor, principal=ANNA, limit=5)
    statements = [one for one in sent if "FROM decision" in one[0]]
    *_, (statement, parameters) = statements
    assert len(statements) == 3  # the whole log, the empty page behind it, and the page that was asked for
    with database.bind.connect() as connection:
        if database.dialect == "postgresql":
            connection.execute(text("SET LOCAL enable_seqscan = off"))
            plan = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).scalars().all()
        else:
            plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
    assert "ix_decision_from_revision_id" in "\n".join(plan)
