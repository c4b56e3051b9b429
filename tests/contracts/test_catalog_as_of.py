"""Do single reads of the catalog tell a revision where only one of their joins could give now away?"""

from __future__ import annotations

from collections.abc import Callable

import make
import pytest
import remembered
from remembered import ANNA, accept, decision, identity, product, record

from catalog.database import Database
from catalog.decisions import Decisions
from catalog.lineage import Lineage
from catalog.products import Products
from catalog.rescans import Order, RescanBook
from catalog.standings import Judged, Standings, StandingsRead, State

ANY_MAJOR = "urn:dpds:org.example:dataproducts:raw:outputports:log"


def sources(database: Database, name: str, at: int) -> list[tuple[str, str]]:
    line = identity(name).id
    steps = Lineage(database).upstream([line], principal=ANNA, at=at)[line]
    return [(node.kind, node.version) for node, _ in steps]


def readers(database: Database, version: str, at: int) -> list[str]:
    line = identity("raw", version).id
    return [node.name for node, _ in Lineage(database).downstream([line], principal=ANNA, at=at)[line]]


def test_a_reference_without_a_major_means_the_highest_major_there_was(database: Database) -> None:
    accept(database, name="mart", reads=[("in", ANY_MAJOR)])
    accept(database, name="raw", outputs=["log"])
    accept(database, name="raw", version="2.0.0", outputs=["log"])
    assert [sources(database, "mart", at) for at in (1, 2, 3)] == [
        [("dangling", "")],
        [("product", "1.0.0")],
        [("product", "2.0.0")],
    ]
    assert [readers(database, "1.0.0", at) for at in (1, 2, 3)] == [[], ["mart"], []]
    assert [readers(database, "2.0.0", at) for at in (2, 3)] == [[], ["mart"]]
    reference = "urn:dpds:org.example:dataproducts:raw"
    found = [Products(database).find(reference, principal=ANNA, at=at) for at in (1, 2, 3)]
    assert [one and one.version for one in found] == [None, "1.0.0", "2.0.0"]


def test_a_port_that_was_taken_away_since_was_read_then(database: Database) -> None:
    accept(database, name="raw", outputs=["log"])
    accept(database, name="mart", reads=[("in", "urn:dpds:org.example:dataproducts:raw:1:outputports:log")])
    accept(database, name="raw", version="1.1.0", outputs=["other"])
    assert [sources(database, "mart", at) for at in (2, 3)] == [[("product", "1.0.0")], [("dangling", "")]]
    assert [readers(database, "1.0.0", at) for at in (2, 3)] == [["mart"], []]


def test_a_version_has_the_status_that_it_had(database: Database) -> None:
    accept(database)
    for status in ("deprecated", "withdrawn", "active"):
        with database.work(ANNA, at=make.NOW) as work:
            work.versions.set_status(identity(), status, reason=status)
            work.commit()
    reads = Products(database)
    then = [reads.version(identity().fqn, "1.0.0", principal=ANNA, at=at) for at in range(5)]
    assert [one and one.status for one in then] == [None, "active", "deprecated", "withdrawn", "active"]
    listed = [reads.find(identity().fqn, principal=ANNA, at=at) for at in range(5)]
    assert [one and one.status for one in listed] == [None, "active", "deprecated", None, "active"]
    (version,) = reads.versions(identity().fqn, principal=ANNA, at=2)
    ports = reads.ports_of([version.id], principal=ANNA, at=2)
    assert [port.name for port in ports[version.id]] == ["placed"]
    assert reads.ports_of([version.id], principal=ANNA, at=0) == {version.id: ()}


def test_a_decision_is_there_from_its_revision_on(database: Database) -> None:
    stored = accept(database)
    accept(database, version="1.1.0")
    found = [Decisions(database).found([stored.decision_id], principal=ANNA, at=at) for at in (0, 1, 2)]
    assert [list(one) for one in found] == [[], [stored.decision_id], [stored.decision_id]]


@pytest.fixture
def stands(database: Database) -> Callable[[State | None, int], None]:
    """Judges or (None) confirms the one product, so many hours after it was accepted."""
    accepted = accept(database)

    def judged(state: State | None, hours: int) -> None:
        made, one = decision(product()), identity()
        with database.work(ANNA, at=make.NOW.replace(hour=hours)) as work:
            work.head()
            by = ("sha256:bundle", "sha256:a", "sha256:w", "in_memory 1")
            rescan = RescanBook(work).open(Order("all", "rules", by, {}, "2026-11-23", [one.id], 0))
            if state is None:
                Standings(work).confirm([one.id], rescan=rescan, cursor=0)
            else:
                work.decisions.add(made, record(made))
                line = (one.id, one.fqn, accepted.id, one.version, one.domain)
                found = Judged(*line, state, State.COMPLIANT, made.id, make.NOW, {"outcome": "accepted"})
                Standings(work).set([found], rescan=rescan, cursor=0)
            work.commit()

    return judged


def test_a_standing_of_the_past_tells_when_it_began(database: Database, stands: Callable[..., None]) -> None:
    stands(State.NON_COMPLIANT, 17)
    stands(None, 18)
    stands(State.COMPLIANT, 19)
    stands(None, 20)
    line = remembered.identity().id
    read = StandingsRead(database).found
    then = [read([line], principal=ANNA, at=at).get(line) for at in (1, 2, 3)]
    assert [one and (one.state, one.confirmed_at.hour) for one in then] == [
        None,
        ("non_compliant", 17),
        ("compliant", 19),
    ]
    assert read([line], principal=ANNA)[line].confirmed_at.hour == 20
