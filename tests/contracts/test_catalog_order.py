"""Is there one order of everything that happened, without gaps, and does tampering show, on both stores?"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import remembered
from remembered import ANNA, accept
from sqlalchemy import event, text

from catalog.chain import verify
from catalog.changes import Changes
from catalog.database import Database
from catalog.tables.columns import dumps
from catalog.tables.decision import DecisionRow, PayloadRow
from catalog.tables.order import HeadRow
from catalog.tables.product import PartRow, VersionRow
from catalog.tables.row import Row, table_of

WRITERS, EACH = 4, 12


def test_readers_of_the_feed_miss_nothing_while_others_write(database: Database) -> None:
    done, gate = threading.Event(), threading.Barrier(WRITERS + 2)

    def write(writer: int) -> None:
        gate.wait(20)
        for number in range(EACH):
            with database.work(ANNA) as work:
                for step in range(1 + number % 3):
                    work.changes.append("test.written", f"{writer}", {"number": number, "step": step})
                if number % 5 != 4:
                    work.commit()

    def follow() -> list[int]:
        changes, seen = Changes(database), []
        gate.wait(20)
        while True:
            last_round = done.is_set()
            found = changes.after(seen[-1] if seen else 0, principal=ANNA, limit=7)
            seen += [change.cursor for change in found]
            if last_round and not found:
                return seen

    with ThreadPoolExecutor(WRITERS + 2) as pool:
        readers = [pool.submit(follow) for _ in range(2)]
        writers = [pool.submit(write, number) for number in range(WRITERS)]
        for writer in writers:
            writer.result(60)
        done.set()
        committed = WRITERS * sum(1 + number % 3 for number in range(EACH) if number % 5 != 4)
        assert [reader.result(60) for reader in readers] == [list(range(1, committed + 1))] * 2
    assert verify(database).holds


def test_everything_of_one_unit_of_work_belongs_to_one_revision(database: Database) -> None:
    accept(database)
    accept(database, version="1.0.1")
    tables = ("version", "version_status", "part", "port", "decision", "payload", "change")
    with database.reading() as connection:
        for table in tables:
            revisions = connection.execute(text(f"SELECT DISTINCT from_revision FROM {table} ORDER BY 1")).scalars()
            assert (table, list(revisions)) == (table, [1, 2])
        head = connection.execute(table_of(HeadRow).select()).one()
    assert (head.revision, head.cursor) == (2, 4)


def test_work_that_records_nothing_makes_no_revision(database: Database) -> None:
    accept(database)
    with database.work(ANNA) as work:
        assert work.head() == 1
        work.idempotency.claim("key", "sha256:1")
        work.commit()
    assert verify(database).revision == 1


def test_rows_added_through_the_session_get_their_revision(database: Database) -> None:
    with database.work(ANNA) as work:
        work.session.add(PayloadRow(digest="sha256:1", content=b"{}"))
        work.commit()
    with database.work(ANNA) as work:
        row = work.session.get(PayloadRow, "sha256:1")
        assert (row.from_revision, row.until_revision, row.content) == (1, None, b"{}")
    assert verify(database).revision == 1


def test_a_change_tells_who_did_what_to_what_and_when(database: Database) -> None:
    stored = accept(database)
    first, second = Changes(database).after(principal=ANNA)
    assert (first.cursor, first.kind, second.cursor, second.kind) == (1, "decision.accepted", 2, "version.accepted")
    assert second.subject == remembered.identity().fqn
    assert second.payload == {"version": "1.0.0", "digest": stored.digest, "decision": stored.decision_id}
    assert (second.principal, second.at) == ("anna", remembered.make.NOW)
    assert Changes(database).after(1, principal=ANNA) == (second,)
    assert Changes(database).after(2, principal=ANNA) == ()


@pytest.fixture
def filled(database: Database) -> Database:
    for number in range(4):
        accept(database, version=f"1.0.{number}")
    assert verify(database).faults == ()
    return database


def _edit(database: Database, row: type[Row], **values: object) -> None:
    table = table_of(row)
    with database.bind.begin() as connection:
        one = connection.execute(table.select().order_by(table.c.from_revision)).mappings().all()[1]
        here = [column == one[column.name] for column in table.primary_key]
        connection.execute(table.update().where(*here).values(**values))


def test_an_edited_decision_is_found(filled: Database) -> None:
    _edit(filled, DecisionRow, record=dumps({"decision": {"outcome": "rejected"}}))
    (fault,) = verify(filled).faults
    assert fault.startswith("revision 2: the decision ")
    assert fault.endswith(" was edited")


@pytest.mark.parametrize(
    ("row", "values"),
    [
        (VersionRow, {"effective": b"{}"}),
        (VersionRow, {"submitted_by": "somebody else"}),
        (PartRow, {"content": b"other"}),
    ],
)
def test_an_edited_version_is_found(filled: Database, row: type[Row], values: dict[str, object]) -> None:
    _edit(filled, row, **values)
    (fault,) = verify(filled).faults
    assert fault.startswith("revision 2: the version ")


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE change SET payload = '{}' WHERE cursor = 3", "revision 2: the change 3 was edited"),
        ("DELETE FROM change WHERE cursor = 3", "revision 2: the change 3 is missing"),
        ("UPDATE change SET principal = 'mallory' WHERE cursor = 3", "revision 2: the change 3 was edited"),
        (
            "INSERT INTO change SELECT 99, kind, subject, domain, payload, principal, at, from_revision, until_revision"
            " FROM change WHERE cursor = 3",
            "revision 2: the change 99 is in no link of the chain",
        ),
        ("UPDATE chain_link SET entries = '[]' WHERE revision = 2", "revision 2: the link was edited"),
        ("DELETE FROM chain_link WHERE revision = 2", "revision 2: the link is missing"),
        (
            "DELETE FROM chain_link WHERE revision = 4",
            "revision 4: the link is missing, and the head names a later one",
        ),
        (
            "UPDATE catalog_head SET chain_hash = 'x'",
            "revision 4: the last link is not the one that the head names",
        ),
    ],
)
def test_tampering_with_feed_or_chain_is_found(filled: Database, statement: str, fault: str) -> None:
    columns = "cursor, kind, subject, domain, payload, principal, at, from_revision, until_revision"
    with filled.bind.begin() as connection:
        connection.exec_driver_sql(statement.replace("INTO change SELECT", f"INTO change ({columns}) SELECT"))
    verdict = verify(filled)
    assert not verdict.holds
    assert verdict.faults[0] == fault


def test_what_is_written_while_the_chain_is_verified_is_no_fault(filled: Database) -> None:
    written = []

    def write(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "FROM catalog_head" in statement and not written:
            written.append(statement)
            accept(filled, version="3.0.0")

    event.listen(filled.bind, "after_cursor_execute", write)
    try:
        seen = verify(filled)
    finally:
        event.remove(filled.bind, "after_cursor_execute", write)
    assert (len(written), seen.faults, seen.revision) == (1, (), 4)
    assert (verify(filled).faults, verify(filled).revision) == ((), 5)
