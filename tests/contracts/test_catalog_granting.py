"""Are waivers and suspensions kept step by step on both stores, and is how the mesh stands counted right?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import make
import pytest
import remembered
from remembered import ANNA, accept
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from catalog.coverage import Coverage, Tally
from catalog.database import Database
from catalog.excused import excusing_on
from catalog.granted import granted_on, mark_on
from catalog.submitted import domain_of
from catalog.suspensions import SuspensionBook
from catalog.waivers import WaiverBook, Waivers
from engine.model import Disposition, Outcome, PolicyState, Principal
from engine.report import record

ORDERS = "urn:dpds:org.example:dataproducts:orders:1"
OWNER, NAMES = "mesh.ownership.owner_declared", "mesh.naming.names_follow_convention"
BOB = Principal("bob")
DAY = timedelta(days=1)


def requested(database: Database) -> str:
    asked = {"policy": OWNER, "product": ORDERS, "reason": "Moving."}
    with database.work(ANNA, at=make.NOW) as work:
        made = WaiverBook(work).request(asked, domain="sales", begins=make.NOW, ends=make.NOW + DAY)
        work.commit()
    return made.id


def step(database: Database, waiver: str, state: str, who: Principal = BOB) -> None:
    with database.work(who, at=make.NOW) as work:
        work.head()
        WaiverBook(work).step(waiver, state, note="so")
        work.commit()


def mark(database: Database) -> Any:
    with database.reading() as connection:
        return mark_on(connection)


def granted(database: Database) -> Any:
    with database.reading() as connection:
        return granted_on(connection)


def test_only_an_approved_waiver_is_granted_and_every_step_moves_the_mark(database: Database) -> None:
    marks = [mark(database)]
    waiver = requested(database)
    marks.append(mark(database))
    assert granted(database).waivers == ()
    step(database, waiver, "approved")
    marks.append(mark(database))
    (one,) = granted(database).waivers
    assert (one.id, one.requested_by, one.approved_by, one.begins) == (waiver, "anna", "bob", make.NOW)
    step(database, waiver, "revoked")
    marks.append(mark(database))
    assert granted(database).waivers == ()
    assert len(set(marks)) == len(marks)
    accept(database)
    assert mark(database) == marks[-1]


def test_what_a_waiver_was_stays_readable(database: Database) -> None:
    waiver = requested(database)
    step(database, waiver, "approved")
    with database.reading() as connection:
        rows = connection.execute(text("SELECT state, from_revision, until_revision FROM waiver ORDER BY number"))
        told = [tuple(row) for row in rows]
    assert told == [("requested", 1, 2), ("approved", 2, None)]
    found = Waivers(database).one(waiver, principal=ANNA)
    assert found is not None
    assert (found.state, found.note, found.principal) == ("approved", "so", "bob")


def test_the_database_itself_lets_nobody_approve_their_own(database: Database) -> None:
    waiver = requested(database)
    with pytest.raises(IntegrityError):
        step(database, waiver, "approved", ANNA)


def test_a_suspension_is_replaced_and_lifted_and_begun_again(database: Database) -> None:
    def suspended(days: int) -> None:
        with database.work(BOB, at=make.NOW) as work:
            work.head()
            SuspensionBook(work).suspend(OWNER, reason="errs", ends=make.NOW + DAY * days)
            work.commit()

    def lifted() -> bool:
        with database.work(BOB, at=make.NOW) as work:
            work.head()
            done = SuspensionBook(work).lift(OWNER)
            work.commit()
        return done

    assert not lifted()
    for days in (1, 2):
        suspended(days)
        assert [one.ends - make.NOW for one in granted(database).suspensions] == [DAY * days]
    assert lifted()
    assert (granted(database).suspensions, lifted()) == ((), False)
    suspended(3)
    assert len(granted(database).suspensions) == 1


def judged(database: Database, name: str, *, version: str = "1.0.0", domain: str = "sales", waiver: str = "") -> None:
    """Accept a product whose names pass and whose owner is found missing: waived, or advisory."""
    descriptor = remembered.product(name, version, domain=domain)
    disposition = Disposition.WAIVED if waiver else Disposition.ADVISORY
    runs = (make.run(PolicyState.FAIL), make.run(PolicyState.PASS, NAMES))
    finding = make.judged(disposition=disposition, waiver=waiver)
    made = remembered.decision(descriptor, policies=runs, findings=(finding,))
    with database.work(ANNA, at=make.NOW) as work:
        work.head()
        work.decisions.add(made, record.document(made, file=descriptor.file))
        work.versions.add(descriptor, made.id)
        work.commit()


def test_the_mesh_is_counted_by_policy_and_domain_from_the_decisions_that_stand(database: Database) -> None:
    coverage = Coverage(database)
    assert coverage.covered(principal=ANNA).of(OWNER).whole == Tally()
    judged(database, "orders", waiver="W-1")
    judged(database, "returns")
    judged(database, "ledger", domain="finance")
    judged(database, "ledger", version="1.1.0", domain="finance", waiver="W-2")
    covered = coverage.covered(principal=ANNA)
    owner = covered.of(OWNER)
    assert (covered.complete, owner.whole) == (True, Tally(products=3, failed=1, waived=2))
    assert owner.domains == {"sales": Tally(products=2, failed=1, waived=1), "finance": Tally(products=1, waived=1)}
    assert covered.of(NAMES).whole == Tally(products=3, passed=3)
    told = [(one.product.split(":")[4], one.version, one.disposition, one.waiver) for one in owner.findings]
    assert told == [
        ("ledger", "1.1.0", "waived", "W-2"),
        ("orders", "1.0.0", "waived", "W-1"),
        ("returns", "1.0.0", "advisory", ""),
    ]
    assert coverage.covered(principal=ANNA) is covered


def test_a_mesh_too_large_to_be_counted_says_so(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b", "c"):
        judged(database, name)
    monkeypatch.setattr("catalog.coverage.MOST", 2)
    covered = Coverage(database).covered(principal=ANNA)
    assert (covered.complete, covered.of(OWNER).whole.products) == (False, 2)


@pytest.mark.parametrize(
    ("named", "used"),
    [
        ([ORDERS], {"W-1"}),
        (["urn:org.example:dataproducts:orders"], {"W-1", "W-2"}),
        ([f"{ORDERS[:-1]}2"], {"W-2"}),
        (["urn:dpds:org.example:dataproducts:others:1", "nonsense"], set()),
    ],
)
def test_the_waivers_that_excuse_something_now_are_those_of_the_standing_decisions(
    database: Database, named: list[str], used: set[str]
) -> None:
    judged(database, "orders", waiver="W-0")
    judged(database, "orders", version="1.1.0", waiver="W-1")
    judged(database, "orders", version="2.0.0", waiver="W-2")
    with database.reading() as connection:
        assert excusing_on(connection, named) == used


def test_the_domain_of_a_product_is_known_also_when_it_was_only_refused(database: Database) -> None:
    def told(reference: str) -> str | None:
        with database.reading() as connection:
            return domain_of(connection, reference)

    assert [told(ORDERS), told("nonsense")] == [None, None]
    descriptor = remembered.product("orders", "1.0.0", domain="sales")
    refused = remembered.decision(descriptor, Outcome.REJECTED)
    with database.work(ANNA, at=make.NOW) as work:
        work.decisions.add(refused, remembered.record(refused))
        work.commit()
    whole = "urn:dpds:org.example:dataproducts:orders"
    assert [told(ORDERS), told(whole), told(f"{whole}:2"), told(f"{whole}x")] == ["sales", "sales", None, None]
    accept(database, remembered.product("orders", "2.0.0", domain="retail"))
    assert [told(ORDERS), told(whole)] == ["retail", "retail"]
