"""What is found does not depend on the way by which a store finds it: few are looked up, many are met in order."""

from __future__ import annotations

from typing import Any

import pytest
from judged_mesh import stored
from remembered import ANNA, accept, asked
from sqlalchemy import event

from catalog.database import Database
from catalog.search import Search
from catalog.search.completion import KINDS, Completions
from catalog.search.conditions import ways

LINES = (
    *("domain:sales", "-domain:sales", "domain:nowhere", "-domain:nowhere", "tag:gold -status:deprecated"),
    *("orders domain:sales", "orders -domain:sales", "domain:sales owner:nobody", "has:slo domain:sales,customer"),
    *("customer tag:gold -has:slo", "status:active platform:aws orders", "-has:slo -tag:gold customer"),
)
PREFIXES = ("", "c", "cu", "or", "order", "é", "zzz", "%", "_")


@pytest.fixture
def judged(database: Database) -> Database:
    stored(database)
    return database


def found(database: Database, line: str) -> Any:
    search = Search(database)
    page = search.page(line, principal=ANNA, first=50)
    counted = search.facets(line, principal=ANNA, fields=["domain", "tag"])
    return [hit.product.fqn for hit in page.items], page.total, page.exact, counted


def completed(database: Database, prefix: str) -> Any:
    return Completions(database).complete(prefix, kinds=KINDS, first=5, principal=ANNA)


def test_filters_find_the_same_whether_few_or_many_have_a_trait(
    judged: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = {line: found(judged, line) for line in LINES}
    assert sum(bool(hits) for hits, *_ in usual.values()) > len(LINES) / 2
    for most in (0, 1, 3):
        monkeypatch.setattr(
            "catalog.search.statement.ways", lambda where, dialect, _, most=most: ways(where, dialect, most)
        )
        assert {line: found(judged, line) for line in LINES} == usual


def test_completions_are_the_same_whether_few_or_many_begin_so(
    judged: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = {prefix: completed(judged, prefix) for prefix in PREFIXES}
    assert usual["c"]["product"]
    assert "product" not in usual["zzz"]
    for many in (0, 1, 3):
        monkeypatch.setattr("catalog.search.completion.MANY", many)
        assert {prefix: completed(judged, prefix) for prefix in PREFIXES} == usual


def test_what_is_left_out_is_asked_of_each_row_and_never_compared_with_all(postgresql_catalog: Database) -> None:
    with asked(postgresql_catalog) as statements:
        Search(postgresql_catalog).page("orders -status:deprecated -tag:gold", principal=ANNA)
    ((statement, values),) = statements
    with postgresql_catalog.reading() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN {statement}", values).scalars().all()
    assert any("SubPlan" in step for step in plan)
    assert [step for step in plan if "Anti Join" in step] == []


def test_completing_a_name_looks_at_few_however_many_there_are(
    sqlite_catalog: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalog.search.completion.MANY", 5)
    steps: list[int] = []

    def counted(prefix: str) -> int:
        steps.clear()
        completed(sqlite_catalog, prefix)
        return len(steps)

    def watched(connection: Any, *_: Any) -> None:
        connection.connection.dbapi_connection.set_progress_handler(lambda: steps.append(1), 1)

    accept(sqlite_catalog, name="rare")
    for number in range(10):
        accept(sqlite_catalog, name=f"common{number}")
    event.listen(sqlite_catalog.bind, "before_cursor_execute", watched)
    few = {prefix: counted(prefix) for prefix in ("rare", "zzz", "common")}
    for number in range(10, 60):
        accept(sqlite_catalog, name=f"common{number}")
    assert min(few.values()) > 50
    assert {prefix: counted(prefix) <= 1.2 * few[prefix] for prefix in few} == dict.fromkeys(few, True)
