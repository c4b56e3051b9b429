"""What do people and policies read back, by which names, on both stores?"""

from __future__ import annotations

from datetime import timedelta

import pytest
import remembered
from make import NOW
from remembered import ANNA, accept, identity, output, product

import catalog
from catalog import mesh
from catalog.database import Database
from catalog.decisions import Decisions
from catalog.history import previous_digest_on
from catalog.products import Products
from catalog.shown import Product
from engine.errors import CursorInvalid, NotFound

ORDERS = identity()


def versions(database: Database, reference: str = ORDERS.fqn) -> list[tuple[str, str]]:
    return [(one.version, one.status) for one in Products(database).versions(reference, principal=ANNA)]


def current(database: Database, reference: str = ORDERS.fqn) -> tuple[str, str] | None:
    found = Products(database).find(reference, principal=ANNA)
    return None if found is None else (found.version, found.status)


def test_a_product_is_shown_whole(database: Database) -> None:
    info = {"displayName": "Orders", "description": "All orders."}
    stored = accept(database, info=info, tags=["core", "pii"])
    assert Products(database).find(ORDERS.fqn, principal=ANNA) == Product(
        id=ORDERS.id,
        fqn=ORDERS.fqn,
        version_id=stored.id,
        namespace="org.example",
        name="orders",
        major=1,
        version="1.0.0",
        status="active",
        domain="sales",
        display_name="Orders",
        description="All orders.",
        owner="jo@example.com",
        tags=("core", "pii"),
        digest=stored.digest,
        decision_id=stored.decision_id,
        accepted_at=NOW,
    )


@pytest.mark.parametrize(
    "reference",
    [
        ORDERS.fqn,
        ORDERS.id,
        ORDERS.id.upper(),
        ORDERS.odm_id,
        "urn:dpds:org.example:dataproducts:orders:1:outputports:placed",
        "urn:org.example:dataproducts:orders:1.0.0",
    ],
)
def test_a_line_is_found_by_every_dialect_and_id(database: Database, reference: str) -> None:
    accept(database)
    accept(database, name="others")
    assert current(database, reference) == ("1.0.0", "active")
    assert versions(database, reference) == [("1.0.0", "active")]


def test_a_name_without_a_major_means_the_highest_major(database: Database) -> None:
    for version in ("1.0.0", "10.0.0", "9.0.0"):
        accept(database, version=version)
    assert current(database, "urn:dpds:org.example:dataproducts:orders") == ("10.0.0", "active")


@pytest.mark.parametrize("reference", ["", "orders", "urn:dpds:org.example:dataproducts:orders:7", "'; --", "\0"])
def test_an_unknown_reference_finds_nothing(database: Database, reference: str) -> None:
    accept(database)
    assert current(database, reference) is None
    assert versions(database, reference) == []
    assert Products(database).effective(reference, "1.0.0", principal=ANNA) is None
    assert Products(database).version(reference, "1.0.0", principal=ANNA) is None


def test_the_current_version_is_the_highest_by_precedence_not_the_last(database: Database) -> None:
    for version in ("1.2.0", "1.10.0", "1.9.0", "1.11.0-rc.1", "1.10.1-alpha"):
        accept(database, version=version)
    assert [version for version, _ in versions(database)] == [
        "1.11.0-rc.1", "1.10.1-alpha", "1.10.0", "1.9.0", "1.2.0",
    ]  # fmt: skip
    assert current(database) == ("1.11.0-rc.1", "active")


def test_status_changes_move_the_current_version_and_stay_readable(database: Database) -> None:
    accept(database)
    accept(database, version="1.1.0")
    with database.work(ANNA) as work:
        work.versions.set_status(
            identity(version="1.1.0"), "deprecated", reason="old", sunset=NOW + timedelta(30), successor="urn:x"
        )
        work.commit()
    assert current(database) == ("1.1.0", "deprecated")
    first = Products(database).versions(ORDERS.fqn, principal=ANNA)[0]
    assert (first.reason, first.sunset, first.successor) == ("old", NOW + timedelta(30), "urn:x")
    for version, seen in (("1.1.0", ("1.0.0", "active")), ("1.0.0", None)):
        with database.work(ANNA) as work:
            work.versions.set_status(identity(version=version), "withdrawn")
            work.commit()
        assert current(database) == seen
    assert versions(database) == [("1.1.0", "withdrawn"), ("1.0.0", "withdrawn")]
    with database.work(ANNA) as work:
        work.versions.set_status(identity(), "active")
        work.commit()
    assert current(database) == ("1.0.0", "active")
    with database.reading() as connection:
        spans = connection.exec_driver_sql(
            "SELECT from_revision, until_revision, version, status FROM listing ORDER BY number"
        ).all()
    assert [tuple(span) for span in spans] == [
        (1, 2, "1.0.0", "active"),
        (2, 3, "1.1.0", "active"),
        (3, 4, "1.1.0", "deprecated"),
        (4, 5, "1.0.0", "active"),
        (6, None, "1.0.0", "active"),
    ]


def test_an_older_version_is_shown_in_its_own_words(database: Database) -> None:
    accept(database, info={"displayName": "Old"}, tags=["a"])
    accept(database, version="1.1.0", info={"displayName": "New"})
    old = Products(database).version(ORDERS.fqn, "1.0.0", principal=ANNA)
    assert (old.id, old.version, old.display_name, old.tags, old.status) == (
        ORDERS.id,
        "1.0.0",
        "Old",
        ("a",),
        "active",
    )
    assert Products(database).version(ORDERS.fqn, "1.1.0", principal=ANNA).version == "1.1.0"
    assert Products(database).effective(ORDERS.fqn, "1.0.0", principal=ANNA)["info"]["displayName"] == "Old"


