"""Which columns does a JSON Schema describe, nested ones included?

Sources: JSON Schema 2020-12 and before, the schema objects of OpenAPI 2.0 to 3.1 (`nullable`) and of AsyncAPI.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.descriptor.contracts.node import Node
from engine.descriptor.contracts.sheet import DEEPEST, Sheet, tags_of
from engine.model import Json

_PHYSICAL = ("physicalType", "dataType", "x-physical-type")
_NULLABLE = ("nullable", "isNullable", "x-nullable")


@dataclass
class _Facts:
    """What a schema and everything it is made of (`$ref`, `allOf`, `oneOf`, `anyOf`) say together."""

    types: list[str] = field(default_factory=list)
    formats: list[str] = field(default_factory=list)
    physical: str = ""
    nullable: bool | None = None
    description: str = ""
    tags: list[str] = field(default_factory=list)
    properties: dict[str, Node] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)
    items: Node | None = None
    values: Node | None = None
    recursive: bool = False
    #: which schemas said it, so that one that holds itself is told apart
    ids: tuple[int, ...] = ()

    @property
    def type(self) -> str:
        if self.physical:
            return self.physical
        kinds = [one for one in dict.fromkeys(self.types) if one != "null"] or self._implied()
        kind = "|".join(kinds)
        return f"{kind}({self.formats[0]})" if self.formats else kind

    def _implied(self) -> list[str]:
        if self.properties:
            return ["object"]
        return ["array"] if self.items is not None else ["any"]


def is_schema(value: Json) -> bool:
    """Whether an object looks like a JSON Schema."""
    words = ("type", "properties", "$ref", "allOf", "oneOf", "anyOf", "items", "enum", "const", "$defs", "$schema")
    return type(value) is dict and any(word in value for word in words)


def columns(sheet: Sheet, schema: Node) -> None:
    """Note the columns of a schema; those of a list of rows are the columns of a row. Raises Full."""
    sheet.dataset = sheet.dataset or schema.text("title")
    facts = _facts(sheet, schema, ())
    stack = facts.ids
    for _ in range(DEEPEST):
        if facts.properties or facts.items is None:
            break
        schema = facts.items
        facts = _facts(sheet, schema, stack)
        stack = (*stack, *facts.ids)
    if facts.properties or facts.values is not None:
        _inside(sheet, "", facts, schema, stack)
    elif facts.types or facts.physical:
        _column(sheet, "value", facts, schema, required=True)


def _emit(sheet: Sheet, path: str, schema: Node, *, required: bool, stack: tuple[int, ...]) -> None:
    facts = _facts(sheet, schema, stack)
    _column(sheet, path, facts, schema, required=required)
    if len(stack) < DEEPEST and not facts.recursive:
        _inside(sheet, path, facts, schema, (*stack, *facts.ids))


def _inside(sheet: Sheet, path: str, facts: _Facts, schema: Node, stack: tuple[int, ...]) -> None:
    prefix = f"{path}." if path else ""
    for name, inner in facts.properties.items():
        _emit(sheet, prefix + name, inner, required=name in facts.required, stack=stack)
    if facts.items is not None:
        _emit(sheet, f"{path}[]", facts.items, required=True, stack=stack)
    if facts.values is not None:
        _emit(sheet, f"{prefix}*", facts.values, required=True, stack=stack)


def _column(sheet: Sheet, path: str, facts: _Facts, schema: Node, *, required: bool) -> None:
    nullable = facts.nullable if facts.nullable is not None else "null" in facts.types or not required
    description, tags = facts.description, tuple(dict.fromkeys(facts.tags))
    sheet.add(path, facts.type, schema, nullable=nullable, description=description, tags=tags)


def _facts(sheet: Sheet, schema: Node, stack: tuple[int, ...]) -> _Facts:
    facts = _Facts()
    _gather(sheet, schema, facts, stack)
    return facts


def _gather(sheet: Sheet, schema: Node, facts: _Facts, stack: tuple[int, ...]) -> None:
    sheet.budget.spend()
    value = schema.value
    if type(value) is not dict:
        return
    if id(value) in stack or len(stack) > 2 * DEEPEST:
        facts.recursive = True
        facts.types.append("recursive")
        return
    below = (*stack, id(value))
    facts.ids += (id(value),)
    _take(facts, schema, value)
    if type(value.get("$ref")) is str and (named := sheet.followed(schema)) is not None:
        _gather(sheet, named, facts, below)
    for part in _parts(schema, "allOf"):
        _gather(sheet, part, facts, below)
    for word in ("oneOf", "anyOf"):
        for part in _parts(schema, word):
            required = set(facts.required)
            _gather(sheet, part, facts, below)
            facts.required = required  # what only one alternative requires may be absent


def _parts(schema: Node, word: str) -> list[Node]:
    found = schema.child(word)
    return found.items() if found is not None and type(found.value) is list else []


def _take(facts: _Facts, schema: Node, value: dict[str, Json]) -> None:
    """What the schema says itself; the outermost description and nullability win."""
    told = value.get("type")
    facts.types += [one for one in (told if type(told) is list else [told]) if type(one) is str]
    facts.formats += [value["format"]] if type(value.get("format")) is str else []
    facts.physical = facts.physical or _physical(value)
    facts.description = facts.description or schema.text("description") or schema.text("title")
    facts.tags += tags_of(value)
    if facts.nullable is None:
        facts.nullable = next((value[word] for word in _NULLABLE if type(value.get(word)) is bool), None)
    _take_structure(facts, schema, value)


def _take_structure(facts: _Facts, schema: Node, value: dict[str, Json]) -> None:
    if (properties := schema.child("properties")) is not None:
        for name, inner in properties.named():
            facts.properties.setdefault(name, inner)
            if type(inner.value) is dict and inner.value.get("required") is True:  # JSON Schema before draft 4
                facts.required.add(name)
    if type(value.get("required")) is list:
        facts.required |= {one for one in value["required"] if type(one) is str}
    if facts.items is None and type(value.get("items")) is dict:
        facts.items = schema.below("items")
    more = value.get("additionalProperties")
    if facts.values is None and type(more) is dict and more:
        facts.values = schema.below("additionalProperties")


def _physical(value: dict[str, Json]) -> str:
    found = next((value[word] for word in _PHYSICAL if type(value.get(word)) is str and value[word]), "")
    length = value.get("length", value.get("dataLength"))
    return f"{found}({length})" if found and type(length) in (int, str) and "(" not in found else found
