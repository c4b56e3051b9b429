"""Which tables and columns does a Data Store API describe (`datastoreapi` 1.0.0)?

Each table is a standard definition: columns are listed, or described by a JSON or Avro schema.
"""

from __future__ import annotations

from engine.descriptor.contracts import avro, json_schema
from engine.descriptor.contracts.node import Node
from engine.descriptor.contracts.sheet import Sheet, tags_of

_TABLES = ("tables", "views", "collections", "entities")
_INNER = ("columns", "fields")
_NOT_NULL = ("PRIMARY", "NOT_NULL", "NOT NULL", "NOTNULL")


def columns(sheet: Sheet, definition: Node) -> None:
    """Note the columns of every table. Raises Full."""
    schema = definition.child("schema")
    if schema is None or (schema := sheet.followed(schema)) is None:
        return
    listed = [(word, found) for word in _TABLES if (found := schema.child(word)) is not None]
    for word, tables in listed:
        if type(tables.value) not in (list, dict):
            sheet.missing(f"`{word}` is no list")
        for number, table in enumerate(tables.items()):
            _table(sheet, table, number)
    if not listed:
        _rows(sheet, schema)


def _table(sheet: Sheet, table: Node, number: int) -> None:
    named = sheet.followed(table)
    if named is None:
        return
    definition = named.child("definition") or named
    found = sheet.followed(definition)
    if found is not None:
        sheet.dataset = named.text("name") or found.text("name") or f"table {number + 1}"
        if type(found.value) is not dict:
            sheet.missing(f"{sheet.dataset} is no object")
        _rows(sheet, found)


def _rows(sheet: Sheet, definition: Node) -> None:
    listed = next((found for word in _INNER if (found := definition.child(word)) is not None), None)
    if avro.is_avro(definition.value):
        avro.columns(sheet, definition)
    elif listed is not None:
        _listed(sheet, "", listed)
    elif json_schema.is_schema(definition.value):
        json_schema.columns(sheet, definition)


def _listed(sheet: Sheet, prefix: str, listed: Node) -> None:
    """Columns written as a list, or as a map from names; nested ones below `columns` or `fields`."""
    if type(listed.value) not in (list, dict):
        sheet.missing(f"the columns of {sheet.dataset or 'the schema'} are no list")
    for key, written in listed.named() or [("", one) for one in listed.items()]:
        sheet.budget.spend()
        column = sheet.followed(written)
        if column is None:
            continue
        if type(column.value) is dict and (name := column.text("name") or key):
            _column(sheet, prefix + name, column)
        else:
            sheet.missing(f"a column of {sheet.dataset or 'the schema'} is no object with a name")


def _column(sheet: Sheet, path: str, column: Node) -> None:
    description = column.text("description") or column.text("displayName")
    kind = _type(column)
    nullable, tags = _nullable(column), tags_of(column.value)
    sheet.add(path, kind, column, nullable=nullable, description=description, tags=tags)
    below = f"{path}[]." if kind.upper().startswith(("ARRAY", "REPEATED", "LIST")) else f"{path}."
    for word in _INNER:
        if (inner := column.child(word)) is not None:
            _listed(sheet, below, inner)


def _type(column: Node) -> str:
    words = ("physicalType", "dataType", "logicalType", "type")
    kind = next((found for word in words if (found := column.text(word))), "any")
    length = column.value.get("dataLength", column.value.get("length"))
    return f"{kind}({length})" if type(length) in (int, str) and length != "" and "(" not in kind else kind


def _nullable(column: Node) -> bool:
    value = column.value
    for word in ("isNullable", "nullable"):
        if type(value.get(word)) is bool:
            return bool(value[word])
    if type(value.get("required")) is bool:
        return not value["required"]
    told = value.get("columnConstraint", value.get("constraints"))
    constraints = told if type(told) is list else [told]
    return not any(type(one) is str and one.upper().startswith(_NOT_NULL) for one in constraints)
