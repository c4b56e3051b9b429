"""Which parts did others install beside meshgate, under the name of an entry point?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import Any, NoReturn, TypeVar

Part = TypeVar("Part")
Loaders = dict[str, Callable[[], Part]]


def installed(
    group: str, built_in: Mapping[str, Callable[[], Part]], *, refused: Callable[[str], Exception]
) -> Loaders[Part]:
    """What loads each part of this group by its name, when it is used: those installed, and those that we ship.

    No other can stand in for one of ours, which has no entry point: it must be there in any checkout. A name that two
    others claim is refused when it is used, by the exception that `refused` makes of the reason.
    """
    found: dict[str, list[EntryPoint]] = {}
    for point in entry_points(group=group):
        found.setdefault(point.name, []).append(point)
    return {**{name: _loader(points, refused) for name, points in found.items()}, **built_in}


def _loader(points: Sequence[EntryPoint], refused: Callable[[str], Exception]) -> Callable[[], Any]:
    if len({point.value for point in points}) == 1:
        return points[0].load

    def ambiguous() -> NoReturn:
        claims = ", ".join(sorted(f"{point.value} of {point.dist.name if point.dist else '?'}" for point in points))
        raise refused(f"several installed distributions claim this name: {claims}")

    return ambiguous
