"""How do versions differ, and which brought what, on both stores?"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from remembered import ANNA, accept
from sqlalchemy import event

from catalog.database import Database
from catalog.evolution import MOST_VERSIONS, Evolution
from engine.model import ChangeLevel, Principal

BEN = Principal("ben")


def column(name: str, type_: str = "string", **more: Any) -> dict[str, Any]:
    return {"name": name, "type": type_, "isNullable": False, **more}


def put(database: Database, version: str, *columns: dict[str, Any], name: str = "orders", **more: Any) -> str:
    """Store a version whose port `placed` has these columns; its id."""
    return accept(database, name=name, version=version, columns={"placed": columns}, **more).id


def test_each_change_tells_its_level_area_and_both_values(database: Database) -> None:
    first = put(database, "1.0.0", column("id"), column("amount", "integer"), column("old"))
    second = put(database, "1.1.0", column("id", "integer"), column("amount", "integer", description="in cents"))
    diff = Evolution(database).diffs([second, first], principal=ANNA)
    assert list(diff) == [second]
    told = diff[second]
    assert (told.before, told.now, told.level) == ("1.0.0", "1.1.0", ChangeLevel.BREAKING)
    assert [(one.change.level, one.area, one.change.column) for one in told.differences] == [
        (ChangeLevel.BREAKING, "column", "placed.old"),
        (ChangeLevel.BREAKING, "column", "placed.id"),
        (ChangeLevel.PATCH, "column", "placed.amount"),
    ]
    by_column = {one.change.column: (one.before, one.now) for one in told.differences}
    assert by_column["placed.id"][0]["type"] == "string"
    assert by_column["placed.id"][1]["type"] == "integer"
    assert by_column["placed.old"][1] is None
    assert by_column["placed.amount"][1]["description"] == "in cents"


def test_versions_are_compared_across_majors_and_by_precedence(database: Database) -> None:
    ids = {version: put(database, version, column(f"c{version}")) for version in ("1.0.0", "1.9.0", "1.10.0", "2.0.0")}
    read = Evolution(database).diffs
    told = read(list(ids.values()), principal=ANNA)
    assert {one.now: one.before for one in told.values()} == {"1.9.0": "1.0.0", "1.10.0": "1.9.0", "2.0.0": "1.10.0"}
    chosen = read([ids["1.0.0"]], principal=ANNA, before="1.9.0", now="2.0.0")[ids["1.0.0"]]
    assert (chosen.before, chosen.now) == ("1.9.0", "2.0.0")
    turned = read([ids["1.0.0"]], principal=ANNA, before="2.0.0", now="1.0.0")[ids["1.0.0"]]
    assert (turned.before, turned.now, turned.level) == ("2.0.0", "1.0.0", ChangeLevel.BREAKING)
    same = read([ids["2.0.0"]], principal=ANNA, before="2.0.0")[ids["2.0.0"]]
    assert (same.level, same.differences) == (None, ())
    for missing in ({"before": "9.9.9"}, {"now": "none"}, {"before": "\0"}):
        assert read([ids["2.0.0"]], principal=ANNA, **missing) == {}
    assert read(["no-version"], principal=ANNA) == {}


def test_a_version_that_came_later_is_no_previous_one_of_the_past(database: Database) -> None:
    put(database, "1.0.0", column("a"))
    third = put(database, "1.2.0", column("a"))
    with database.reading() as connection:
        then = connection.exec_driver_sql("SELECT revision FROM catalog_head").scalar_one()
    put(database, "1.1.0", column("b"))
    read = Evolution(database).diffs
    assert read([third], principal=ANNA)[third].before == "1.1.0"
    assert read([third], principal=ANNA, at=then)[third].before == "1.0.0"
    assert Evolution(database).blame([third], principal=ANNA, at=then)[third].entries[1].introduced.version == "1.0.0"


def test_blame_names_the_version_that_brought_and_last_changed_each_column(database: Database) -> None:
    put(database, "1.0.0", column("a"), column("b"))
    put(database, "1.1.0", column("a"), column("b", "integer"), who=BEN)
    last = put(database, "1.2.0", column("b", "integer"), column("c"))
    again = put(database, "2.0.0", column("a"), column("b", "integer"))
    read = Evolution(database).blame([last, again], principal=ANNA)

    def told(of: str) -> dict[str, tuple[str, str]]:
        return {one.column: (one.introduced.version, one.changed.version) for one in read[of].entries if one.column}

    assert told(last) == {"placed.b": ("1.0.0", "1.1.0"), "placed.c": ("1.2.0", "1.2.0")}
    assert told(again) == {"placed.a": ("2.0.0", "2.0.0"), "placed.b": ("1.0.0", "1.1.0")}
    (port,) = (one for one in read[last].entries if not one.column)
    assert (port.kind, port.port, port.introduced.version) == ("outputport", "placed", "1.0.0")
    (b,) = (one for one in read[last].entries if one.column == "placed.b")
    assert (b.introduced.submitted_by, b.changed.submitted_by) == ("anna", "ben")
    assert read[last].complete


@settings(
    max_examples=15,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    data=st.data(),
    history=st.lists(
        st.dictionaries(st.sampled_from("abc"), st.sampled_from(["string", "integer"])), min_size=1, max_size=5
    ),
)
def test_blame_is_what_reading_the_history_backwards_finds(
    sqlite_catalog: Database, data: st.DataObject, history: list[dict[str, str]]
) -> None:
    name = f"h{_number(sqlite_catalog)}"
    order = data.draw(st.permutations(range(len(history))))
    ids = {}
    for at in order:  # accepted in any order: what counts is the precedence
        columns = [column(one, kind) for one, kind in history[at].items()]
        ids[at] = put(sqlite_catalog, f"1.{at}.0", *columns, name=name)
    last = len(history) - 1
    entries = Evolution(sqlite_catalog).blame([ids[last]], principal=ANNA)[ids[last]].entries
    for one in entries:
        if one.column:
            key = one.column.removeprefix("placed.")
            begun = max((at + 1 for at in range(last + 1) if key not in history[at]), default=0)
            changed = [at for at in range(begun + 1, last + 1) if history[at][key] != history[at - 1][key]]
            assert one.introduced.version == f"1.{begun}.0"
            assert one.changed.version == f"1.{changed[-1] if changed else begun}.0"
    assert {one.column.removeprefix("placed.") for one in entries if one.column} == set(history[last])


def _number(database: Database) -> int:
    with database.reading() as connection:
        return int(connection.exec_driver_sql("SELECT revision FROM catalog_head").scalar_one())


def test_a_long_history_is_looked_through_from_its_end(
    sqlite_catalog: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MOST_VERSIONS == 500
    monkeypatch.setattr("catalog.evolution.MOST_VERSIONS", 2)
    for minor in range(3):
        last = put(sqlite_catalog, f"1.{minor}.0", column("a"))
    told = Evolution(sqlite_catalog).blame([last], principal=ANNA)[last]
    assert (told.complete, {one.introduced.version for one in told.entries}) == (False, {"1.1.0"})


def test_the_statements_do_not_grow_with_the_number_of_products(database: Database) -> None:
    ids = [put(database, f"1.{minor}.0", column(f"c{minor}"), name=name) for name in "ab" for minor in range(3)]
    sent: list[str] = []
    event.listen(database.bind, "before_cursor_execute", lambda *told: sent.append(told[2]))
    for some in (ids[1:2], ids):
        sent.clear()
        Evolution(database).diffs(some, principal=ANNA)
        Evolution(database).blame(some, principal=ANNA)
        assert len([one for one in sent if one.startswith("SELECT")]) == 4
