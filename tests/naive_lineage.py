"""Lineage as anybody would compute it on paper: small meshes in memory, and slow and plain answers about them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from hypothesis import strategies as st

Arrow = tuple[str, str]


@dataclass(frozen=True)
class Mesh:
    """Products by number; `reads` are (reader, what it reads): another product, or a name outside the mesh."""

    count: int
    reads: tuple[tuple[int, int | str], ...]
    domains: tuple[str, ...]

    @property
    def arrows(self) -> set[Arrow]:
        """The flow of data, by names: `3` is a product, `~x` is outside."""
        return {
            (f"~{source}" if isinstance(source, str) else str(source), str(reader)) for reader, source in self.reads
        }


@st.composite
def meshes(draw: st.DrawFn, most: int = 7) -> Mesh:
    """Any mesh of a few products: circles, loops, islands and unknown sources included."""
    count = draw(st.integers(1, most))
    source = st.one_of(st.integers(0, count - 1), st.sampled_from(["crm", "erp"]))
    reads = draw(st.lists(st.tuples(st.integers(0, count - 1), source), max_size=2 * count, unique=True))
    domains = draw(st.lists(st.sampled_from(["sales", "finance", "risk"]), min_size=count, max_size=count))
    return Mesh(count, tuple(reads), tuple(domains))


def steps(arrows: Iterable[Arrow], start: str, depth: int | None) -> dict[str, int]:
    """The fewest arrows from the start to everything, found by trying one length after the other."""
    arrows = set(arrows)
    found, newest, far = {start: 0}, {start}, 0
    while newest and (depth is None or far < depth):
        far += 1
        newest = {there for here, there in arrows if here in newest} - found.keys()
        found |= dict.fromkeys(newest, far)
    return found


def turned(arrows: Iterable[Arrow]) -> set[Arrow]:
    return {(target, source) for source, target in arrows}


def walked(
    mesh: Mesh, start: int, up: bool, depth: int | None, matches: Callable[[str], bool] | None = None
) -> set[str]:
    """What a walk to one side keeps: what matches, and what lies between the start and that."""
    arrows = turned(mesh.arrows) if up else mesh.arrows
    met = steps(arrows, str(start), depth)
    if matches is None:
        return set(met)
    inside = {(here, there) for here, there in arrows if here in met and there in met}
    wanted = {one for one in met if matches(one)}
    return {str(start)} | {one for one in met if steps(inside, one, None).keys() & wanted}


def circles(arrows: Iterable[Arrow], names: Iterable[str]) -> set[frozenset[str]]:
    """The largest sets in which everything leads to everything, and loops."""
    arrows, names = set(arrows), list(names)
    reach = {one: {there for here, to in arrows if here == one for there in steps(arrows, to, None)} for one in names}
    return {
        frozenset({one} | {other for other in reach[one] if one in reach[other]}) for one in names if one in reach[one]
    }
