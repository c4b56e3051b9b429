"""What is the shape of the mesh, on both stores?"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from naive_lineage import Mesh, circles, meshes
from remembered import ANNA, accept, counted, identity
from sqlalchemy import event

from catalog.database import Database
from catalog.lineage.topology import Topologies, Topology


def topology(database: Database, at: int | None = None) -> Topology:
    return Topologies(database).topology(principal=ANNA, at=at)


def reads(*names: str) -> list[tuple[str, str]]:
    return [(f"in{at}", f"{identity(name).fqn}:outputports:placed") for at, name in enumerate(names)]


@settings(
    max_examples=10,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(mesh=meshes())
def test_the_shape_is_the_one_on_paper(database: Database, mesh: Mesh) -> None:
    minor = counted(database, "version")
    for one in range(7):  # seven products for ever; each example gives them other versions
        sources = [source for reader, source in mesh.reads if reader == one and one < mesh.count]
        told = [
            ("out", source)
            if isinstance(source, str)
            else (f"in{source}", f"{identity(f'p{source}').fqn}:outputports:placed")
            for source in sources
        ]
        domain = mesh.domains[one] if one < mesh.count else "sales"
        accept(database, name=f"p{one}", version=f"1.{minor}.0", reads=told, domain=domain)
    arrows = {(here, there) for here, there in mesh.arrows if not here.startswith("~")}
    found = topology(database)
    names = [str(one) for one in range(7)]
    assert {frozenset(one.name[1:] for one in cycle) for cycle in found.cycles} == circles(arrows, names)
    touched = {end for arrow in arrows for end in arrow}
    assert {one.name[1:] for one in found.orphans} == set(names) - touched
    others = [(here, there) for here, there in arrows if here != there]
    assert {one.product.name[1:]: one.others for one in found.most_read} == {
        name: n for name in names if (n := sum(here == name for here, _ in others))
    }
    assert {one.product.name[1:]: one.others for one in found.most_reading} == {
        name: n for name in names if (n := sum(there == name for _, there in others))
    }
    assert (found.products, found.edges, found.complete) == (7, len(arrows), True)
    domain_of = {name: mesh.domains[int(name)] if int(name) < mesh.count else "sales" for name in names}
    pairs = [(domain_of[here], domain_of[there]) for here, there in arrows]
    assert {(one.source, one.target): one.edges for one in found.couplings} == {
        pair: pairs.count(pair) for pair in pairs
    }


def test_many_ports_between_two_products_are_one_edge(database: Database) -> None:
    accept(database, name="raw", outputs=["a", "b"])
    raw = identity("raw").fqn
    accept(database, name="mart", reads=[("x", f"{raw}:outputports:a"), ("y", f"{raw}:outputports:b"), ("z", "CRM")])
    found = topology(database)
    assert (found.edges, [(one.product.name, one.others) for one in found.most_read]) == (1, [("raw", 1)])
    assert [one.name for one in found.longest_chain] == ["raw", "mart"]
    assert [(one.product.name, one.others) for one in found.relied_on] == [("raw", 1)]


def test_an_empty_mesh_has_a_shape_too(database: Database) -> None:
    found = topology(database)
    assert (found.products, found.edges, found.cycles, found.longest_chain, found.couplings) == (0, 0, (), (), ())


def test_the_shape_of_the_past_stays(database: Database) -> None:
    accept(database, name="raw")
    accept(database, name="mart", reads=reads("raw"))
    then, revision = topology(database), 2
    accept(database, name="mart", version="1.1.0")
    assert [one.name for one in topology(database).orphans] == ["mart", "raw"]
    assert topology(database, at=revision) == then


def test_bounds_are_told(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    accept(database, name="raw")
    accept(database, name="mart", reads=reads("raw"))
    monkeypatch.setattr("catalog.lineage.topology.MOST_PRODUCTS", 1)
    found = topology(database)
    assert (found.products, found.edges, found.complete) == (1, 0, False)


def test_the_shape_takes_two_statements(database: Database) -> None:
    accept(database, name="raw")
    sent: list[str] = []
    event.listen(database.bind, "before_cursor_execute", lambda *one: sent.append(one[2]))
    topology(database)
    assert len([one for one in sent if one.startswith("SELECT")]) == 2
