"""What does lineage of any depth answer on both stores, and does it answer what anybody would find on paper?"""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from naive_lineage import Mesh, meshes, steps, turned, walked
from remembered import ANNA, accept, decision, identity, output, product, record
from sqlalchemy import event

from catalog.database import Database
from catalog.lineage.graph import Walked
from catalog.lineage.question import MOST_NODES, MOST_STARTS, Direction, Level, Question
from catalog.lineage.walk import Walks
from catalog.search.where import Is, Not, Operator
from engine.errors import LineageInvalid, NotFound, SearchInvalid
from engine.model import Port

DOWN, UP = Direction.DOWNSTREAM, Direction.UPSTREAM
_NUMBERS = count()
#: the meshes are small as they are drawn: making them smaller still would take minutes on a store
ON_A_STORE = settings(
    max_examples=20,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def put(database: Database, mesh: Mesh) -> list[str]:
    """Store the mesh under names of its own; gives the lines in their order."""
    mine = f"m{next(_NUMBERS)}x"
    lines = [identity(f"{mine}{one}").fqn for one in range(mesh.count)]
    for one in range(mesh.count):
        sources = [source for reader, source in mesh.reads if reader == one]
        targets = [source if isinstance(source, str) else f"{lines[source]}:outputports:placed" for source in sources]
        reads = [(f"in{at}", target) for at, target in enumerate(targets)]
        accept(database, name=f"{mine}{one}", reads=reads, domain=mesh.domains[one])
    return lines


def walk(database: Database, *starts: str, at: int | None = None, **asked: Any) -> Walked:
    return Walks(database).walk(Question(starts, **asked), principal=ANNA, at=at)


def names(found: Walked, lines: list[str]) -> dict[str, Any]:
    """What was met by the names that the paper uses."""
    return {str(lines.index(one.vertex.fqn)) if one.vertex.fqn else f"~{one.vertex.name}": one for one in found.nodes}


@ON_A_STORE
@given(data=st.data(), mesh=meshes(), depth=st.sampled_from([1, 2, 3, 11, None]))
def test_a_walk_meets_what_a_walk_on_paper_meets(
    database: Database, data: st.DataObject, mesh: Mesh, depth: int | None
) -> None:
    lines = put(database, mesh)
    start = data.draw(st.integers(0, mesh.count - 1))
    for up, arrows in ((True, turned(mesh.arrows)), (False, mesh.arrows)):
        found = walk(database, lines[start], direction=UP if up else DOWN, depth=depth)
        met = names(found, lines)
        paper = steps(arrows, str(start), depth)
        assert {one: (node.upstream if up else node.downstream) for one, node in met.items()} == paper
        seen = {(here, there) for here, there in arrows if here in paper}
        # a loop leads from no product into another, so that it is no step
        within = {(here, there) for here, there in seen if depth is None or paper[here] < depth or here == there}
        by_id = {node.vertex.id: one for one, node in met.items()}
        ends = {(by_id[link.source], by_id[link.target]) for link in found.links}
        assert ends == (turned(within) if up else within)
        more = {here for here, _ in seen - within}
        assert {one for one, node in met.items() if node.frontier} == more
        assert found.complete


@ON_A_STORE
@given(data=st.data(), mesh=meshes(), depth=st.sampled_from([2, None]), domain=st.sampled_from(["sales", "risk"]))
def test_a_filter_keeps_what_matches_and_the_way_to_it(
    database: Database, data: st.DataObject, mesh: Mesh, depth: int | None, domain: str
) -> None:
    lines = put(database, mesh)
    start = data.draw(st.integers(0, mesh.count - 1))

    def matches(one: str) -> bool:
        return not one.startswith("~") and mesh.domains[int(one)] == domain

    asked = {"domains": (domain.upper(),)}, {"where": Is("domain", Operator.EQ, (domain,))}
    for up in (True, False):
        for filtered in asked:
            found = names(walk(database, lines[start], direction=UP if up else DOWN, depth=depth, **filtered), lines)
            assert found.keys() == walked(mesh, start, up, depth, matches)
            assert {one for one, node in found.items() if node.matches} == {one for one in found if matches(one)}


@ON_A_STORE
@given(mesh=meshes(), depth=st.sampled_from([1, 3, None]), level=st.sampled_from([Level.PRODUCT, Level.PORT]))
def test_both_directions_are_the_two_walks_together(
    database: Database, mesh: Mesh, depth: int | None, level: Level
) -> None:
    lines = put(database, mesh)
    both = walk(database, lines[0], depth=depth, level=level)
    one, other = (walk(database, lines[0], direction=side, depth=depth, level=level) for side in (UP, DOWN))
    assert set(both.links) == set(one.links) | set(other.links)
    told = {node.vertex.id: (node.upstream, node.downstream) for node in both.nodes}
    ups, downs = ({node.vertex.id: node for node in found.nodes} for found in (one, other))
    assert told == {
        id: (ups[id].upstream if id in ups else None, downs[id].downstream if id in downs else None)
        for id in ups.keys() | downs.keys()
    }


@ON_A_STORE
@given(mesh=meshes(most=5), later=st.lists(st.integers(0, 4), max_size=3, unique=True))
def test_a_walk_through_the_past_meets_what_it_met_then(database: Database, mesh: Mesh, later: list[int]) -> None:
    lines = put(database, mesh)
    then = walk(database, lines[0], depth=None)
    revision = _revision(database)
    for one in later:
        if one < mesh.count:
            name = lines[one].rpartition(":")[0].rpartition(":")[2]
            accept(database, name=name, version="1.1.0", outputs=["other"], reads=[("new", "somewhere new")])
    for depth in (None, 11):
        assert walk(database, lines[0], depth=depth, at=revision) == then


def _revision(database: Database) -> int:
    with database.reading() as connection:
        return int(connection.exec_driver_sql("SELECT revision FROM catalog_head").scalar_one())


def chain(database: Database, length: int) -> list[str]:
    """Each reads the one before; stored in a few large units of work."""
    lines = [identity(f"c{one}").fqn for one in range(length)]
    for begin in range(0, length, 500):
        with database.work(ANNA) as work:
            for one in range(begin, min(begin + 500, length)):
                reads = [("in", f"{lines[one - 1]}:outputports:placed")] if one else []
                descriptor = product(f"c{one}", reads=reads)
                made = decision(descriptor)
                work.decisions.add(made, record(made))
                work.versions.add(descriptor, made.id)
            work.commit()
    return lines


def entered(name: str) -> Port:
    """The input port `in` of a product."""
    return output(identity(name), "in", kind="inputport")


def test_the_end_of_a_chain_of_thousands_is_reached(sqlite_catalog: Database) -> None:
    lines = chain(sqlite_catalog, 2_000)
    found = walk(sqlite_catalog, lines[0], direction=DOWN, depth=None, most=MOST_NODES)
    assert (len(found.nodes), found.nodes[-1].vertex.fqn, found.nodes[-1].downstream) == (2_000, lines[-1], 1_999)
    assert found.complete
    far = walk(sqlite_catalog, lines[-1], direction=UP, depth=10**9, most=MOST_NODES, level=Level.PORT)
    assert (far.nodes[-1].vertex.fqn, far.nodes[-1].upstream) == (lines[0], 1_999)
    cut = walk(sqlite_catalog, lines[0], direction=DOWN, depth=None, most=100)
    assert (len(cut.nodes), cut.complete) == (100, False)
    assert [one.vertex.fqn for one in cut.nodes if one.frontier] == [lines[99]]


def test_a_bound_on_nodes_is_told_and_keeps_the_nearest(database: Database) -> None:
    lines = chain(database, 9)
    for depth in (5, None):
        found = walk(database, lines[4], depth=depth, most=5)
        assert {one.vertex.fqn for one in found.nodes} == set(lines[2:7])
        assert (found.complete, [one.vertex.fqn for one in found.nodes if one.frontier]) == (
            False,
            [lines[2], lines[6]],
        )
    whole = walk(database, lines[4], depth=None, most=9)
    assert (len(whole.nodes), whole.complete) == (9, True)


def test_a_walk_from_a_port_leaves_by_that_port(database: Database) -> None:
    raw, mid = identity("raw").fqn, identity("mid").fqn
    accept(database, name="raw", outputs=["log", "dump"], reads=[("crm", "CRM")])
    reads = [("in", f"{raw}:outputports:log"), ("x", "ERP")]
    accept(database, name="mid", outputs=["placed", entered("mid")], reads=reads)
    accept(database, name="end", reads=[("in", f"{raw}:outputports:dump"), ("more", f"{mid}:outputports:placed")])
    for level in (Level.PRODUCT, Level.PORT):
        by_dump = walk(database, f"{raw}:outputports:dump", direction=DOWN, level=level)
        assert {one.vertex.fqn for one in by_dump.nodes} == {raw, identity("end").fqn}
        assert not any(one.frontier for one in by_dump.nodes)
        by_log = walk(database, f"{raw}:outputports:log", direction=DOWN, depth=1, level=level)
        assert {one.vertex.fqn for one in by_log.nodes} == {raw, mid}
    up = walk(database, f"{mid}:inputports:in", direction=UP, level=Level.PORT)
    assert {one.vertex.name for one in up.nodes} == {"mid", "raw", "CRM"}


def test_ports_are_joined_inside_a_product_as_declared_or_else_marked(database: Database) -> None:
    raw = identity("raw").fqn
    accept(database, name="raw", outputs=["a", "b", entered("raw")], reads=[("in", "CRM")])
    found = walk(database, f"{raw}:inputports:in", direction=DOWN, level=Level.PORT)
    assert [(link.kind, link.output_port, link.inferred) for link in found.links] == [
        ("feeds", "a", True),
        ("feeds", "b", True),
    ]


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("direction", Direction)
def test_a_product_that_reads_itself_is_walked_once(database: Database, level: Level, direction: Direction) -> None:
    raw = identity("raw").fqn
    accept(database, name="raw", outputs=["log"], reads=[("own", f"{raw}:outputports:log")])
    for depth in (1, 10, 11, 10**9, None):
        found = walk(database, raw, direction=direction, depth=depth, level=level)
        assert {one.vertex.fqn for one in found.nodes} <= {raw}
        assert found.complete
        assert not any(one.frontier for one in found.nodes)


def test_an_external_system_named_like_the_id_of_a_line_is_no_product(database: Database) -> None:
    accept(database, name="raw", reads=[("in", identity("mart").id)])
    accept(database, name="mart")
    found = walk(database, identity("raw").fqn, depth=None)
    assert sorted((one.vertex.kind, one.vertex.name) for one in found.nodes) == [
        ("external", identity("mart").id),
        ("product", "raw"),
    ]


def test_a_walk_is_asked_from_what_there_is(database: Database) -> None:
    accept(database, name="raw")
    raw = identity("raw").fqn
    for start in ("nonsense", "", identity("gone").fqn, f"{raw}:outputports:gone", f"{raw}:inputports:placed"):
        with pytest.raises(NotFound):
            walk(database, start)
    with pytest.raises(NotFound, match="no column"):
        walk(database, f"{raw}:outputports:placed#x", level=Level.COLUMN)
    many = tuple([raw] * (MOST_STARTS + 1))
    refused: list[tuple[tuple[str, ...], dict[str, Any]]] = [
        ((), {}),
        (many, {}),
        ((raw,), {"depth": 0}),
        ((raw,), {"depth": -5}),
        ((raw,), {"most": 0}),
        ((raw,), {"most": MOST_NODES + 1}),
        ((raw,), {"domains": ("a",) * 101}),
        ((f"{raw}:discoveryports:d",), {}),
        ((f"{raw}:outputports:placed#x",), {}),
    ]
    for starts, asked in refused:
        with pytest.raises(LineageInvalid):
            walk(database, *starts, **asked)
    with pytest.raises(SearchInvalid):
        walk(database, raw, where=Is("version", Operator.EQ, ("one",)))
    with pytest.raises(LineageInvalid, match="about now"):
        walk(database, raw, where=Not(Is("tag", Operator.EQ, ("x",))), at=1)


@pytest.mark.parametrize(("level", "most"), [(Level.PRODUCT, 7), (Level.PORT, 9), (Level.COLUMN, 9)])
def test_the_statements_of_a_walk_do_not_grow_with_what_it_meets(database: Database, level: Level, most: int) -> None:
    lines = chain(database, 30)
    for one in range(30):
        accept(database, name=f"reader{one}", reads=[("in", f"{lines[10]}:outputports:placed")])
    sent: list[str] = []

    def heard(_: Any, __: Any, statement: str, *___: Any) -> None:
        if statement.lstrip("( \n").startswith(("SELECT", "WITH")):
            sent.append(statement)

    numbers = set()
    event.listen(database.bind, "before_cursor_execute", heard)
    for depth in (1, 3, 9, 25, None):
        sent.clear()
        walk(database, lines[10], depth=depth, level=level, where=Is("domain", Operator.EQ, ("sales",)))
        numbers.add(len(sent))
    event.remove(database.bind, "before_cursor_execute", heard)
    assert max(numbers) <= most, numbers
