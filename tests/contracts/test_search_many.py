"""Of very many matches SQLite looks for the first ones in stored order: are they the same, and does it look at few?"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from judged_mesh import JUDGED, stored
from remembered import ANNA, accept

from catalog.database import Database
from catalog.search import Search
from catalog.search.statement import Order
from catalog.text import told

MOST = 5
LINES = [*JUDGED, "shop", "example", "org", "e", "customer id", "orders example", "master data", "urn", "dpds example"]


@pytest.fixture
def looked_at(
    sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Any, list[str]]]:
    """An empty catalog that ranks few, and the words that it looked for row by row."""
    rows: list[str] = []

    def holds(asked: str, begins: int, *tiers: str) -> bool:
        rows.append(asked)
        return told.holds(asked, begins, *tiers)

    shutil.copy(sqlite_template, tmp_path / "catalog.db")
    monkeypatch.setattr("catalog.stores.holds", holds)
    monkeypatch.setattr("catalog.search.statement.MOST", MOST)
    database = Database(f"sqlite:///{tmp_path / 'catalog.db'}")
    yield database, rows
    database.close()


def answers(database: Database, line: str) -> Any:
    search = Search(database)
    pages = [search.page(line, order=order, principal=ANNA, first=50) for order in Order]
    hits = [(hit.product.fqn, hit.match, hit.field) for page in pages for hit in page.items]
    return hits, pages[0].total, pages[0].exact, search.facets(line, principal=ANNA, fields=["domain", "tag", "grade"])


def test_what_is_looked_for_one_by_one_is_what_the_index_gives(looked_at: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    database, rows = looked_at
    stored(database)
    from_index = {line: answers(database, line) for line in LINES}
    assert rows == []
    monkeypatch.setattr("catalog.search.matched.VERY_MANY", MOST + 1)
    assert {line: answers(database, line) for line in LINES} == from_index
    assert len(set(rows)) >= 5


def test_how_many_rows_are_looked_at_does_not_grow_with_the_matches(
    looked_at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, rows = looked_at
    monkeypatch.setattr("catalog.search.matched.VERY_MANY", MOST + 1)
    seen = []
    for number in range(40):
        accept(database, name=f"product{number:02}", tags=["everywhere"])
        if number in (19, 39):
            rows.clear()
            page = Search(database).page("everywhere", principal=ANNA)
            assert (page.total, page.exact) == (MOST, False)
            seen.append(len(rows))
    assert 0 < seen[0] == seen[1] <= 6 * (MOST + 1)
