"""What is read for exports: is it what is listed or was accepted, as of a revision, in a fixed number of statements?"""

from __future__ import annotations

from remembered import ANNA, accept, identity, sent

from catalog.acceptances import Acceptances
from catalog.database import Database
from catalog.published import Published
from engine.model import Identity


def test_a_page_of_what_is_published_is_one_statement_and_tells_what_held_at_a_revision(database: Database) -> None:
    for version in ("1.0.0", "1.1.0"):
        accept(database, version=version)
    accept(database, name="parcels")
    published = Published(database)
    for limit in (1, 10):
        with sent(database) as statements:
            found = published.after("", principal=ANNA, limit=limit)
        assert (len(statements), len(found)) == (1, min(limit, 2))
    then = [one.product.version for one in published.after("", principal=ANNA, limit=10, at=1)]
    now = [one.product.version for one in published.after("", principal=ANNA, limit=10)]
    assert (then, now) == (["1.0.0"], ["1.1.0", "1.0.0"])
    assert published.after(identity("orders").fqn, principal=ANNA, limit=10)[0].product.name == "parcels"
    one = published.one(identity().fqn, principal=ANNA)
    assert one is not None
    assert one.effective["info"]["version"] == "1.1.0"
    assert one.line_since == one.product.accepted_at
    assert published.one("urn:x", principal=ANNA) is None


def bare(of: Identity) -> str:
    """A reference to the port of a product that names no major."""
    return f"{of.fqn.rpartition(':')[0]}:outputports:placed"


def test_acceptances_come_in_their_order_in_five_statements_for_any_number(database: Database) -> None:
    for number in range(5):
        accept(database, name=f"p{number}", reads=[("in", bare(identity("p0")))], columns={"placed": [{"name": "id"}]})
    acceptances = Acceptances(database)
    for limit in (1, 10):
        with sent(database) as statements:
            found = acceptances.after((0, ""), principal=ANNA, limit=limit)
        assert (len(statements), len(found)) == (5, min(limit, 5))
    assert [one.name for one in found] == [f"p{number}" for number in range(5)]
    assert [one.name for one in acceptances.after((found[1].revision, found[1].id), principal=ANNA, limit=9)] == [
        *("p2", "p3", "p4")
    ]
    assert [one.name for one in acceptances.after((0, ""), principal=ANNA, limit=9, at=2)] == ["p0", "p1"]
    assert {(one.inputs[0].major, one.outputs[0].fields[0].path) for one in found} == {(1, "id")}
    assert acceptances.of(identity("p3").fqn, "1.0.0", principal=ANNA) == (found[3],)
    assert acceptances.of(identity("p3").fqn, "2.0.0", principal=ANNA) == ()
