"""How does upp/1 travel over HTTP, as an OpenAPI document for whoever writes an adapter or calls one?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from engine.model import Json
from engine.provision.calls import CALLBACK, CALLS, Call
from engine.provision.contract import schema

ERRORS: Mapping[str, str] = {
    "401": "The class is UNAUTHORIZED.",
    "409": "STALE_GENERATION: a higher generation was applied before. CONFLICT: something else is there, or under way.",
    "422": "INVALID, QUOTA, DEPENDENCY_NOT_READY or UNSUPPORTED. As with every 4xx, nothing has changed.",
    "503": "TRANSIENT: ask again, after `Retry-After` where it is given.",
}
PROBLEM = "application/problem+json"


def document() -> dict[str, Json]:
    """The OpenAPI 3.1 document; its schemas are those of `upp-1.json`."""
    paths: dict[str, dict[str, Json]] = {}
    for name, call in CALLS.items():
        paths.setdefault(call.path, {})[call.method.lower()] = _operation(name, call)
    schemas = {name: _moved(body) for name, body in schema()["$defs"].items()}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "upp/1: an adapter of the infrastructure utility plane",
            "version": "1.0.0",
            "description": "The same bodies travel as Python dicts and on the standard input of an executable.",
        },
        "paths": paths,
        "components": {"schemas": {**schemas, "Problem": _PROBLEM}},
    }


def _operation(name: str, call: Call) -> dict[str, Json]:
    told: dict[str, Json] = {
        "operationId": name,
        "summary": call.says,
        "parameters": list(_parameters(call)),
        "responses": _answers(name, call),
    }
    if call.body:
        told["requestBody"] = {"required": True, "content": {"application/json": {"schema": _body(call)}}}
    return told


def _parameters(call: Call) -> Iterator[Json]:
    for part in ("id", "operation"):
        if f"{{{part}}}" in call.path:
            kind = "Uuid" if part == "id" else "Text"
            yield {"name": part, "in": "path", "required": True, "schema": _named(kind)}
    for name in call.query:
        body = call.arguments[name]
        told = {"content": {"application/json": {"schema": _named(body)}}} if body == "ResourceRef" else None
        yield {"name": name, "in": "query", "required": True, **(told or {"schema": _named(body)})}
    if call.writes and "{id}" in call.path:
        says = "`{resource_id}:{generation}`; the same key never changes the world twice"
        yield {"name": "Idempotency-Key", "in": "header", "description": says, "schema": {"type": "string"}}
        says = "where to say, by a signed CloudEvent, that an operation moved; it stands in no body and no query"
        yield {"name": CALLBACK.title(), "in": "header", "description": says, "schema": {"type": "string"}}


def _body(call: Call) -> Json:
    """One argument travels alone, several by name."""
    if len(call.body) == 1:
        return _named(call.arguments[call.body[0]])
    properties = {name: _named(call.arguments[name]) for name in call.body}
    return {"type": "object", "required": list(call.body), "properties": properties}


def _answers(name: str, call: Call) -> dict[str, Json]:
    good = {"description": "The answer.", "content": {"application/json": {"schema": _named(call.answers)}}}
    told: dict[str, Json] = {"200": good}
    if call.answers == "Outcome":
        told["202"] = {**good, "description": "It goes on (`pending`): ask its operation, after `Retry-After`."}
    if name in ("observe", "destroy"):
        told["404"] = {"description": "It is absent, which for a removal is success."}
    problem = {PROBLEM: {"schema": _named("Problem")}}
    return told | {status: {"description": says, "content": problem} for status, says in ERRORS.items()}


def _named(body: str) -> dict[str, Json]:
    return {"$ref": f"#/components/schemas/{body}"}


def _moved(value: Json) -> Json:
    """The schema with its references pointing to where the document has them."""
    if isinstance(value, dict):
        return {key: _place(one) if key == "$ref" else _moved(one) for key, one in value.items()}
    return [_moved(one) for one in value] if isinstance(value, list) else value


def _place(reference: str) -> str:
    return reference.replace("#/$defs/", "#/components/schemas/")


_PROBLEM: Json = {
    "description": "RFC 9457, with the class of the error: the class alone drives another try.",
    "type": "object",
    "required": ["class"],
    "properties": {
        "class": {"$ref": "#/components/schemas/Error/properties/class"},
        "title": {"type": "string"},
        "detail": {"type": "string"},
        "status": {"type": "integer"},
    },
}


def write() -> None:
    """Write the published document anew."""
    place = Path(__file__).with_name("schemas") / "upp-1.openapi.json"
    place.write_text(json.dumps(document(), indent=2, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    write()
