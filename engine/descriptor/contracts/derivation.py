"""From which columns does an author say that a column is derived?

`x-derivedFrom` on the column itself: `port#column`, a list of those, or objects `{port, column, how}`. A port is an
input port of the product by its name or fqn, an output port that one of them reads, or another output port of the
product itself. Beside that, `x-columnLineage` on the port, written as the column lineage facet of OpenLineage:
`{fields: {column: {inputFields: [{name: port, field: column, transformations: [{description}]}]}}}`. Nothing else is
read, and nothing is inferred from names or types.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from engine.descriptor.components import Component, components, items, text
from engine.descriptor.contracts.port_schemas import SchemaReader
from engine.descriptor.contracts.sources import FIELD
from engine.model import Json

ON_PORT: Final = "x-columnLineage"
MOST: Final = 10_000
"""Derivations of one descriptor that are read."""
_MARKS: Final = (FIELD.encode(), ON_PORT.encode())


def may_derive(effective: bytes) -> bool:
    """Whether a stored effective descriptor may declare a derivation: cheaper to ask than to read it."""
    return any(mark in effective for mark in _MARKS)


class Derivation(NamedTuple):
    """Column `column` (`dataset.path`) of output port `port` is made of `source_column` of what `source` names."""

    port: str
    column: str
    source: str
    source_column: str
    how: str = ""


def derivations(effective: dict[str, Json]) -> list[Derivation]:
    """Every derivation that the output ports of an effective descriptor declare, each once."""
    reader = SchemaReader()
    found: dict[Derivation, None] = {}
    for port in components(effective):
        if port.kind != "outputport" or not port.name:
            continue
        for one in (*_on_columns(port, reader), *_on_port(port)):
            found[one] = None
            if len(found) == MOST:
                return list(found)
    return list(found)


def _on_columns(port: Component, reader: SchemaReader) -> Iterator[Derivation]:
    for column in reader.schema(port).columns:
        name = f"{column.dataset}.{column.path}" if column.dataset else column.path
        for source in column.derived_from:
            yield Derivation(port.name, name, source.port, source.column, source.how)


def _on_port(port: Component) -> Iterator[Derivation]:
    """What is written as OpenLineage writes it, on the port or on its promises."""
    for holder in (port.value, port.value.get("promises")):
        fields = holder.get(ON_PORT, {}) if type(holder) is dict else {}
        fields = fields.get("fields") if type(fields) is dict else None
        for column, told in fields.items() if type(fields) is dict else ():
            for one in items(told.get("inputFields")) if type(told) is dict else ():
                if (source := text(one, "name")) and (field := text(one, "field")):
                    yield Derivation(port.name, column, source, field, _how(one))


def _how(field: dict[str, Json]) -> str:
    told = [text(one, "description") or text(one, "subtype") for one in items(field.get("transformations"))]
    return "; ".join(one for one in told if one)
