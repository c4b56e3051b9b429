"""Is nothing of the feed missed or told twice, whatever is filtered and however small the pages are?"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest
from remembered import ANNA, product
from remembered import accept as accepted

from catalog import changes as feed
from catalog.changes import Changes, Wanted
from catalog.database import Database
from catalog.shown import Change

LINE = "urn:dpds:org.example:dataproducts:{}:1"
FILTERS = {
    "everything": Wanted(),
    "a kind": Wanted(kinds=["version.accepted"]),
    "some kinds": Wanted(kinds=["version.*", "test.rare"]),
    "a domain": Wanted(domains=["finance"]),
    "a line": Wanted(products=[LINE.format("b")]),
    "a product": Wanted(products=["urn:dpds:org.example:dataproducts:b"]),
    "all at once": Wanted(["version.accepted"], ["finance"], [LINE.format("b")]),
    "nothing": Wanted(kinds=["never.happened"]),
}


@pytest.fixture
def filled(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """Fifteen changes, which are looked at four at a time."""
    for name, domain in (("a", "sales"), ("b", "finance"), ("c", "finance"), ("d", "sales")):
        accepted(database, product(name, domain=domain))
    accepted(database, product("b", "1.1.0", domain="finance"))
    with database.work(ANNA) as work:
        for number in range(5):
            work.changes.append("test.rare" if number == 3 else "test.often", LINE.format("a"), {}, domain="sales")
        work.commit()
    monkeypatch.setattr(feed, "AT_ONCE", 4)
    return database


def holds(wanted: Wanted, change: Change) -> bool:
    kinds = [one.removesuffix("*") for one in wanted.kinds]
    of_kind = any(change.kind.startswith(one) if one.endswith(".") else change.kind == one for one in kinds)
    of_product = any(change.subject == one or change.subject.startswith(f"{one}:") for one in wanted.products)
    return (
        (of_kind or not wanted.kinds)
        and (change.domain in wanted.domains or not wanted.domains)
        and (of_product or not wanted.products)
    )


@pytest.mark.parametrize("limit", [1, 2, 3, 50])
@pytest.mark.parametrize("name", FILTERS)
def test_a_reader_is_told_all_it_wants_once_and_in_order(filled: Database, name: str, limit: int) -> None:
    changes, wanted = Changes(filled), FILTERS[name]
    everything = changes.after(principal=ANNA)
    told: list[Change] = []
    cursor, reads = 0, [0]
    while True:
        found, reached, more = changes.wanted(wanted, cursor, principal=ANNA, limit=limit)
        told += found
        assert reached > cursor or not more, "the cursor moves on, also over what is not wanted"
        assert (len(found) <= limit, all(cursor < one.cursor <= reached for one in found)) == (True, True)
        cursor = reached
        reads.append(reached)
        if not more:
            break
    assert told == [one for one in everything if holds(wanted, one)]
    assert cursor == everything[-1].cursor == 15
    assert max(after - before for before, after in itertools.pairwise(reads)) <= 4


def test_what_comes_later_is_told_from_where_the_reader_stopped(filled: Database) -> None:
    changes, wanted = Changes(filled), Wanted(domains=["finance"])
    reached = 15
    assert changes.wanted(wanted, reached, principal=ANNA) == ((), 15, False)
    accepted(filled, product("e", domain="finance"))
    found, reached, more = changes.wanted(wanted, reached, principal=ANNA)
    assert (kinds(found), reached, more) == (["decision.accepted", "version.accepted"], 17, False)
    assert changes.wanted(wanted, 99, principal=ANNA) == ((), 99, False)


def test_a_change_tells_its_domain_and_its_revision(filled: Database) -> None:
    found = Changes(filled).wanted(Wanted(products=[LINE.format("b")]), 0, principal=ANNA).changes
    assert [(one.domain, one.revision) for one in found] == [("finance", 2), ("finance", 2)]


def kinds(found: Sequence[Change]) -> list[str]:
    return [one.kind for one in found]
