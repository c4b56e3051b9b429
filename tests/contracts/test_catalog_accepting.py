"""Whatever happens at once or goes wrong, what does the catalog hold afterwards, on both stores?"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import remembered
from remembered import ANNA, accept, counted
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from catalog.chain import verify
from catalog.changes import Changes
from catalog.database import Database
from catalog.products import Products
from catalog.tables.product import VersionRow
from catalog.tables.row import table_of
from engine.errors import NotFound, UsageError, VersionConflict
from engine.model import Outcome, Part


def test_an_accepted_version_is_stored_with_its_decision_once(database: Database) -> None:
    first, second = accept(database), accept(database)
    assert (first.created, second.created) == (True, False)
    assert (first.version, first.status, first.submitted_by) == ("1.0.0", "active", "anna")
    assert second.decision_id == first.decision_id
    assert [counted(database, table) for table in ("version", "decision", "line", "product")] == [1, 1, 1, 1]


def test_the_same_version_with_other_content_conflicts_and_names_what_is_stored(database: Database) -> None:
    stored = accept(database)
    with pytest.raises(VersionConflict) as refused:
        accept(database, tags=["new"])
    assert refused.value.context["digest"] == stored.digest
    assert counted(database, "version") == 1


def test_versions_that_differ_only_in_build_metadata_conflict(database: Database) -> None:
    accept(database, version="1.0.0+a")
    with pytest.raises(VersionConflict):
        accept(database, version="1.0.0+b")


def test_of_sixteen_equal_submissions_at_once_exactly_one_is_stored(database: Database) -> None:
    descriptor, gate = remembered.product(), threading.Barrier(16)

    def submit() -> tuple[bool, str]:
        decision = remembered.decision(descriptor)
        gate.wait(20)
        with database.work(ANNA) as work:
            work.head()
            stored = work.versions.find(descriptor.identity, descriptor.digest)
            if stored is None:
                work.decisions.add(decision, remembered.record(decision))
                stored = work.versions.add(descriptor, decision.id)
                work.commit()
        return stored.created, stored.decision_id

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: submit(), range(16)))
    assert sum(created for created, _ in answers) == 1
    assert len({decision for _, decision in answers}) == 1
    assert [counted(database, table) for table in ("version", "decision", "chain_link")] == [1, 1, 1]


def test_of_eight_different_contents_at_once_one_wins_and_seven_conflict(database: Database) -> None:
    gate = threading.Barrier(8)

    def submit(number: int) -> bool:
        gate.wait(20)
        try:
            return accept(database, tags=[str(number)]).created
        except VersionConflict:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(submit, range(8))) == 1
    assert counted(database, "version") == 1
    assert verify(database).holds


def test_an_exception_inside_work_leaves_nothing(database: Database) -> None:
    descriptor = remembered.product()

    def fail() -> None:
        decision = remembered.decision(descriptor)
        with database.work(ANNA) as work:
            work.decisions.add(decision, remembered.record(decision))
            work.versions.add(descriptor, decision.id)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    tables = ("version", "decision", "payload", "change", "chain_link", "listing", "search_text")
    assert [counted(database, table) for table in tables] == [0] * 7
    assert accept(database).created


def test_leaving_without_commit_leaves_nothing(database: Database) -> None:
    decision = remembered.decision(remembered.product())
    with database.work(ANNA) as work:
        work.decisions.add(decision, remembered.record(decision))
    assert counted(database, "decision") == 0


def test_a_rejected_decision_is_logged_and_leaves_the_version_free(database: Database) -> None:
    descriptor = remembered.product()
    rejected = remembered.decision(descriptor, Outcome.REJECTED)
    with database.work(ANNA) as work:
        work.decisions.add(rejected, remembered.record(rejected))
        work.commit()
    assert counted(database, "version") == 0
    assert accept(database, descriptor).created
    kinds = [change.kind for change in Changes(database).after(principal=ANNA)]
    assert kinds == ["decision.rejected", "decision.accepted", "version.accepted"]


@pytest.mark.parametrize("decision", ["no-such-decision", None])
def test_the_database_itself_refuses_a_version_without_its_decision(database: Database, decision: str | None) -> None:
    def store() -> None:
        with database.work(ANNA) as work:
            work.versions.add(remembered.product(), decision)
            work.commit()

    with pytest.raises(IntegrityError):
        store()
    assert counted(database, "version") == 0


def test_the_database_itself_refuses_a_second_version_of_the_same_number(database: Database) -> None:
    stored = accept(database)
    version = table_of(VersionRow)
    with database.reading() as connection:
        row = dict(connection.execute(version.select()).mappings().one())
    with pytest.raises(IntegrityError), database.work(ANNA) as work:
        work.connection.execute(insert(version), {**row, "id": "another", "version": "1.0.0+build"})
    assert accept(database).id == stored.id


def test_parts_are_kept_byte_for_byte_up_to_a_mebibyte(database: Database) -> None:
    content = bytes(range(256)) * 4096
    parts = (Part("orders.yaml", content), Part("ports/placed.yaml", b"\xef\xbb\xbf# caf\xc3\xa9\r\n"))
    accept(database, parts=parts)
    products = Products(database)
    fqn = remembered.identity().fqn
    assert products.parts(fqn, "1.0.0", principal=ANNA) == parts
    assert products.original(fqn, "1.0.0", principal=ANNA) == parts[0]
    assert products.original(fqn, "1.0.0", part="ports/placed.yaml", principal=ANNA) == parts[1]
    assert products.original(fqn, "1.0.0", part="other.yaml", principal=ANNA) is None


def test_text_with_nul_is_shown_with_a_mark_and_kept_in_the_effective_descriptor(database: Database) -> None:
    accept(database, info={"displayName": "a\0b"})
    products = Products(database)
    fqn = remembered.identity().fqn
    assert products.find(fqn, principal=ANNA).display_name == "a\ufffdb"
    assert products.effective(fqn, "1.0.0", principal=ANNA)["info"]["displayName"] == "a\0b"


def test_names_that_fit_into_no_index_are_refused_clearly(database: Database) -> None:
    with pytest.raises(UsageError, match="500 characters"):
        accept(database, name="n" * 501)


def test_very_long_texts_elsewhere_are_no_obstacle(database: Database) -> None:
    long = "x" * 20_000
    fqn = f"urn:dpds:org.example:dataproducts:{'y' * 1500}:1:outputports:{'z' * 100}"
    info = {"displayName": long, "description": f"{long} word " * 20, "owner": {"id": long}}
    assert accept(database, info=info, tags=[long], reads=[("in", fqn), ("in", long)]).created
    assert Products(database).find(remembered.identity().fqn, principal=ANNA).display_name == long


def test_the_status_of_a_version_that_is_not_there_cannot_change(database: Database) -> None:
    accept(database)
    with pytest.raises(NotFound), database.work(ANNA) as work:
        work.versions.set_status(remembered.identity(version="1.0.1"), "withdrawn")
