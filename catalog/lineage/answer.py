"""What of a flow does a walk show: how far everything is, what matches, and where there is more?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from catalog.lineage.flow import Flow
from catalog.lineage.graph import Link, Placed, Vertex, Walked
from catalog.lineage.reach import Side
from catalog.lineage.spread import Ways, distances, on_the_way, ways

_BEGIN = ""
"""Stands before all starts, so that one of them can be left by some of its ports only."""


@dataclass(frozen=True, slots=True)
class Begun:
    """Where a walk begins: a vertex, and the port by which it is left (`input_port` up, `output_port` down)."""

    vertex: str
    kind: str = ""
    port: str = ""

    def leaves_by(self, side: Side, link: Link) -> bool:
        """Whether the walk goes this way from here."""
        if self.kind == "input_port" and side is Side.UP:
            return link.input_port == self.port
        if self.kind == "output_port" and side is Side.DOWN:
            return link.output_port == self.port
        return True


@dataclass
class Answer:
    """Measures a flow from where a walk begins, and tells what to show of it."""

    flow: Flow
    begun: list[Begun]
    sides: tuple[Side, ...]
    depth: int | None
    #: output ports, by line, that something out of sight reads
    beyond: Mapping[str, set[str]]
    #: every way that is known, also beyond the vertices: from, to, steps, link
    _known: dict[Side, list[tuple[str, str, int, Link]]] = field(default_factory=dict)
    _starts: dict[str, list[Begun]] = field(default_factory=dict)
    _ways: dict[Side, Ways] = field(default_factory=dict)
    _far: dict[Side, dict[str, int]] = field(default_factory=dict)
    _again: dict[Side, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for one in self.begun:
            self._starts.setdefault(one.vertex, []).append(one)
        starts = self._starts.keys()
        for side in self.sides:
            self._known[side] = self._told(side)
            self._ways[side] = self._between(side)
            opened = [
                (_BEGIN, there, step)
                for here, there, step, link in self._known[side]
                if here in starts and there in self.flow.vertices and self._leaves(side, here, link)
            ]
            far = distances([_BEGIN], {**self._ways[side], **ways(opened)}, self.depth)
            del far[_BEGIN]
            self._again[side] = set(far)
            self._far[side] = {**far, **dict.fromkeys(starts, 0)}

    @cached_property
    def met(self) -> dict[str, Vertex]:
        """Every vertex within the depth, nearest first, then by name: in the same order on every store."""
        nearest: dict[str, int] = {}
        for far in self._far.values():
            for one, steps in far.items():
                nearest[one] = min(steps, nearest.get(one, steps))
        known = self.flow.vertices
        return {one: known[one] for one in sorted(nearest, key=lambda one: (nearest[one], *_named(known[one])))}

    def told(self, matching: set[str] | None, most: int, cut: bool) -> Walked:
        """At most so many vertices; `matching` are the lines that match, None for all."""
        met = self.met
        kept = self._kept(met, matching)
        shown = set(list(kept)[:most])
        links, frontier = self._linked(shown, met.keys() - (kept.keys() - shown))
        up, down = (self._far.get(side, {}) for side in (Side.UP, Side.DOWN))
        nodes = [
            Placed(vertex, up.get(one), down.get(one), matching is None or vertex.line_id in matching, one in frontier)
            for one, vertex in kept.items()
            if one in shown
        ]
        place = {node.vertex.id: at for at, node in enumerate(nodes)}
        links.sort(key=lambda link: (place[link.source], place[link.target], link.output_port, link.input_port))
        return Walked(tuple(nodes), tuple(links), not cut and len(shown) == len(kept))

    def _kept(self, met: dict[str, Vertex], matching: set[str] | None) -> dict[str, Vertex]:
        """What matches, what lies on the way to it, and where the walk begins."""
        if matching is None:
            return met
        kept = {one.vertex for one in self.begun}
        wanted = [one for one, vertex in met.items() if vertex.line_id in matching]
        for side, other in ((Side.UP, Side.DOWN), (Side.DOWN, Side.UP)):
            if side in self.sides:
                back = self._ways.get(other) or self._between(other)
                kept |= on_the_way(self._far[side], wanted, back)
        return {one: vertex for one, vertex in met.items() if one in kept}

    def _linked(self, shown: set[str], seen: set[str]) -> tuple[list[Link], set[str]]:
        """The links between what is shown, and the vertices behind which there is something that nothing left out."""
        links: dict[Link, None] = {}
        frontier = set(self._read_beyond())
        for side in self.sides:
            far, depth = self._far[side], self.depth
            for here, there, step, link in self._known[side]:
                if here not in far or not self._goes(side, here, link):
                    continue
                within = depth is None or far[here] + step <= depth
                if there not in far or not within or there not in seen:
                    frontier.add(here)
                elif here in shown and there in shown:
                    links[link] = None
        return list(links), frontier

    def _goes(self, side: Side, here: str, link: Link) -> bool:
        """Whether the walk went this way: also from a start by another port, where it came back to it."""
        return here in self._again[side] or self._leaves(side, here, link)

    def _leaves(self, side: Side, here: str, link: Link) -> bool:
        begun = self._starts.get(here)
        return begun is None or any(one.leaves_by(side, link) for one in begun)

    def _read_beyond(self) -> Iterator[str]:
        if Side.DOWN not in self.sides:
            return
        for one in self._far[Side.DOWN]:
            vertex = self.flow.vertices[one]
            ports = self.beyond.get(vertex.line_id, set())
            begun = next((start for start in self.begun if start.vertex == one and start.kind == "output_port"), None)
            named = vertex.port or (begun.port if begun and one not in self._again[Side.DOWN] else "")
            if vertex.kind != "input_port" and (named in ports or (ports and not named)):
                yield one

    def _told(self, side: Side) -> list[tuple[str, str, int, Link]]:
        """Each way with its steps: 1 from one product into another or out of the mesh, 0 inside a product."""
        told = []
        line_of = {one: vertex.line_id for one, vertex in self.flow.vertices.items()}
        for link in self.flow.links:
            here, there = (link.target, link.source) if side is Side.UP else (link.source, link.target)
            told.append((here, there, 0 if line_of.get(here, here) == line_of.get(there, there) else 1, link))
        return told

    def _between(self, side: Side) -> Ways:
        """The ways between vertices."""
        known, vertices = self._known.get(side) or self._told(side), self.flow.vertices
        return ways((here, there, step) for here, there, step, _ in known if here in vertices and there in vertices)


def _named(vertex: Vertex) -> tuple[str, ...]:
    return vertex.fqn, vertex.port, vertex.column, vertex.kind, vertex.name
