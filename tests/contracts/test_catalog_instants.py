"""Does an instant lead to the one revision that was the last one then, on both stores?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import make
import pytest
import remembered
from remembered import ANNA, accept, product
from sqlalchemy import event, select

from catalog.database import Database
from catalog.instants import LINK, START, Instant, Instants
from catalog.migrations.run import downgraded, upgraded
from catalog.products import Products
from catalog.tables.order import ChangeRow, HeadRow
from catalog.tables.row import table_of
from engine.errors import InstantInvalid

SECOND = timedelta(seconds=1)
NOW = make.NOW + timedelta(days=1)


def moments(database: Database) -> list[datetime]:
    with database.reading() as connection:
        return list(connection.execute(select(LINK.c.at).order_by(LINK.c.revision)).scalars())


def test_an_instant_is_the_last_revision_made_by_then(database: Database) -> None:
    for seconds in (0, 10, 20):
        accept(database, version=f"1.{seconds}.0", at=make.NOW + timedelta(seconds=seconds))
    instants = Instants(database)
    asked = [(-1, 0), (0, 1), (9, 1), (10, 2), (20, 3), (3600, 3)]
    assert [instants.by(make.NOW + seconds * SECOND, now=NOW).revision for seconds, _ in asked] == [r for _, r in asked]
    assert instants.of(2) == Instant(2, make.NOW + 10 * SECOND)
    assert instants.last() == Instant(3, make.NOW + 20 * SECOND)


def test_before_the_first_revision_there_was_nothing(database: Database) -> None:
    instants = Instants(database)
    assert (instants.last(), instants.of(0), instants.by(make.NOW, now=NOW)) == (START, START, START)
    accept(database)
    for early in (datetime.min.replace(tzinfo=UTC), datetime.fromisoformat("0001-01-01T00:00:00+14:00")):
        assert instants.by(early, now=NOW) == START
    assert Products(database).page(principal=ANNA, at=0).items == ()


def test_what_nobody_can_know_is_refused(database: Database) -> None:
    accept(database)
    instants = Instants(database)
    for moment, why in ((NOW + SECOND, "has not come yet"), (make.NOW.replace(tzinfo=None), "offset")):
        with pytest.raises(InstantInvalid, match=why):
            instants.by(moment, now=NOW)
    for revision in (2, -1, 2**40):
        with pytest.raises(InstantInvalid, match="the last one is 1"):
            instants.of(revision)


def test_moments_rise_in_commit_order_although_a_clock_goes_back(database: Database) -> None:
    accept(database, version="1.0.0", at=make.NOW + 5 * SECOND)
    accepted = accept(database, version="1.1.0", at=make.NOW)
    assert moments(database) == [make.NOW + 5 * SECOND] * 2
    stored, _ = Products(database).versions(remembered.identity().fqn, principal=ANNA)
    assert (stored.id, stored.accepted_at) == (accepted.id, make.NOW + 5 * SECOND)
    then = Instants(database).by(stored.accepted_at, now=NOW).revision
    found = Products(database).find(remembered.identity().fqn, principal=ANNA, at=then)
    assert found is not None
    assert found.version == "1.1.0", "what was accepted at a moment is there as of that moment"


def test_every_change_is_there_as_of_its_own_moment(database: Database) -> None:
    for number, seconds in enumerate((7, 3, 9, 1, 8)):
        accept(database, product(f"p{number}"), at=make.NOW + timedelta(seconds=seconds))
    change = table_of(ChangeRow)
    with database.reading() as connection:
        rows = connection.execute(select(change.c.from_revision, change.c.at)).all()
    assert [row for row in rows if Instants(database).by(row.at, now=NOW).revision < row.from_revision] == []


def test_revisions_that_were_made_before_moments_were_kept_get_theirs(database: Database) -> None:
    for number, seconds in enumerate((0, 5, 2, 9)):
        accept(database, version=f"1.{number}.0", at=make.NOW + timedelta(seconds=seconds))
    with database.work(ANNA, at=NOW) as work:
        assert work.revision == 5  # a revision in which nothing tells its moment
        work.commit()
    before = moments(database)
    with database.bind.begin() as connection:
        downgraded(connection, "0009")
        upgraded(connection)
    assert moments(database) == [*before[:4], before[3]]
    with database.reading() as connection:
        assert connection.execute(select(table_of(HeadRow).c.at)).scalar_one() == before[3]
    accept(database, version="1.9.0", at=make.NOW)
    assert moments(database)[-1] == before[3]


def test_finding_an_instant_takes_one_statement_however_long_the_history_is(database: Database) -> None:
    sent: list[Any] = []
    event.listen(database.bind, "before_cursor_execute", lambda *told: sent.append(told[2]))
    counts = []
    for number in range(1, 7):
        accept(database, version=f"1.{number}.0", at=make.NOW + number * SECOND)
        sent.clear()
        Instants(database).by(make.NOW + SECOND, now=NOW)
        counts.append(sum(one.startswith("SELECT") for one in sent))
    assert counts == [1] * 6
