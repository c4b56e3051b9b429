"""Is the owner of a saved requirement told of every product that starts or stops to fit, once, whatever dies?"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from consumers import CARL, FQN, OTTO, READER, Clock, a_house, put, told, withdraw
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from needs import PLAIN, RUNAWAY, WRONG, finds
from remembered import database, postgresql_catalog, postgresql_template, sent, sqlite_catalog, sqlite_template

from api.flows import requirements as flow
from api.flows import watching
from api.flows.fitness import Wish, fitting
from api.flows.requirements import Saving
from api.flows.telling.event import event
from api.flows.watching import follow
from api.wiring import House
from catalog.database import Database
from engine.errors import Forbidden, NotFound, PolicyEngineUnavailable, RequirementInvalid, SearchInvalid

__all__ = ["database", "postgresql_catalog", "postgresql_template", "sqlite_catalog", "sqlite_template"]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def house(database: Database, tmp_path: Path, clock: Clock) -> Iterator[House]:
    with a_house(database, tmp_path, clock) as made:
        yield made


def saved(house: House, text: str = PLAIN, **more: Any) -> str:
    """The id of a requirement that Carl saved."""
    return flow.save(Saving(more.pop("name", "gold"), text, **more), principal=CARL, house=house).requirement.id


def followed(house: House) -> int:
    """How many rounds there were to do."""
    rounds = 0
    while follow(house, "me"):
        rounds += 1
        assert rounds < 20, "it never ends"
    return rounds


def kinds(house: House) -> list[tuple[str, str]]:
    return [(one.kind.rpartition(".")[2], one.subject.split(":")[-2]) for one in told(house)]


def revision(database: Database) -> int:
    with database.reading() as connection:
        return int(connection.exec_driver_sql("SELECT revision FROM catalog_head").scalar_one())


def test_how_products_stand_when_it_is_saved_is_no_news(house: House, database: Database) -> None:
    put(database, "orders", "1.0.0", "gold")
    put(database, "stock")
    id = saved(house)
    assert flow.shown(id, principal=CARL, house=house).followed == (-1, "", "")
    assert followed(house) == 1
    found = flow.shown("gold", principal=CARL, house=house)
    assert found.counts == {"fit": 1, "unfit": 1}
    assert [(one.fqn, one.verdict) for one in found.standings] == [
        (FQN.format("orders"), "fit"),
        (FQN.format("stock"), "unfit"),
    ]
    assert kinds(house) == []
    assert followed(house) == 0


def test_products_that_start_and_stop_to_fit_are_told_once_each(house: House, database: Database) -> None:
    put(database, "orders", "1.0.0", "gold")
    saved(house)
    followed(house)
    put(database, "stock", "1.0.0", "gold")
    put(database, "plain")
    assert followed(house) == 1
    put(database, "orders", "1.1.0")
    put(database, "plain", "1.1.0", "gold")
    assert followed(house) == 1
    put(database, "stock", "1.1.0", "gold", "more")
    assert followed(house) == 1
    assert kinds(house) == [("fits", "stock"), ("unfits", "orders"), ("fits", "plain")]
    unfits = told(house)[1]
    assert unfits.payload == {
        "requirement": flow.shown("gold", principal=CARL, house=house).requirement.id,
        "name": "gold",
        "version": "1.1.0",
        "verdict": "unfit",
        "reasons": [{"code": "untagged", "msg": "it is not tagged gold", "path": "/tags", "remediation": ""}],
    }
    assert (unfits.principal, event(unfits, source="x")["type"]) == ("carl", "meshgate.requirement.unfits.v1")


def test_what_is_withdrawn_or_no_longer_found_stops_to_fit(house: House, database: Database) -> None:
    put(database, "orders", "1.0.0", "gold")
    put(database, "stock", "1.0.0", "gold", domain="sales")
    saved(house, query="domain:sales")
    followed(house)
    withdraw(database, "orders")
    put(database, "stock", "1.1.0", "gold", domain="finance")
    followed(house)
    assert sorted(kinds(house)) == [("unfits", "orders"), ("unfits", "stock")]
    assert {one.payload["reasons"][0]["code"] for one in told(house)} == {"not_found"}
    assert flow.shown("gold", principal=CARL, house=house).counts == {"fit": 0, "unfit": 0}


def test_only_what_changes_speak_of_is_asked_again_and_once_a_day_all(
    house: House, database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        put(database, f"product{number}", "1.0.0", "gold")
    asked: list[int] = []
    before = watching.judged

    def judged(need: Any, ids: Any, **more: Any) -> Any:
        asked.append(len(ids))
        return before(need, ids, **more)

    monkeypatch.setattr(watching, "judged", judged)
    saved(house)
    followed(house)
    put(database, "product3", "1.1.0", "gold")
    followed(house)
    clock.days(1)
    followed(house)
    assert asked == [6, 1, 6]
    assert followed(house) == 0


def test_a_round_without_news_makes_no_revision(house: House, database: Database, clock: Clock) -> None:
    put(database, "orders", "1.0.0", "gold")
    saved(house)
    followed(house)
    before = revision(database)
    clock.days(1)
    assert followed(house) == 1
    assert revision(database) == before


def test_a_requirement_that_reads_neighbours_is_asked_when_they_move(house: House, database: Database) -> None:
    put(database, "orders")
    saved(house, finds('"unread"', "count(input._context.mesh.consumers) == 0", needs="mesh"), query="orders")
    followed(house)
    put(database, "stock", reads=[("orders", FQN.format("orders") + ":outputports:placed")])
    followed(house)
    assert kinds(house) == [("fits", "orders")]


def test_news_are_the_owners_own(house: House, database: Database) -> None:
    saved(house)
    followed(house)
    put(database, "orders", "1.0.0", "gold")
    followed(house)
    assert len(told(house, CARL)) == 1
    assert told(house, READER) == told(house, OTTO) == []
    every = [one.kind for one in house.changes.after(0, principal=OTTO)]
    assert [kind for kind in every if kind.startswith("requirement.")] == []


def test_of_two_watchers_one_tells(house: House, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    saved(house)
    followed(house)
    put(database, "orders", "1.0.0", "gold")
    before = watching.judged

    def slow(*given: Any, **more: Any) -> Any:
        """While the first one asks, its lease ends, and another one takes the requirement and tells."""
        monkeypatch.setattr(watching, "judged", before)
        with database.writing() as connection:
            connection.exec_driver_sql("UPDATE requirement_watch SET lease_until = 0")
            connection.commit()
        assert follow(house, "other")
        return before(*given, **more)

    monkeypatch.setattr(watching, "judged", slow)
    assert follow(house, "me")
    assert kinds(house) == [("fits", "orders")]
    assert followed(house) == 0


def test_who_is_at_a_requirement_has_it_alone_until_the_lease_is_over(house: House) -> None:
    saved(house)
    today = "2026-11-23T00:00:00Z"
    first = house.watches.claim("me", today=today, seconds=60)
    assert first is not None
    assert house.watches.claim("other", today=today, seconds=60) is None
    house.watches.extend(first, "me", seconds=0)
    assert house.watches.claim("other", today=today, seconds=60) is not None
    house.watches.extend(first, "me", seconds=-60)
    assert house.watches.claim("third", today=today, seconds=60) is None, "what is not mine I cannot let go"
    house.watches.free_all()
    assert house.watches.claim("third", today=today, seconds=60) is not None


def test_what_cannot_be_asked_rests_and_says_why_and_nothing_is_lost(
    house: House, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(house)
    followed(house)
    put(database, "orders", "1.0.0", "gold")

    def broken(*_: Any, **__: Any) -> Any:
        raise PolicyEngineUnavailable("the engine is down")

    with monkeypatch.context() as down:
        down.setattr(watching, "read", broken)
        assert follow(house, "me")
    found = flow.shown("gold", principal=CARL, house=house)
    assert found.followed is not None
    assert found.followed.reason == "the engine is down"
    assert followed(house) == 0, "it rests"
    rested(database)
    assert followed(house) == 1
    assert kinds(house) == [("fits", "orders")]
    assert flow.shown("gold", principal=CARL, house=house).followed.reason == ""  # type: ignore[union-attr]


def rested(database: Database) -> None:
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE requirement_watch SET retry_at = 0")
        connection.commit()


def test_a_round_whose_time_is_over_keeps_what_it_found_and_goes_on_later(
    house: House, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "PAGE", 2)
    for number in range(6):
        put(database, f"product{number}", "1.0.0", "gold")
    saved(house)
    followed(house)
    for number in range(6):
        put(database, f"product{number}", "1.1.0")
    pages: list[Any] = []
    before = watching.judged

    def judged(need: Any, ids: Any, *, until: float, **more: Any) -> Any:
        pages.append(ids)
        return before(need, ids, until=until if len(pages) == 1 else 0.0, **more)

    with monkeypatch.context() as slow:
        slow.setattr(watching, "judged", judged)
        assert follow(house, "me")
    assert [len(page) for page in pages] == [2, 2, 2]
    assert len(kinds(house)) == 2
    assert flow.shown("gold", principal=CARL, house=house).followed.reason == watching.LATER  # type: ignore[union-attr]
    rested(database)
    assert followed(house) == 1
    assert sorted(kinds(house)) == [("unfits", f"product{number}") for number in range(6)]


@pytest.mark.parametrize("text", [RUNAWAY, WRONG], ids=["runaway", "error"])
def test_a_requirement_that_does_not_answer_is_never_told_to_fit(house: House, database: Database, text: str) -> None:
    saved(house, text)
    followed(house)
    put(database, "orders")
    assert followed(house) == 1
    assert kinds(house) == []
    assert flow.shown("gold", principal=CARL, house=house).counts == {"fit": 0, "unfit": 0}


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_kill_around_the_commit_loses_nothing_and_tells_nothing_twice(
    house: House, database: Database, tmp_path: Path, when: str
) -> None:
    put(database, "stock", "1.0.0", "gold")
    saved(house)
    followed(house)
    put(database, "orders", "1.0.0", "gold")
    put(database, "stock", "1.1.0")
    url = database.bind.url.render_as_string(hide_password=False)
    program = Path(__file__).parents[2] / "dying_watcher.py"
    ended = subprocess.run(
        [sys.executable, program, url, tmp_path, when], capture_output=True, text=True, check=False, timeout=120
    )
    assert ended.returncode == -9, ended.stderr
    assert len(kinds(house)) == (0 if when == "before" else 2)
    house.watches.free_all()
    followed(house)
    assert sorted(kinds(house)) == [("fits", "orders"), ("unfits", "stock")]
    assert followed(house) == 0


STEPS = st.lists(
    st.tuples(st.sampled_from(["orders", "stock", "plain"]), st.sampled_from([(), ("gold",)]), st.booleans()),
    min_size=1,
    max_size=8,
)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_whatever_happens_the_news_lead_to_what_is_found_when_all_are_asked(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, tuple[str, ...], bool]]
) -> None:
    folder = tmp_path_factory.mktemp("history")
    file = folder / "catalog.db"
    file.write_bytes(sqlite_template.read_bytes())
    catalog = Database(f"sqlite:///{file}")
    with a_house(catalog, folder) as house:
        saved(house)
        followed(house)
        for number, (name, tags, is_followed) in enumerate(steps):
            put(catalog, name, f"1.{number}.0", *tags)
            if is_followed:
                followed(house)
        followed(house)
        fit: set[str] = set()
        for one in told(house):
            (fit.add if one.kind.endswith(".fits") else fit.remove)(one.subject)  # each is news when it is told
        found = fitting(Wish(PLAIN), principal=CARL, house=house)
        assert fit == {one.hit.product.fqn for one in found.candidates if one.fitness.verdict == "fit"}
    catalog.close()


def test_a_requirement_is_its_owners_and_an_operator_sees_all(house: House) -> None:
    id = saved(house)
    assert [one.requirement.id for one in flow.listed(principal=OTTO, house=house)] == [id]
    assert flow.listed(principal=READER, house=house) == ()
    with pytest.raises(Forbidden):
        flow.shown(id, principal=READER, house=house)
    with pytest.raises(NotFound):
        flow.shown("gold", principal=READER, house=house)
    with pytest.raises(Forbidden):
        flow.delete(id, principal=READER, house=house)
    with pytest.raises(Forbidden):
        flow.save(Saving("mine", PLAIN), principal=READER, house=house)
    flow.delete(id, principal=OTTO, house=house)
    assert flow.listed(principal=CARL, house=house) == ()


def test_what_is_deleted_is_asked_no_more_and_was_there_before(house: House, database: Database) -> None:
    put(database, "orders", "1.0.0", "gold")
    saved(house)
    followed(house)
    before = revision(database)
    flow.delete("gold", principal=CARL, house=house)
    put(database, "stock", "1.0.0", "gold")
    assert followed(house) == 0
    assert kinds(house) == []
    with pytest.raises(NotFound):
        flow.shown("gold", principal=CARL, house=house)
    (then,) = flow.listed(principal=CARL, house=house, at=before)
    assert then.counts == {"fit": 1, "unfit": 0}
    assert len(flow.shown("gold", principal=CARL, house=house, at=before).standings) == 1
    saved(house)


def test_a_deletion_while_it_is_asked_is_the_last_word(
    house: House, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(house)
    put(database, "orders", "1.0.0", "gold")
    before = watching.judged

    def judged(*given: Any, **more: Any) -> Any:
        flow.delete("gold", principal=CARL, house=house)
        return before(*given, **more)

    monkeypatch.setattr(watching, "judged", judged)
    assert follow(house, "me")
    assert kinds(house) == []
    assert house.requirements.counted(["gold"]) == {"gold": {"fit": 0, "unfit": 0}}


def test_the_same_name_twice_or_too_many_or_unusable_words_are_refused(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(house)
    with pytest.raises(RequirementInvalid, match="`gold` already"):
        saved(house)
    for name in ("", "  ", "x" * 101, "a\nb"):
        with pytest.raises(RequirementInvalid, match="name"):
            saved(house, name=name)
    with pytest.raises(RequirementInvalid, match="NUL"):
        saved(house, PLAIN + "# \0", name="other")
    with pytest.raises(RequirementInvalid, match="longer than 1000"):
        saved(house, name="other", query="x" * 1001)
    with pytest.raises(SearchInvalid):
        saved(house, name="other", query="tag:" + ",".join("abcdefghij"[number % 10] for number in range(101)))
    monkeypatch.setattr(flow, "MOST_SAVED", 1)
    with pytest.raises(RequirementInvalid, match="already; delete"):
        saved(house, name="other")


def test_the_list_takes_the_same_statements_for_any_number(house: House, database: Database) -> None:
    counts = []
    for number in range(3):
        saved(house, name=f"need{number}")
        with sent(database) as statements:
            flow.listed(principal=CARL, house=house)
        counts.append(len(statements))
    assert counts == [3, 3, 3]
