"""Of very many matches the first ones are looked for in stored order: are they the same, and is little looked at?"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from judged_mesh import JUDGED, stored
from remembered import ANNA, accept, asked
from sqlalchemy import Connection

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


def looked_through(database: Database) -> None:
    """PostgreSQL notes how many texts there are, as it does by itself after a while."""
    with database.reading() as connection:
        connection.exec_driver_sql("ANALYZE search_text")


def test_on_postgresql_they_are_the_same_too(postgresql_catalog: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalog.search.statement.MOST", MOST)
    stored(postgresql_catalog)
    from_index = {line: answers(postgresql_catalog, line) for line in LINES}
    monkeypatch.setattr("catalog.search.matched.FOREMOST", MOST)
    looked_through(postgresql_catalog)
    assert {line: answers(postgresql_catalog, line) for line in LINES} == from_index


def test_postgresql_walks_where_most_match_and_nowhere_else(
    postgresql_catalog: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalog.search.statement.MOST", MOST)
    for number in range(4 * MOST):
        accept(postgresql_catalog, name=f"product{number:02}", tags=["everywhere", "rare" if number == 0 else "usual"])
    looked_through(postgresql_catalog)
    with asked(postgresql_catalog) as statements:
        for foremost in (100, 2 * MOST):
            monkeypatch.setattr("catalog.search.matched.FOREMOST", foremost)
            for word in ("everywhere", "rare"):
                assert Search(postgresql_catalog).page(word, principal=ANNA).items
    with postgresql_catalog.reading() as connection:
        given = [_given_by_each_way(connection, *one) for one in statements]
    assert given == [[MOST + 1, 0], [1, 0], [0, MOST + 1], [1, 0]]


def _given_by_each_way(connection: Connection, statement: str, values: Any) -> list[int]:
    """How many candidates came from the index, and how many by walking, which asks each row by a sub-query."""
    (told,) = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", values).scalar_one()
    both = next(
        step
        for step in _steps(told["Plan"])
        if step["Node Type"].endswith("Append") and {one["Node Type"] for one in step["Plans"]} == {"Limit"}
    )
    walks = {any(one.get("Parent Relationship") == "SubPlan" for one in _steps(way)): way for way in both["Plans"]}
    return [int(walks[walking]["Actual Rows"]) for walking in (False, True)]


def _steps(step: Any) -> Iterator[Any]:
    yield step
    for below in step.get("Plans", []):
        yield from _steps(below)


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
