"""Whom does a change reach, how surely and in how many steps, on both stores?"""

from __future__ import annotations

from typing import Any

import pytest
from deriving import of, sold
from remembered import ANNA, accept, identity
from sqlalchemy import event

from catalog.database import Database
from catalog.lineage.impact import Impact, Impacts
from engine.errors import LineageInvalid, NotFound


def impact(database: Database, name: str, spoiled: dict[str, set[str]] | None = None, **more: Any) -> Impact:
    told = None if spoiled is None else {port: frozenset(columns) for port, columns in spoiled.items()}
    return Impacts(database).of(identity(name).fqn, told, principal=ANNA, **more)


def told(found: Impact) -> dict[str, tuple[int, bool]]:
    return {one.vertex.name: (one.depth, one.breaks) for one in found.consumers}


def test_a_port_that_goes_breaks_its_readers_and_may_break_theirs(database: Database) -> None:
    sold(database)
    found = impact(database, "raw", {"placed": set()})
    assert told(found) == {"orders": (1, True), "apart": (1, True), "revenue": (2, False), "board": (2, False)}
    assert found.complete
    assert told(impact(database, "raw")) == told(found)
    assert told(impact(database, "raw", depth=1)) == {"orders": (1, True), "apart": (1, True)}


def test_a_column_reaches_only_who_is_derived_from_it_or_says_nothing(database: Database) -> None:
    sold(database)
    found = impact(database, "raw", {"placed": {"cents"}})
    assert told(found) == {"orders": (1, True), "revenue": (2, False), "board": (2, False)}
    assert [way.column for way in found.consumers[0].ways] == ["placed.cents"]
    assert told(impact(database, "raw", {"placed": {"placed.id"}})) == {"orders": (1, True), "board": (2, False)}
    assert told(impact(database, "raw", {"placed": {"note"}})) == {"apart": (1, True)}
    assert told(impact(database, "orders", {"placed": {"amount"}})) == {"revenue": (1, True), "board": (1, False)}


def test_owners_are_told_with_what_breaks_of_theirs(database: Database) -> None:
    sold(database)
    owners = impact(database, "orders", {"placed": {"amount"}}).owners
    assert [(one.owner, one.domains, one.consumers, one.breaking) for one in owners] == [
        ("jo@example.com", ("finance", "sales"), 2, 1)
    ]


def test_circles_and_products_that_read_themselves_end(database: Database) -> None:
    accept(database, name="one", reads=[("in", of("two")), ("own", of("one"))])
    accept(database, name="two", reads=[("in", of("one"))])
    assert told(impact(database, "one")) == {"two": (1, True)}


def test_what_is_not_there_cannot_change(database: Database) -> None:
    sold(database)
    with pytest.raises(NotFound, match="output port"):
        impact(database, "raw", {"gone": set()})
    with pytest.raises(NotFound, match="column"):
        impact(database, "raw", {"placed": {"gone"}})
    with pytest.raises(NotFound):
        impact(database, "nobody")
    with pytest.raises(LineageInvalid):
        impact(database, "raw", depth=0)


def test_a_bound_is_told(database: Database) -> None:
    sold(database)
    assert not impact(database, "raw", most=2).complete


def test_the_statements_do_not_grow_with_the_consumers(database: Database) -> None:
    sold(database)
    sent: list[str] = []
    event.listen(database.bind, "before_cursor_execute", lambda *one: sent.append(one[2]))
    numbers = []
    for name in ("revenue", "raw"):
        sent.clear()
        impact(database, name)
        numbers.append(len([one for one in sent if one.startswith(("SELECT", "WITH"))]))
    assert numbers[0] == numbers[1] <= 7
