"""Through which products does all data of others pass? (Dominators, on the graph of components, without recursion.)"""

from __future__ import annotations

from collections import defaultdict

from catalog.lineage.circles import Graph


def relying(graph: Graph, parts: list[list[int]]) -> dict[int, int]:
    """How many others get no data at all without a vertex: all ways to them lead through it.

    Only vertices in no circle with others are told. Two marks that double back (jump pointers) find the common
    ancestor of two vertices in O(log n) steps, so that the whole takes O((n + m) log n).
    """
    part_of = {one: at for at, part in enumerate(parts) for one in part}
    into: dict[int, set[int]] = defaultdict(set)
    for one, there in ((one, there) for one, leads in enumerate(graph) for there in leads):
        if part_of[one] != part_of[there]:
            into[part_of[there]].add(part_of[one])
    tree = _Tree(len(parts))
    for at in range(len(parts) - 1, -1, -1):  # what leads to a component comes after it
        sources = into.get(at)
        tree.hang(at, tree.common(sources) if sources else tree.root)
    below = [len(part) for part in parts]
    for at in range(len(parts)):
        parent = tree.parent[at]
        if parent != tree.root:
            below[parent] += below[at]
    return {part[0]: below[at] - 1 for at, part in enumerate(parts) if len(part) == 1 and below[at] > 1}


class _Tree:
    """Grows leaf by leaf; the root, which stands for the world outside, has the number after all others."""

    def __init__(self, count: int) -> None:
        self.root = count
        self.parent = [count] * (count + 1)
        self._jump = [count] * (count + 1)
        self._depth = [0] * (count + 1)

    def hang(self, one: int, parent: int) -> None:
        """Hang a new leaf below a vertex that hangs already (or the root)."""
        jump = self._jump[parent]
        even = self._depth[parent] - self._depth[jump] == self._depth[jump] - self._depth[self._jump[jump]]
        self.parent[one], self._depth[one] = parent, self._depth[parent] + 1
        self._jump[one] = self._jump[jump] if even else parent

    def common(self, ones: set[int]) -> int:
        """The lowest vertex above or at all of these."""
        left = iter(ones)
        found = next(left)
        for one in left:
            found = self._met(found, one)
        return found

    def _met(self, one: int, other: int) -> int:
        if self._depth[one] < self._depth[other]:
            one, other = other, one
        while self._depth[one] > self._depth[other]:
            jump = self._jump[one]
            one = jump if self._depth[jump] >= self._depth[other] else self.parent[one]
        while one != other:
            apart = self._jump[one] != self._jump[other]
            one, other = (self._jump[one], self._jump[other]) if apart else (self.parent[one], self.parent[other])
        return one
