"""Which columns does an Avro schema describe (Apache Avro 1.11, Schema Declaration)?"""

from __future__ import annotations

from collections.abc import Iterator

from engine.descriptor.contracts.node import Node
from engine.descriptor.contracts.sheet import DEEPEST, Sheet, tags_of
from engine.model import Json

_NAMED = ("record", "error", "enum", "fixed")
Names = dict[str, Node]


def is_avro(value: Json) -> bool:
    """Whether an object is an Avro schema and nothing that JSON Schema knows."""
    return type(value) is dict and value.get("type") in ("record", "error") and type(value.get("fields")) is list


def columns(sheet: Sheet, schema: Node) -> None:
    """Note the fields of a record (or of a union's records), or the one value of any other schema. Raises Full."""
    names: Names = {}
    for one in schema.items() if type(schema.value) is list else [schema]:
        sheet.dataset = sheet.dataset or one.text("name")
        before = len(sheet.columns) + len(sheet.gaps)
        _inside(sheet, "", one, names, ())
        if len(sheet.columns) + len(sheet.gaps) == before and one.value != "null":
            sheet.add("value", _type(one, names), one, nullable=False, description=one.text("doc"), tags=())


def _emit(sheet: Sheet, path: str, schema: Node, holder: Node, names: Names, stack: tuple[int, ...]) -> None:
    sheet.budget.spend()
    chosen, nullable = _without_null(schema)
    told = holder.value if type(holder.value) is dict else {}
    description, tags = holder.text("doc") or holder.text("description"), tags_of(told)
    kind = "|".join(dict.fromkeys(_type(one, names, stack) for one in chosen)) or "null"
    sheet.add(path, kind, holder, nullable=nullable, description=description, tags=tags)
    if len(stack) < DEEPEST:
        for one in chosen:
            _inside(sheet, path, one, names, stack)


def _without_null(schema: Node) -> tuple[list[Node], bool]:
    if type(schema.value) is not list:
        return [schema], schema.value == "null"
    return [one for one in schema.items() if one.value != "null"], "null" in schema.value


def _inside(sheet: Sheet, path: str, schema: Node, names: Names, stack: tuple[int, ...]) -> None:
    schema = _resolved(schema, names)
    _remember(schema, names)
    if type(schema.value) is not dict or id(schema.value) in stack:
        return
    below, prefix = (*stack, id(schema.value)), f"{path}." if path else ""
    match schema.value.get("type"):
        case "record" | "error":
            for one, kind in _fields(sheet, schema):
                _emit(sheet, prefix + one.text("name"), kind, one, names, below)
        case "array" if (items := schema.child("items")) is not None:
            _emit(sheet, f"{path}[]", items, items, names, below)
        case "map" if (values := schema.child("values")) is not None:
            _emit(sheet, f"{prefix}*", values, values, names, below)
        case dict() | list():
            inner = schema.below("type")
            for one in inner.items() if type(inner.value) is list else [inner]:
                _inside(sheet, path, one, names, below)


def _fields(sheet: Sheet, record: Node) -> Iterator[tuple[Node, Node]]:
    """The fields of a record and their types; what is none is a gap."""
    fields, name = record.child("fields"), record.text("name") or "a record"
    if fields is None or type(fields.value) is not list:
        sheet.missing(f"the fields of {name} are no list")
        return
    for one in fields.items():
        if (kind := one.child("type")) is not None and one.text("name"):
            yield one, kind
        else:
            sheet.missing(f"a field of {name} is no object with a name and a type")


def _remember(schema: Node, names: Names) -> None:
    if type(schema.value) is dict and schema.value.get("type") in _NAMED and schema.text("name"):
        name, space = schema.text("name"), schema.text("namespace")
        names.setdefault(name.rpartition(".")[2], schema)
        names.setdefault(f"{space}.{name}" if space else name, schema)


def _resolved(schema: Node, names: Names) -> Node:
    """The record that a name stands for, if it was defined before."""
    return names.get(schema.value, schema) if type(schema.value) is str else schema


def _type(schema: Node, names: Names, stack: tuple[int, ...] = ()) -> str:
    value = _resolved(schema, names).value
    if id(value) in stack:
        return "recursive"
    if type(value) is str:
        return value
    if type(value) is list:
        return "|".join(_type(one, names) for one in schema.items())
    if type(value) is not dict:
        return "any"
    kind = value.get("type")
    if type(value.get("logicalType")) is str and type(kind) is str:
        return f"{kind}({value['logicalType']})"
    return kind if type(kind) is str else _type(schema.below("type"), names) if "type" in value else "any"
