"""Is every way of changing what was recorded found, its first bad record named, and erasing told apart?"""

from __future__ import annotations

from datetime import UTC, datetime

import make
import pytest
import remembered
from remembered import ANNA, accept, counted
from sqlalchemy import update

from catalog.chain import START, linked, verify
from catalog.changes import Changes
from catalog.database import Database
from catalog.decisions import Decisions
from catalog.heads import HEAD, LINK, Head, head
from catalog.tables.columns import dumps
from catalog.tables.decision import DecisionRow, PayloadRow
from catalog.tables.row import table_of
from engine.descriptor.digest import digest_of
from engine.errors import CatalogUnavailable, ErasureInvalid, NotFound
from engine.model import Outcome

DECISION, PAYLOAD = table_of(DecisionRow), table_of(PayloadRow)
MONDAY = datetime(2026, 11, 23, 17, tzinfo=UTC)
REASON = "asked for by the person it concerns"


@pytest.fixture
def filled(database: Database) -> Database:
    for number in range(6):
        accept(database, version=f"1.0.{number}")
    assert verify(database).faults == ()
    return database


def sql(database: Database, *statements: str) -> None:
    with database.bind.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def erased(database: Database) -> str:
    """An accepted decision whose input is erased."""
    decision = accept(database, version="1.0.0").decision_id
    erase(database, decision)
    return decision


# --- facts of a decision ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "values",
    [
        {"outcome": "undecided"},
        {"bundle_revision": "sha256:another"},
        {"moment": make.NOW.replace(year=2027)},
        {"principal": "mallory"},
        {"fqn": "urn:dpds:org.example:dataproducts:others:1"},
        {"record": dumps({})},
    ],
    ids=lambda values: next(iter(values)),
)
def test_every_fact_of_a_decision_is_in_the_chain(filled: Database, values: dict[str, object]) -> None:
    with filled.bind.begin() as connection:
        connection.execute(update(DECISION).where(DECISION.c.from_revision == 2).values(**values))
    (fault,) = verify(filled).faults
    assert fault.startswith("revision 2: the decision ")
    assert fault.endswith(" was edited")


def test_an_edited_input_is_found(filled: Database) -> None:
    with filled.bind.begin() as connection:
        connection.execute(update(PAYLOAD).where(PAYLOAD.c.from_revision == 3).values(content=b'{"info":{}}'))
    (fault,) = verify(filled).faults
    assert fault.startswith("revision 3: the input sha256:")
    assert fault.endswith(" was edited")


@pytest.mark.parametrize(
    ("table", "column", "named"),
    [("payload", "content", "input"), ("decision", "record", "decision"), ("version", "effective", "version")],
)
def test_bytes_that_cannot_be_unpacked_are_named_and_hide_nothing_behind_them(
    filled: Database, table: str, column: str, named: str
) -> None:
    garbage = "x'00ff'" if filled.dialect == "sqlite" else r"'\x00ff'::bytea"
    sql(
        filled,
        f"UPDATE {table} SET {column} = {garbage} WHERE from_revision = 2",
        "UPDATE change SET principal = 'mallory' WHERE from_revision = 5 AND kind = 'version.accepted'",
    )
    first, last = verify(filled).faults
    assert first.startswith(f"revision 2: the {named} ")
    assert last == "revision 5: the change 10 was edited"


def test_the_first_bad_record_is_told_first(filled: Database) -> None:
    sql(
        filled,
        "UPDATE change SET principal = 'mallory' WHERE cursor = 11",
        "UPDATE change SET principal = 'mallory' WHERE cursor = 3",
        "DELETE FROM chain_link WHERE revision = 5",
    )
    told = [one.partition(":")[0] for one in verify(filled).faults]
    assert told == sorted(told)
    assert told[0] == "revision 2"


# --- the head ---------------------------------------------------------------------------------------------------------


