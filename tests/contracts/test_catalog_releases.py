"""Does the catalog keep every released bundle, and know at every revision which one was in force, on both stores?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from remembered import ANNA
from sqlalchemy import exc, select, update

from catalog import chain, releases
from catalog.changes import Changes
from catalog.database import Database
from catalog.releases import ACTIVE, RELEASE, Facts, Releases

MOMENT = datetime(2026, 11, 20, 9, tzinfo=UTC)
ONE, TWO, THREE = (Facts(f"sha256:{name}", "a", f"w{name}", MOMENT, "key", 3) for name in ("one", "two", "three"))


def activate(database: Database, content: bytes, facts: Facts) -> int:
    with database.work(ANNA) as work:
        number = releases.add(work, content, facts)
        releases.activate(work, number, kind="release.activated", reason="because")
        work.commit()
    return number


def test_nothing_is_in_force_before_anything_was_released(database: Database) -> None:
    reads = Releases(database)
    assert (reads.active(), reads.active_number(), reads.page()) == (None, None, ())


def test_the_last_one_activated_is_in_force_and_the_others_stay(database: Database) -> None:
    reads = Releases(database)
    assert [activate(database, b"1", ONE), activate(database, b"\x002", TWO)] == [1, 2]
    active = reads.active()
    assert active is not None
    assert (active.number, active.digests, active.reason, active.principal) == (2, TWO[:3], "because", "anna")
    assert [(one.number, one.active_since is None) for one in reads.page()] == [(2, False), (1, True)]
    assert [reads.content(number) for number in (1, 2)] == [b"1", b"\x002"]
    assert [one.number for one in reads.page(below=2)] == [1]


def test_the_same_bytes_keep_their_number(database: Database) -> None:
    assert [activate(database, b"1", ONE), activate(database, b"2", TWO), activate(database, b"1", ONE)] == [1, 2, 1]
    active = Releases(database).active()
    assert active is not None
    assert active.number == 1


def test_the_one_before_is_the_last_below_that_was_ever_in_force(database: Database) -> None:
    reads = Releases(database)
    activate(database, b"1", ONE)
    with database.work(ANNA) as work:
        releases.add(work, b"2", TWO)  # kept, and never in force
        work.commit()
    activate(database, b"3", THREE)
    before = reads.before(3)
    assert before is not None
    assert (before.number, reads.before(1)) == (1, None)


def test_releases_of_one_revision_may_differ_in_their_waivers(database: Database) -> None:
    for content, waivers in ((b"1", "w1"), (b"2", "w2")):
        activate(database, content, ONE._replace(waivers_digest=waivers))
    found = Releases(database).of_revision(ONE.revision)
    assert [(one.number, one.waivers_digest) for one in found] == [(2, "w2"), (1, "w1")]


def test_at_every_revision_of_the_catalog_one_was_in_force(database: Database) -> None:
    for content, facts in ((b"1", ONE), (b"2", TWO), (b"1", ONE)):
        activate(database, content, facts)
    with database.reading() as connection:
        spans = connection.execute(
            select(ACTIVE.c.release_number, ACTIVE.c.from_revision, ACTIVE.c.until_revision).order_by(ACTIVE.c.position)
        ).all()
    assert [tuple(span) for span in spans] == [(1, 1, 2), (2, 2, 3), (1, 3, None)]


def test_the_feed_and_the_chain_know_of_it(database: Database) -> None:
    activate(database, b"1", ONE)
    (change,) = Changes(database).after(principal=ANNA)
    assert (change.kind, change.subject, change.payload["number"]) == ("release.activated", "", 1)
    assert chain.verify(database).holds
    with database.writing() as connection:
        connection.execute(update(RELEASE).values(content=b"another"))
        connection.commit()
    assert chain.verify(database).faults == ("revision 1: the release 1 was edited",)


def test_the_database_lets_only_one_be_in_force(database: Database) -> None:
    activate(database, b"1", ONE)
    row = {"bundle": "mesh", "release_number": 1, "reason": "", "principal": "", "at": MOMENT, "from_revision": 2}
    with pytest.raises(exc.IntegrityError), database.writing() as connection:
        connection.execute(ACTIVE.insert(), row)


def test_what_was_not_committed_is_not_in_force(database: Database) -> None:
    with database.work(ANNA) as work:
        releases.activate(work, releases.add(work, b"1", ONE), kind="release.activated")
    assert Releases(database).page() == ()
