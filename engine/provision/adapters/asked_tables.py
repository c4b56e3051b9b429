"""Which tables does an output port ask for (its Data Store API), in words that every SQL adapter can make?

A small reading of its own, so that the SQL adapters need nothing of meshgate: tables below `schema`, columns as a list,
as a map from names, or as the properties of a JSON Schema. Types come from a closed set; an unknown one becomes text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

MOST_TABLES, MOST_COLUMNS = 100, 1000

KINDS: Mapping[str, str] = {
    **dict.fromkeys(("text", "string", "char", "character", "clob", "nvarchar", "nchar", "bpchar", "enum"), "text"),
    **dict.fromkeys(("varchar", "varchar2", "character varying"), "varchar"),
    **dict.fromkeys(("smallint", "int2", "tinyint"), "smallint"),
    **dict.fromkeys(("integer", "int", "int4"), "integer"),
    **dict.fromkeys(("bigint", "int8", "long"), "bigint"),
    **dict.fromkeys(("numeric", "decimal", "number"), "numeric"),
    **dict.fromkeys(("real", "float4"), "real"),
    **dict.fromkeys(("double", "double precision", "float", "float8"), "double"),
    **dict.fromkeys(("boolean", "bool"), "boolean"),
    "date": "date",
    **dict.fromkeys(("time", "time without time zone"), "time"),
    **dict.fromkeys(("timestamp", "datetime", "timestamp_ntz", "timestamp without time zone"), "timestamp"),
    **dict.fromkeys(("timestamptz", "timestamp_tz", "timestamp with time zone", "date-time"), "timestamptz"),
    "uuid": "uuid",
    **dict.fromkeys(("json", "jsonb", "object", "array", "struct", "record", "map", "variant"), "json"),
    **dict.fromkeys(("bytes", "binary", "varbinary", "bytea", "blob"), "binary"),
}
"""What a port may call a type → the word that the SQL adapters know."""

WRITTEN = re.compile(r"\s*([A-Za-z][\w -]*?)\s*(?:\(\s*(\d{1,8})\s*(?:,\s*(\d{1,4})\s*)?\))?\s*")
NOT_NULL = ("PRIMARY", "NOT_NULL", "NOT NULL", "NOTNULL")


class Unreadable(ValueError):
    """The port does not say what to make; `path` is a JSON Pointer into the request."""

    def __init__(self, message: str, path: str = "/definition") -> None:
        super().__init__(message)
        self.path = path


@dataclass(frozen=True, slots=True)
class Column:
    """A column; `kind` is one of the values of KINDS, `sizes` its length, or precision and scale."""

    name: str
    kind: str
    sizes: tuple[int, ...] = ()
    required: bool = False
    guessed: str = ""
    """The type as written where it is not known."""


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    columns: tuple[Column, ...]


def asked_tables(request: Mapping[str, Any]) -> tuple[Table, ...]:
    """The tables of the port, in its order. Raises Unreadable."""
    definition = request["definition"]
    api = _mapping(_mapping(definition.get("promises")).get("api")).get("definition")
    described, path = (definition, "/definition") if api is None else (api, "/definition/promises/api/definition")
    if not isinstance(described, Mapping):
        raise Unreadable("the definition of the port's API is no object", path)
    if set(described) == {"$ref"}:
        raise Unreadable("the definition of the port's API is a reference that was not followed", path)
    schema = described.get("schema", described)
    found = tuple(_tables(_mapping(schema), path, str(definition.get("name") or request["component"]["name"])))
    if not 0 < len(found) <= MOST_TABLES:
        raise Unreadable(f"the port describes {len(found)} tables; between 1 and {MOST_TABLES} can be made", path)
    _distinct([one.name for one in found], "tables", path)
    return found


def guesses(tables: tuple[Table, ...]) -> list[str]:
    """Which columns become text because nobody knows their type."""
    told = "the type {!r} of {}.{} is not known: it becomes text"
    return [told.format(one.guessed, table.name, one.name) for table in tables for one in table.columns if one.guessed]


def usable(name: Any, what: str, path: str) -> str:
    """A name that a database can keep. Raises Unreadable for no text, NUL and halves of characters."""
    if not isinstance(name, str) or not name.strip():
        raise Unreadable(f"{what} has no name", path)
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        raise Unreadable(f"the name of {what} holds half a character", path) from None
    if "\0" in name:
        raise Unreadable(f"the name of {what} holds a NUL character", path)
    return name


def _tables(schema: Mapping[str, Any], path: str, alone: str) -> Iterator[Table]:
    listed = next((schema[word] for word in ("tables", "views", "collections", "entities") if word in schema), None)
    if listed is None:
        yield Table(usable(alone, "the table", path), _columns(schema, alone, path))
        return
    if not isinstance(listed, list):
        raise Unreadable("`tables` is no list", path)
    for number, table in enumerate(listed):
        within = _mapping(_mapping(table).get("definition", table))
        name = usable(_mapping(table).get("name") or within.get("name"), f"table {number + 1}", path)
        yield Table(name, _columns(within, name, path))


def _columns(table: Mapping[str, Any], of: str, path: str) -> tuple[Column, ...]:
    words = ("columns", "columnsSchema", "fields", "properties")
    listed = next((table[word] for word in words if word in table), None)
    told = table.get("required")
    needed: list[Any] = told if isinstance(told, list) else []
    if isinstance(listed, Mapping):
        listed = [{**_mapping(one), "name": name, "required": name in needed} for name, one in listed.items()]
    if not isinstance(listed, list) or not 0 < len(listed) <= MOST_COLUMNS:
        raise Unreadable(f"{of!r} lists no columns (between 1 and {MOST_COLUMNS} can be made)", path)
    found = tuple(_column(one, f"a column of {of!r}", path) for one in listed)
    _distinct([one.name for one in found], f"columns of {of!r}", path)
    return found


def _column(column: Any, what: str, path: str) -> Column:
    if isinstance(column, str):
        return Column(usable(column, what, path), "text")
    told = _mapping(column)
    name = usable(told.get("name"), what, path)
    words = (told[word] for word in ("physicalType", "dataType", "logicalType", "type") if told.get(word))
    kind, sizes, guessed = _type(next(words, "text"), f"{what}, {name!r},", path)
    return Column(name, kind, sizes, _required(told), guessed)


def _type(written: Any, what: str, path: str) -> tuple[str, tuple[int, ...], str]:
    """The kind, its sizes, and the type as written where it is not known."""
    read = WRITTEN.fullmatch(written) if isinstance(written, str) else None
    kind = KINDS.get(" ".join(read[1].lower().split())) if read else None
    if read is None or kind is None:
        return "text", (), str(written)[:80]
    sizes = tuple(int(one) for one in read.groups()[1:] if one is not None)
    if kind == "varchar":
        return ("text", (), "") if not sizes else (kind, _within(sizes[:1], 10_000_000, what, path), "")
    if kind == "numeric":
        return kind, _within(sizes, 38, what, path), ""
    return kind, (), ""


def _within(sizes: tuple[int, ...], most: int, what: str, path: str) -> tuple[int, ...]:
    if sizes and (not 1 <= sizes[0] <= most or (len(sizes) > 1 and sizes[1] > sizes[0])):
        raise Unreadable(f"{what} has a size that cannot be made: {', '.join(map(str, sizes))}", path)
    return sizes


def _required(column: Mapping[str, Any]) -> bool:
    for word in ("isNullable", "nullable"):
        if isinstance(column.get(word), bool):
            return not column[word]
    if isinstance(column.get("required"), bool):
        return bool(column["required"])
    told = column.get("columnConstraint", column.get("constraints"))
    constraints = told if isinstance(told, list) else [told]
    return any(isinstance(one, str) and one.upper().startswith(NOT_NULL) for one in constraints)


def _distinct(names: list[str], what: str, path: str) -> None:
    if len({one.casefold() for one in names}) < len(names):
        raise Unreadable(f"two {what} differ in nothing but case", path)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
