"""How do two versions of a product differ, each difference with what was there and what is there now?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from engine.descriptor.changes.ports import Schemas
from engine.descriptor.changes.products import changes
from engine.descriptor.components import Component, components
from engine.descriptor.contracts.port_schemas import SchemaReader
from engine.model import Change, Column, Json, Path, Step

AREAS = ("info", "port", "contract", "column", "slo", "promise", "expectation", "obligation", "internals", "document")
"""What a difference is about."""
_SECTIONS = {"promises": "promise", "expectations": "expectation", "obligations": "obligation"}


@dataclass(frozen=True, slots=True)
class Difference:
    """One change with its area, and the values before and now; None where there is none on that side."""

    change: Change
    area: str
    before: Json
    now: Json


def differences(before: dict[str, Json], now: dict[str, Json], schemas: Schemas) -> tuple[Difference, ...]:
    """Every difference between two effective descriptors of one product, breaking ones first."""
    sides = _Side(before, schemas.old), _Side(now, schemas.new)
    found = changes(before, now, schemas)
    return tuple(Difference(one, _area(one), *(side.value(one) for side in sides)) for one in found)


def _area(change: Change) -> str:
    if change.column:
        return "column"
    if not change.port:
        known = {"info": "info", "internalComponents": "internals"}
        return known.get(str(change.path[0]) if change.path else "", "document")
    below = change.path[3:]
    if below[:2] == ("promises", "slo"):
        return "slo"
    if below[:2] == ("promises", "api"):
        return "contract"
    return _SECTIONS.get(str(below[0]) if below else "", "port")


@dataclass
class _Side:
    """One of the two descriptors, in which ports are found by kind and name."""

    document: dict[str, Json]
    reader: SchemaReader

    @cached_property
    def _ports(self) -> dict[tuple[str, str], Component]:
        return {(one.kind, one.name): one for one in components(self.document) if one.is_port}

    @cached_property
    def _columns(self) -> dict[tuple[str, str], dict[str, Column]]:
        return {}

    def value(self, change: Change) -> Json:
        """What stands here where the change is; a column is told by its type and what else is promised of it."""
        if not change.port:
            return _found(self.document, change.path)
        port = self._ports.get((change.kind, change.port))
        if port is None:
            return None
        if not change.column:
            return _found(port.value, change.path[3:])
        column = self._columns_of(port).get(change.column)
        return None if column is None else _told(column)

    def _columns_of(self, port: Component) -> dict[str, Column]:
        key = (port.kind, port.name)
        if key not in self._columns:
            self._columns[key] = {full_name(one): one for one in self.reader.schema(port).columns}
        return self._columns[key]


def full_name(column: Column) -> str:
    """A column as changes name it: `dataset.path`."""
    return f"{column.dataset}.{column.path}" if column.dataset else column.path


def _told(column: Column) -> dict[str, Json]:
    told = {"type": column.type, "nullable": column.nullable, "description": column.description}
    return {**told, "tags": list(column.tags)}


def _found(value: Json, path: Path) -> Json:
    for step in path:
        value = _below(value, step)
    return value


def _below(value: Json, step: Step) -> Json:
    if type(value) is dict:
        return value.get(step) if type(step) is str else None
    return value[step] if type(value) is list and type(step) is int and step < len(value) else None


def parts_of(effective: dict[str, Json], reader: SchemaReader) -> Iterator[tuple[tuple[str, str, str], Json]]:
    """The ports and columns of a version, each by (kind, port, column) with what is promised of it."""
    for port in components(effective):
        if port.is_port and port.name:
            own = {name: value for name, value in port.value.items() if name not in ("id", "fullyQualifiedName")}
            yield (port.kind, port.name, ""), own
            for column in reader.schema(port).columns:
                yield (port.kind, port.name, full_name(column)), _told(column)
