"""What does a column say that it is derived from (`x-derivedFrom`)?"""

from __future__ import annotations

from typing import Final

from engine.descriptor.components import text
from engine.model import ColumnSource, Json

FIELD: Final = "x-derivedFrom"


def sources_of(value: Json) -> tuple[ColumnSource, ...]:
    """Each `port#column`, or object `{port, column, how}`, once; what is neither is left out."""
    written = value.get(FIELD) if type(value) is dict else None
    if written is None:
        return ()
    told = [_source(one) for one in (written if type(written) is list else [written])]
    return tuple(dict.fromkeys(one for one in told if one.port and one.column))


def _source(written: Json) -> ColumnSource:
    if type(written) is not str:
        return ColumnSource(text(written, "port"), text(written, "column"), text(written, "how"))
    port, _, column = written.partition("#")
    return ColumnSource(port.strip(), column.strip())
