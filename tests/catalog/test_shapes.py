"""Do the algorithms on graphs find what trying everything finds, without recursion and in time?"""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from naive_lineage import circles

from catalog.lineage.bottlenecks import relying
from catalog.lineage.circles import components, longest_chain

Graph = list[list[int]]


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    count = draw(st.integers(0, 8))
    if not count:
        return []
    pairs = draw(st.sets(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=20))
    return [sorted(there for one, there in pairs if one == at) for at in range(count)]


def reached(graph: Graph, starts: set[int], without: int | None = None) -> set[int]:
    found: set[int] = set()
    waiting = [one for one in starts if one != without]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += [there for there in graph[one] if there != without]
    return found


@given(graphs())
def test_components_are_the_sets_in_which_all_lead_to_all(graph: Graph) -> None:
    parts = components(graph)
    assert sorted(one for part in parts for one in part) == list(range(len(graph)))
    arrows = {(str(one), str(there)) for one, leads in enumerate(graph) for there in leads}
    told = {frozenset(map(str, part)) for part in parts if len(part) > 1 or part[0] in graph[part[0]]}
    assert told == circles(arrows, map(str, range(len(graph))))
    place = {one: at for at, part in enumerate(parts) for one in part}
    assert all(place[there] <= place[one] for one, leads in enumerate(graph) for there in leads)


@given(graphs())
def test_the_longest_chain_is_a_way_and_none_is_longer(graph: Graph) -> None:
    parts = components(graph)
    chain = longest_chain(graph, parts)
    place = {one: at for at, part in enumerate(parts) for one in part}
    assert len({place[one] for one in chain}) == len(chain)
    for one, there in pairwise(chain):
        assert place[there] in {place[further] for member in parts[place[one]] for further in graph[member]}

    def longest(part: int) -> int:
        leads = {place[there] for one in parts[part] for there in graph[one]} - {part}
        return 1 + max(map(longest, leads), default=0)

    assert len(chain) == max(map(longest, range(len(parts))), default=0)


@given(graphs())
def test_a_product_is_relied_on_by_what_nothing_else_feeds(graph: Graph) -> None:
    parts = components(graph)
    place = {one: at for at, part in enumerate(parts) for one in part}
    fed = {place[there] for one, leads in enumerate(graph) for there in leads if place[there] != place[one]}
    begun = {one for one in range(len(graph)) if place[one] not in fed}
    expected = {}
    for one in range(len(graph)):
        if len(parts[place[one]]) == 1:
            lost = reached(graph, begun) - reached(graph, begun, without=one) - {one}
            expected |= {one: len(lost)} if lost else {}
    assert relying(graph, parts) == expected


def test_a_hundred_thousand_in_a_row_and_in_a_ring_need_no_recursion() -> None:
    count = 100_000
    row: Graph = [[one + 1] for one in range(count - 1)] + [[]]
    parts = components(row)
    assert longest_chain(row, parts) == list(range(count))
    assert relying(row, parts)[0] == count - 1
    ring = [*row[:-1], [0]]
    assert [len(part) for part in components(ring)] == [count]