def cut(database: Database, after: int, *, and_head: bool = True) -> None:
    """Remove every trace of the revisions after this one, and set the head back to it."""
    tables = ("reading", "port", "part", "version_status", "listing", "version", "change", "decision", "payload")
    beyond = [f"DELETE FROM {table} WHERE from_revision > {after}" for table in tables]
    with database.bind.begin() as connection:
        for statement in (*beyond, f"DELETE FROM chain_link WHERE revision > {after}"):
            connection.exec_driver_sql(statement)
        last = connection.execute(LINK.select().where(LINK.c.revision == after)).one()
        values = {"revision": after, "cursor": 2 * after, "chain_hash": last.hash}
        connection.execute(update(HEAD).values(**values) if and_head else HEAD.delete())


def test_a_tail_cut_together_with_the_head_is_found_by_a_head_kept_elsewhere(filled: Database) -> None:
    kept = head(filled, at=MONDAY)
    cut(filled, 3)
    assert verify(filled).holds
    told = "the head of 2026-11-23T17:00:00+00:00 says that revisions 4 to 6 existed"
    assert verify(filled, [kept]).faults == (f"revision 4: the tail was cut: {told}",)


def test_a_tail_cut_together_with_the_row_of_the_head_is_found_without_one(filled: Database) -> None:
    cut(filled, 3, and_head=False)
    verdict = verify(filled)
    assert (verdict.revision, verdict.faults) == (3, ("revision 3: the row of the catalog's head is missing",))
    with pytest.raises(CatalogUnavailable, match="db verify"):
        head(filled, at=MONDAY)


def test_a_history_written_anew_is_placed_between_two_heads(filled: Database) -> None:
    early, late = kept_at(filled, 2), head(filled, at=MONDAY)
    _rewrite(filled, 4)
    assert verify(filled).holds
    (fault,) = verify(filled, [late, early]).faults
    assert fault.startswith("revision 3: history was rewritten between revision 3 and 6: ")


def test_a_catalog_that_went_on_agrees_with_its_older_heads(filled: Database) -> None:
    kept = [kept_at(filled, number) for number in (1, 3, 6)]
    erased(filled)
    accept(filled, version="2.0.0")
    assert verify(filled, kept).faults == ()


def kept_at(database: Database, revision: int) -> Head:
    with database.reading() as connection:
        row = connection.execute(LINK.select().where(LINK.c.revision == revision)).one()
    return Head(revision, 2 * revision, row.hash, MONDAY)


def _rewrite(database: Database, first: int) -> None:
    """Change who did it in one revision and make every link from there on anew, as who knows the chain can."""
    from catalog import feed

    with database.bind.begin() as connection:
        cursor = 2 * first
        connection.exec_driver_sql(f"UPDATE change SET principal = 'mallory' WHERE cursor = {cursor}")
        changed = connection.exec_driver_sql(f"SELECT cursor FROM change WHERE cursor = {cursor}").scalar_one()
        from catalog.recorded import CHANGE

        row = connection.execute(CHANGE.select().where(CHANGE.c.cursor == changed)).mappings().one()
        last = START
        for link in connection.execute(LINK.select().order_by(LINK.c.revision)).all():
            entries = [
                [kind, name, feed.digest(row)] if (kind, name) == ("change", str(cursor)) else [kind, name, digest]
                for kind, name, digest in link.entries
            ]
            made = linked(last, link.revision, entries)
            values = {"previous_hash": last, "entries": entries, "hash": made}
            connection.execute(update(LINK).where(LINK.c.revision == link.revision).values(**values))
            last = made
        connection.execute(update(HEAD).values(chain_hash=last))


