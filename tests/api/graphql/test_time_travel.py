"""Is everything that was told of the mesh at a revision told again, whatever happened since?

A random history is written to a catalog on either store, and after each step it is noted what is told now. In the end
every note has to be what is told as of its revision and as of its moment, to the last field.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import make
import orjson
import pytest
import remembered
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from random_history import STEPS, SUBMITS, History, Step
from remembered import ANNA

from api.graphql.answering import Answering
from api.graphql.context import Context
from api.graphql.limits import Limits
from api.graphql.request import Request
from api.graphql.schema import schema
from api.settings import Settings
from api.wiring import House
from catalog.database import Database
from catalog.suspensions import active_on
from catalog.waivers import approved_on
from engine.provision.states import ContainerStatus

MESH = """
fragment mesh on Catalog {
  revision
  domains { name products }
  dataProducts(first: 10) { edges { node { ...product } } pageInfo { hasNextPage } }
  orders: dataProduct(fqn: "urn:dpds:org.example:dataproducts:orders") { ...product }
  lineage(fqn: "urn:dpds:org.example:dataproducts:revenue:1") {
    product { version }
    upstream(first: 5) { edges { node { ...step } } }
    downstream(first: 5) { edges { node { ...step } } }
  }
  live: containers(first: 10) { edges { node { ...container } } }
  all: containers(first: 10, status: [STATUSES]) { edges { node { containerId status } } }
}
fragment product on DataProduct {
  id fqn version status domain owner tags digest acceptedAt
  ports(first: 3) { edges { node { id name } } }
  versions(first: 3) { edges { node { id version status reason compliance { decisionId } } } }
  accepted(version: "1.0.0") { status }
  compliance { decisionId outcome policies { policy state } }
  diff { before now level } blame(first: 3) { edges { node { port introduced { version } changed { version } } } }
  trust { value } slos { state } complianceHistory(first: 3) { edges { node { state decisionId } } }
  standing { state version decidedAt compliance { decisionId outcome bundleRevision } }
  upstream(first: 3) { edges { node { ...step } } }
  downstream(first: 3) { edges { node { ...step } } }
  containers { ...container }
}
fragment step on LineageStep {
  inputPort outputPort
  node { __typename ... on DataProduct { fqn version status } ... on DanglingReference { reference } }
}
fragment container on Container {
  id fqn environment status version generation usable reason changedAt
  resources { resourceId state } deployment { id state reason version }
}
""".replace("STATUSES", " ".join(one.upper() for one in ContainerStatus))
NOW = MESH + "query { then: catalog { asOf ...mesh } }"
AT = MESH + "query Q($r: Int) { then: catalog(revision: $r) { asOf ...mesh } }"
AS_OF = MESH + "query Q($m: DateTime) { then: catalog(asOf: $m) { asOf ...mesh } }"

QUICK = settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
ROOMY = Limits(cost=1_000_000)


class Told(NamedTuple):
    """What was told of a revision when it was the last one, and which exceptions held."""

    revision: int
    moment: datetime | None
    mesh: Any
    granted: Any


class Asked:
    """Somebody who asks GraphQL about one catalog."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.house = House(Settings(data_dir=folder), clock=lambda: make.NOW + timedelta(days=1))
        self.house.__dict__["database"] = database
        self._answering = Answering(schema(), ROOMY)

    def __call__(self, query: str, **variables: Any) -> Any:
        answer = self._answering.answer(Request(query, variables, None), Context(self.house, ANNA))
        loaded = orjson.loads(answer.content)
        assert "errors" not in loaded, loaded["errors"]
        return loaded["data"]

    def told(self, query: str = NOW, **variables: Any) -> Told:
        then = self(query, **variables)["then"]
        told, at = then.pop("asOf"), then["revision"]
        with self.house.database.reading() as connection:
            granted = approved_on(connection, at=at), active_on(connection, at=at)
        return Told(at, None if told is None else datetime.fromisoformat(told), then, granted)


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Any]:
    """`with fresh() as database:` is an empty catalog, as often as it is asked for."""
    if request.param == "postgresql":
        server, name = (request.getfixturevalue(one) for one in ("postgresql_server", "postgresql_template"))
        return lambda: closing(remembered.emptied_postgresql(server, name))
    template = request.getfixturevalue("sqlite_template")

    @contextmanager
    def copied() -> Iterator[Database]:
        file = tmp_path / "catalog.db"
        for old in tmp_path.glob("catalog.db*"):
            old.unlink()
        shutil.copy(template, file)
        database = Database(f"sqlite:///{file}")
        yield database
        database.close()

    return copied


def _taken(steps: st.SearchStrategy[Step], least: int, most: int) -> st.SearchStrategy[list[tuple[Step, int]]]:
    """Steps with the seconds that pass before each; a clock may also go back."""
    return st.lists(st.tuples(steps, st.integers(-30, 90)), min_size=least, max_size=most)


@QUICK
@given(steps=st.tuples(_taken(SUBMITS, 5, 7), _taken(STEPS, 6, 14)).map(lambda both: both[0] + both[1]))
def test_what_was_told_is_told_again_as_of_then(fresh: Any, tmp_path: Path, steps: list[tuple[Step, int]]) -> None:
    with fresh() as database:
        asked, history = Asked(database, tmp_path), History(database)
        notes = [asked.told()]
        for step, seconds in steps:
            history.now += timedelta(seconds=seconds)
            step(history)
            notes.append(asked.told())
        last_of = {note.revision: note for note in notes}
        moments = [note.moment for note in last_of.values() if note.moment is not None]
        assert moments == sorted(moments)
        for note in last_of.values():
            assert asked.told(AT, r=note.revision) == note
        for moment in {one + timedelta(microseconds=more) for one in moments for more in (-1, 0)}:
            then = max(one for one in last_of.values() if one.moment is None or one.moment <= moment)
            again = asked.told(AS_OF, m=moment.isoformat())
            assert again._replace(moment=then.moment) == then


def test_a_note_is_the_same_whether_it_is_told_as_of_then_while_two_write_or_later(fresh: Any, tmp_path: Path) -> None:
    with fresh() as database, ExitStack() as stack:
        asked, done = Asked(database, tmp_path), threading.Event()
        writers = [threading.Thread(target=_write, args=(database, name)) for name in ("orders", "customers")]
        notes: list[Told] = []

        def watch() -> None:
            while not done.is_set():
                notes.append(asked.told(AT, r=asked.house.instants.last().revision))

        watcher = threading.Thread(target=watch)
        for thread in (watcher, *writers):
            thread.start()
        stack.callback(watcher.join)
        stack.callback(done.set)
        for thread in writers:
            thread.join()
        done.set()
        watcher.join()
        assert asked.house.instants.last().revision == 2 * ROUNDS * 2
        assert len({note.revision for note in notes}) > 1
        for note in notes:
            assert asked.told(AT, r=note.revision) == note


ROUNDS = 8


def _write(database: Database, name: str) -> None:
    """Accept a version of a product and deprecate it, again and again; each writer's clock goes its own way."""
    for number in range(ROUNDS):
        at = make.NOW + timedelta(seconds=number if name == "orders" else 3 * number)
        reads = [("in", "urn:dpds:org.example:dataproducts:orders:outputports:placed")]
        remembered.accept(database, remembered.product(name, f"1.{number}.0", reads=reads), at=at)
        with database.work(ANNA, at=at) as work:
            work.versions.set_status(remembered.identity(name, f"1.{number}.0"), "deprecated")
            work.commit()
