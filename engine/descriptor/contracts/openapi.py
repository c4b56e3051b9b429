"""Which columns do the operations of an OpenAPI document send and take (OpenAPI 2.0, 3.0, 3.1)?"""

from __future__ import annotations

from engine.descriptor.contracts import json_schema
from engine.descriptor.contracts.node import Node
from engine.descriptor.contracts.sheet import Sheet, tags_of
from engine.model import Direction

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")


def columns(sheet: Sheet, definition: Node) -> None:
    """Note what each operation takes and what its first successful response holds. Raises Full."""
    paths = definition.child("paths")
    for path, written in paths.named() if paths is not None else []:
        item = sheet.followed(written)
        for method, operation in item.named() if item is not None else []:
            if method in _METHODS and type(operation.value) is dict:
                sheet.dataset = f"{method.upper()} {path}"
                _taken(sheet, item, operation)
                _sent(sheet, operation)
    if paths is not None and paths.value != {} and not sheet.columns and not sheet.gaps:
        sheet.missing("no operation below `paths` names a schema")


def _sent(sheet: Sheet, operation: Node) -> None:
    responses = operation.child("responses")
    named = responses.named() if responses is not None else []
    succeeded = [one for code, one in named if code[:1] == "2"] or [one for code, one in named if code == "default"]
    for written in succeeded[:1]:
        if (response := sheet.followed(written)) is not None:
            _body(sheet, response)


def _taken(sheet: Sheet, item: Node | None, operation: Node) -> None:
    sheet.direction = Direction.INPUT
    for holder in (item, operation):
        listed = holder.child("parameters") if holder is not None else None
        for written in listed.items() if listed is not None else []:
            if (parameter := sheet.followed(written)) is not None and type(parameter.value) is dict:
                _parameter(sheet, parameter)
    written_body = operation.child("requestBody")
    if written_body is not None and (body := sheet.followed(written_body)) is not None:
        _body(sheet, body)
    sheet.direction = Direction.OUTPUT


def _parameter(sheet: Sheet, parameter: Node) -> None:
    if parameter.text("in") == "body":
        _body(sheet, parameter)
        return
    schema = parameter.child("schema")
    told = (sheet.followed(schema) if schema is not None else parameter) or parameter
    kind = told.text("type") or "any"
    required = parameter.value.get("required") is True
    sheet.add(
        f"{parameter.text('in')}:{parameter.text('name')}",
        f"{kind}({told.text('format')})" if told.text("format") else kind,
        parameter,
        nullable=not required,
        description=parameter.text("description"),
        tags=tags_of(parameter.value),
    )


def _body(sheet: Sheet, holder: Node) -> None:
    """The schema of a response or request: of its JSON form, else of its first."""
    if (schema := holder.child("schema")) is not None:
        json_schema.columns(sheet, schema)
        return
    content = holder.child("content")
    forms = content.named() if content is not None else []
    forms.sort(key=lambda one: "json" not in one[0])
    for _, form in forms[:1]:
        if (schema := form.child("schema")) is not None:
            json_schema.columns(sheet, schema)