@pytest.mark.parametrize("told", [None, [], {}, {"schema": "meshgate/head/1"}, {"schema": "meshgate/head/2"}])
def test_a_statement_of_another_shape_is_none(told: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        Head.of(told)


def test_a_head_is_read_as_it_was_told(filled: Database) -> None:
    kept = head(filled, at=MONDAY)
    assert Head.of(kept.told()) == kept
    assert (kept.revision, kept.cursor, kept.hash) == (6, 12, verify(filled).hash)


# --- erasing ----------------------------------------------------------------------------------------------------------


def test_erasing_what_a_decision_saw_leaves_a_tombstone_and_a_chain_that_verifies(filled: Database) -> None:
    decisions = Decisions(filled)
    before = decisions.effective_input(accept(filled, version="1.0.0").decision_id, principal=ANNA)
    assert before is not None
    decision = erased(filled)
    assert decisions.effective_input(decision, principal=ANNA) is None
    stored = decisions.find(decision, principal=ANNA)
    assert stored is not None
    assert (stored.outcome, stored.record is None) == ("accepted", False)
    assert verify(filled).faults == ()
    assert counted(filled, "payload") == 6
    (change,) = Changes(filled).after(12, principal=ANNA)
    told = {"decision": decision, "reason": REASON, "record": False, "input_digest": digest_of(before)}
    assert (change.kind, change.principal, change.payload) == ("decision.input-erased", "anna", told)


def rejected(database: Database) -> str:
    """A logged decision on which no version stands."""
    made = remembered.decision(remembered.product(name="refused"), Outcome.REJECTED)
    with database.work(ANNA, at=make.NOW) as work:
        work.decisions.add(made, remembered.record(made))
        work.commit()
    return made.id


def erase(database: Database, decision: str, *, record: bool = False) -> None:
    with database.work(ANNA) as work:
        work.decisions.erase(decision, reason=REASON, record=record)
        work.commit()


def test_the_record_is_erased_only_where_it_is_asked_for(filled: Database) -> None:
    decision = rejected(filled)
    for record in (False, True):
        erase(filled, decision, record=record)
        stored = Decisions(filled).find(decision, principal=ANNA)
        assert stored is not None
        assert (stored.outcome, stored.record is None) == ("rejected", record)
        assert verify(filled).faults == ()


def test_the_record_that_a_version_stands_on_is_not_erased(filled: Database) -> None:
    decision = accept(filled, version="1.0.0").decision_id
    with pytest.raises(ErasureInvalid, match="an accepted version stands on this decision"):
        erase(filled, decision, record=True)
    assert Decisions(filled).effective_input(decision, principal=ANNA) is not None


def test_erasing_twice_tells_once_and_erasing_the_record_later_tells_again(filled: Database) -> None:
    decision = rejected(filled)
    for record in (False, False, True, True):
        erase(filled, decision, record=record)
    assert [one.payload["record"] for one in Changes(filled).after(13, principal=ANNA)] == [False, True]
    assert verify(filled).faults == ()


def test_decisions_that_share_an_input_lose_it_together_and_are_named(database: Database) -> None:
    about = remembered.product()
    made = [remembered.decision(about) for _ in range(2)]
    for one in made:
        with database.work(ANNA, at=make.NOW) as work:
            work.decisions.add(one, remembered.record(one))
            work.commit()
    with database.work(ANNA) as work:
        told = work.decisions.erase(made[0].id, reason=REASON)
        work.commit()
    assert set(told.decisions) == {one.id for one in made}
    assert Decisions(database).effective_input(made[1].id, principal=ANNA) is None


def test_what_is_not_there_cannot_be_erased(filled: Database) -> None:
    with filled.work(ANNA) as work, pytest.raises(NotFound):
        work.decisions.erase("nothing", reason=REASON)
    assert verify(filled).revision == 6


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE payload SET content = NULL WHERE from_revision = 2", "revision 2: the input "),
        ("UPDATE decision SET record = NULL WHERE from_revision = 2", "revision 2: the record of the decision "),
    ],
)
def test_an_erasure_that_nobody_answers_for_is_found(filled: Database, statement: str, fault: str) -> None:
    sql(filled, statement)
    (told,) = verify(filled).faults
    assert told.startswith(fault)
    assert told.endswith(" was erased, and no change says why")