def test_pages_follow_each_other_by_fqn_byte_order_without_overlap(database: Database) -> None:
    names = ["b", "B", "a", "é", "_", "10", "9"]
    for name in names:
        accept(database, name=name, domain="x" if name in "ab" else "y")
    products, seen, after = Products(database), [], None
    while True:
        page = products.page(principal=ANNA, first=3, after=after)
        seen += [item.name for item in page.items]
        if not page.has_next_page:
            break
        after = page.end_cursor
    assert seen == sorted(names, key=lambda name: identity(name).fqn.encode())
    assert [item.name for item in products.page(principal=ANNA, domain="x").items] == ["a", "b"]
    assert products.page(principal=ANNA, after=after).cursor(page.items[0]) == page.end_cursor


def test_a_cursor_of_another_list_is_refused(database: Database) -> None:
    accept(database)
    cursor = Products(database).page(principal=ANNA, domain="sales").end_cursor
    for wrong in (cursor, "not a cursor", "é", "W10"):
        with pytest.raises(CursorInvalid):
            Products(database).page(principal=ANNA, after=wrong)


def test_ports_of_many_versions_come_in_the_order_of_their_descriptors(database: Database) -> None:
    port = output(ORDERS, "b", description="B", platform="aws", tags=("x", "y"), api_specification="openapi")
    stored = [accept(database, outputs=[port, "a"]), accept(database, name="other", outputs=["c"])]
    ids = [one.id for one in stored]
    ports = Products(database).ports_of([*ids, "unknown"], principal=ANNA)
    assert {key: [one.name for one in found] for key, found in ports.items()} == {
        ids[0]: ["b", "a"], ids[1]: ["c"], "unknown": [],
    }  # fmt: skip
    first = ports[ids[0]][0]._asdict()
    assert first == {"version_id": ids[0], **{name: getattr(port, name) for name in first if name != "version_id"}}
    assert Products(database).ports_of([], principal=ANNA) == {}


def test_the_previous_version_is_the_highest_below_across_majors(database: Database) -> None:
    for version in ("1.0.0", "2.0.0-rc.1", "1.5.0", "3.0.0"):
        accept(database, version=version)

    def before(version: str) -> str | None:
        found = catalog.previous(database, "org.example", "orders", version)
        return None if found is None else found["info"]["version"]

    asked = ("1.0.0", "1.0.1", "2.0.0", "2.0.0-alpha", "9.0.0", "0.1.0")
    assert [before(version) for version in asked] == [None, "1.0.0", "2.0.0-rc.1", "1.5.0", "3.0.0", None]
    assert catalog.previous(database, "org.other", "orders", "9.0.0") is None
    with database.reading() as connection:
        digest = product(version="3.0.0").digest
        assert previous_digest_on(connection, "org.example", "orders", "9.0.0") == digest


def test_policies_learn_of_upstream_consumers_and_name_clashes(database: Database) -> None:
    accept(database, name="source", outputs=["raw"], domain="logistics")
    accept(database, name="reader", reads=[("in", f"{ORDERS.fqn}:outputports:placed")])
    accept(database, name="orders", namespace="org.other", domain="finance")
    accept(database, name="Orders", namespace="org.third", domain="finance")
    raw, gone = (f"{identity('source').fqn}:outputports:{port}" for port in ("raw", "gone"))
    own = f"{ORDERS.fqn}:outputports:placed"
    submitted = product(reads=[("a", raw), ("b", gone), ("c", "SAP ERP"), ("d", own)])
    told = {"product": identity("source").fqn, "version": "1.0.0", "status": "active", "domain": "logistics"}
    mine = {"product": ORDERS.fqn, "version": "1.0.0", "status": "active", "domain": "sales"}
    assert mesh.facts(database, submitted) == {
        "revision": 4,
        "upstream": [
            {"input_port": "a", "target": raw, "resolved": True, **told},
            {"input_port": "b", "target": gone, "resolved": False},
            {"input_port": "d", "target": own, "resolved": True, **mine},
        ],
        "consumers": [{"product": identity("reader").fqn, "domain": "sales", "port": "placed", "input_port": "in"}],
        "name_clashes": [
            {"product": identity("orders", namespace="org.other").fqn, "domain": "finance"},
            {"product": identity("Orders", namespace="org.third").fqn, "domain": "finance"},
        ],
    }


def test_the_mesh_of_a_descriptor_without_identity_and_of_an_empty_catalog_is_empty(database: Database) -> None:
    empty = {"revision": 0, "upstream": [], "consumers": [], "name_clashes": []}
    assert mesh.facts(database, remembered.make.descriptor(identity=None)) == empty
    assert mesh.facts(database, product()) == empty


def test_a_decision_is_read_with_its_record(database: Database) -> None:
    stored = accept(database)
    decisions = Decisions(database)
    found = decisions.find(stored.decision_id, principal=ANNA)
    assert (found.outcome, found.fqn, found.version, found.principal) == ("accepted", ORDERS.fqn, "1.0.0", "anna")
    runs = [{"policy": "mesh.ownership.owner_declared", "state": "pass"}]
    told = {"id": stored.decision_id, "outcome": "accepted", "policies": runs, "findings": []}
    assert found.record == {"file": "orders.yaml", "decision": told}
    assert decisions.record(stored.decision_id, principal=ANNA) == found.record
    assert decisions.found([stored.decision_id, "x"], principal=ANNA) == {stored.decision_id: found}
    assert decisions.find("x", principal=ANNA) is None
    with pytest.raises(NotFound):
        decisions.record("x", principal=ANNA)
