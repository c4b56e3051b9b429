"""Which parts of a descriptor help a reader to understand the product, and which of them are missing?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from engine.model import Json, Path, pointer

MOST_PORTS = 100
"""Output ports that are looked at."""

_OF_THE_PRODUCT = ("description", "displayName", "owner", "contactPoints")
_OF_A_PORT = (
    ("description",),
    ("promises", "api"),
    ("promises", "slo"),
    ("obligations", "termsAndConditions"),
)


class Documented(NamedTuple):
    """One part: whether the author gave it, and where it stands or would stand in the effective descriptor."""

    name: str
    given: bool
    pointer: str


def documented(effective: Mapping[str, Json]) -> tuple[Documented, ...]:
    """Every part that is asked for: of the product itself, and of each output port."""
    return tuple(_parts(effective))


def _parts(effective: Mapping[str, Json]) -> Iterator[Documented]:
    for name in _OF_THE_PRODUCT:
        yield _part(effective, ("info", name), name)
    ports = _at(effective, ("interfaceComponents", "outputPorts"))
    for number in range(min(len(ports), MOST_PORTS) if isinstance(ports, list) else 0):
        for steps in _OF_A_PORT:
            yield _part(effective, ("interfaceComponents", "outputPorts", number, *steps), f"output port {steps[-1]}")


def _part(effective: Mapping[str, Json], at: Path, name: str) -> Documented:
    value = _at(effective, at)
    given = bool(value.strip()) if isinstance(value, str) else isinstance(value, Mapping | list) and bool(value)
    return Documented(name, given, pointer(at))


def _at(value: Json, at: Path) -> Json:
    for step in at:
        if isinstance(value, Mapping) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int):
            value = value[step]
        else:
            return None
    return value
