"""Which vertices lead to one another in circles, and how long are the longest chains? (Without recursion.)"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Graph = Sequence[Sequence[int]]
"""Where each vertex leads, by number."""


def components(graph: Graph) -> list[list[int]]:
    """The strongly connected components, each before those that lead to it (Tarjan 1972), in O(n + m)."""
    order: dict[int, int] = {}
    low: dict[int, int] = {}
    open_: list[int] = []
    is_open: set[int] = set()
    found: list[list[int]] = []
    for root in range(len(graph)):
        if root in order:
            continue
        waiting = [(root, 0)]
        while waiting:
            here, at = waiting.pop()
            if at == 0:
                order[here] = low[here] = len(order)
                open_.append(here)
                is_open.add(here)
            else:
                low[here] = min(low[here], low[graph[here][at - 1]])
            further = _first_new(graph[here], at, order, low, here, is_open)
            if further is not None:
                waiting += [(here, further + 1), (graph[here][further], 0)]
            elif low[here] == order[here]:
                found.append(_closed(open_, is_open, here))
    return found


def _first_new(
    there: Sequence[int], at: int, order: Mapping[int, int], low: dict[int, int], here: int, is_open: set[int]
) -> int | None:
    """The next edge that leads to something new; those that lead back are counted on the way."""
    for edge in range(at, len(there)):
        if there[edge] not in order:
            return edge
        if there[edge] in is_open:
            low[here] = min(low[here], order[there[edge]])
    return None


def _closed(open_: list[int], is_open: set[int], root: int) -> list[int]:
    members = []
    while True:
        members.append(open_.pop())
        is_open.discard(members[-1])
        if members[-1] == root:
            return members


def longest_chain(graph: Graph, parts: list[list[int]]) -> list[int]:
    """The longest way through the components, by one member of each; a circle counts as one step, whatever its size.

    `parts` are the components in the order in which `components` gives them.
    """
    part_of = {one: at for at, part in enumerate(parts) for one in part}
    longest = [1] * len(parts)
    after: list[tuple[int, int] | None] = [None] * len(parts)
    for at, part in enumerate(parts):  # whatever a component leads to comes before it
        for one in part:
            for there in graph[one]:
                other = part_of[there]
                if other != at and longest[other] + 1 > longest[at]:
                    longest[at], after[at] = longest[other] + 1, (one, there)
    if not parts:
        return []
    at = max(range(len(parts)), key=lambda one: (longest[one], -one))
    chain: list[int] = []
    while (step := after[at]) is not None:
        chain.append(step[0])
        at = part_of[step[1]]
    return [*chain, min(parts[at])]
