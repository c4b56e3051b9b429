"""Does a list in one parameter find on both stores what is in it, whatever its length and its texts?"""

from __future__ import annotations

from collections.abc import Collection

import pytest
from remembered import accept
from sqlalchemy import not_, select

from catalog.among import among
from catalog.database import Database
from catalog.products import LISTING

NAMES = {"anna", "b%", "c'd"}


LISTS: dict[str, Collection[str]] = {
    "none": [],
    "one": ["anna"],
    "twice": ("anna", "b%", "anna"),
    "a set": {"b%", "c'd", "nobody"},
    "a zero byte": ["anna\0"],
    "as an array is written": ['{"anna"}'],
    "another case": ["ANNA", ""],
    "many": [*NAMES] * 50,
}


@pytest.mark.parametrize("sought", LISTS.values(), ids=LISTS)
def test_what_is_in_a_list_is_found_and_what_is_not_is_left(database: Database, sought: Collection[str]) -> None:
    for name in NAMES:
        accept(database, name=name)
    found = select(LISTING.c.name).where(among(LISTING.c.name, "sought"))
    left = select(LISTING.c.name).where(not_(among(LISTING.c.name, "sought")))
    with database.reading() as connection:
        assert set(connection.execute(found, {"sought": sought}).scalars()) == NAMES & set(sought)
        assert set(connection.execute(left, {"sought": sought}).scalars()) == NAMES - set(sought)
