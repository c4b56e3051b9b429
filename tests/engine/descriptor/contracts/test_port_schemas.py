"""Are the columns of every known kind of definition told, with what is not understood said so?"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_descriptors import definition, full, port

from engine.descriptor import Parts, Submission, ingest
from engine.descriptor.contracts import port_schemas, schemas_of
from engine.model import Column, Direction, PortSchema

Told = tuple[str, str, str, bool]


def document(specification: str, content: Any) -> dict[str, Any]:
    """The full descriptor with one output port whose API has this definition."""
    api = definition(specification=specification, **{"definition": content})
    return {**full(), "interfaceComponents": {"outputPorts": [port("placed", promises={"api": api})]}}


def schema_of(specification: str, content: Any, **files: bytes) -> PortSchema:
    found = document(specification, content)
    found.pop("internalComponents")
    parts = Parts({"dp.json": json.dumps(found).encode(), **{key.replace("__", "."): files[key] for key in files}})
    descriptor = ingest(Submission("dp.json", parts), namespace="org.example")
    (one,) = port_schemas(descriptor, parts)
    return one


def told(specification: str, content: Any, **files: bytes) -> list[Told]:
    found = schema_of(specification, content, **files)
    assert (found.understood, found.gaps) == (True, ()), found
    return [(one.dataset, one.path, one.type, one.nullable) for one in found.columns]


ORDER = {
    "type": "object",
    "required": ["id", "lines"],
    "properties": {
        "id": {"type": "integer", "format": "int64"},
        "lines": {"type": "array", "items": {"type": "object", "properties": {"sku": {"type": "string"}}}},
        "tags": {"type": ["array", "null"], "items": {"type": "string"}},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "address": {"type": "object", "required": ["city"], "properties": {"city": {"type": "string"}}},
    },
}
ORDER_COLUMNS = [
    ("id", "integer(int64)", False),
    ("lines", "array", False),
    ("lines[]", "object", False),
    ("lines[].sku", "string", True),
    ("tags", "array", True),
    ("tags[]", "string", False),
    ("labels", "object", True),
    ("labels.*", "string", False),
    ("address", "object", True),
    ("address.city", "string", False),
]


def order_of(dataset: str) -> list[Told]:
    return [(dataset, *one) for one in ORDER_COLUMNS]


def test_json_schema_with_nested_objects_lists_and_maps() -> None:
    assert told("json-schema", ORDER) == order_of("")
    assert told("JSON Schema", {"title": "Orders", "type": "array", "items": ORDER}) == order_of("Orders")


def test_json_schema_made_of_others() -> None:
    content = {
        "$ref": "#/$defs/order",
        "$defs": {
            "key": {"required": ["id"], "properties": {"id": {"type": "string"}}},
            "order": {
                "allOf": [{"$ref": "#/$defs/key"}, {"properties": {"sum": {"anyOf": [NUMBER, {"type": "null"}]}}}],
                "required": ["sum", "by"],
                "properties": {"by": {"oneOf": [{"type": "string"}, {"type": "integer"}]}},
            },
        },
    }
    assert sorted(told("jsonschema", content)) == [
        ("", "by", "string|integer", False),
        ("", "id", "string", False),
        ("", "sum", "number", True),
    ]


NUMBER = {"type": "number"}


def test_descriptions_tags_classes_and_marks_of_personal_data_stand_with_their_column() -> None:
    email = {"type": "string", "description": "To write to", "tags": ["contact"], "x-pii": True}
    content = {"properties": {"email": {**email, "classification": "secret"}}}
    (one,) = schema_of("json-schema", content).columns
    at = ("interfaceComponents", "outputPorts", 0, "promises", "api", "definition", "properties", "email")
    tags = ("contact", "classification:secret", "pii")
    assert one == Column("", "email", "string", True, "To write to", tags, Direction.OUTPUT, at)


def test_data_store_tables_with_listed_columns_and_with_schemas() -> None:
    listed = {
        "columns": [
            {"name": "id", "dataType": "INTEGER", "columnConstraint": "PRIMARY_KEY"},
            {"name": "code", "dataType": "VARCHAR", "dataLength": "50"},
            {"name": "at", "type": "STRUCT", "nullable": False, "fields": [{"name": "city", "type": "TEXT"}]},
        ]
    }
    described = {"type": "object", "properties": {"id": {"type": "string", "physicalType": "CHAR", "length": 3}}}
    avro = {"type": "record", "name": "c", "fields": [{"name": "id", "type": "long"}]}
    tables = [
        {"name": "a", "definition": listed},
        {"name": "b", "definition": described},
        {"definition": {"$ref": "#/components/c"}},
    ]
    content = {"datastoreapi": "1.0.0", "schema": {"tables": tables}, "components": {"c": avro}}
    assert told("datastoreapi", content) == [
        ("a", "id", "INTEGER", False),
        ("a", "code", "VARCHAR(50)", True),
        ("a", "at", "STRUCT", False),
        ("a", "at.city", "TEXT", True),
        ("b", "id", "CHAR(3)", True),
        ("c", "id", "long", False),
    ]


@pytest.mark.parametrize("version", ["3.1.0", "3.0.3", "2.0"])
def test_openapi_tells_what_operations_send_and_take(version: str) -> None:
    schema = {"$ref": "#/definitions/Order"}
    response = {"schema": schema} if version == "2.0" else {"content": {"application/json": {"schema": schema}}}
    since = {"name": "since", "in": "query", "required": True}
    typed = {"type": "string", "format": "date"}
    parameter = {**since, **typed} if version == "2.0" else {**since, "schema": typed}
    content = {
        "swagger" if version == "2.0" else "openapi": version,
        "paths": {"/orders": {"parameters": [parameter], "get": {"responses": {"404": {}, "200": response}}}},
        "definitions": {"Order": ORDER},
    }
    expected = [("GET /orders", "query:since", "string(date)", False), *order_of("GET /orders")]
    assert told("openapi", content) == expected
    directions = [one.direction for one in schema_of("openapi", content).columns]
    assert directions == [Direction.INPUT, *[Direction.OUTPUT] * len(ORDER_COLUMNS)]


@pytest.mark.parametrize("payload", [ORDER, {"schemaFormat": "application/schema+json", "schema": ORDER}])
def test_asyncapi_tells_the_payload_of_messages(payload: Any) -> None:
    message = {"name": "Order", "payload": payload}
    two = {"asyncapi": "2.6.0", "channels": {"orders": {"subscribe": {"message": message}}}}
    three = {"asyncapi": "3.0.0", "channels": {"orders": {"messages": {"Order": message}}}}
    assert told("asyncapi", two) == told("asyncapi", three) == order_of("orders")


def test_asyncapi_with_several_messages_of_which_one_is_avro() -> None:
    avro = {"type": "record", "name": "Gone", "fields": [{"name": "id", "type": ["null", "string"]}]}
    messages = [
        {"messageId": "placed", "payload": {"properties": {"id": NUMBER}}},
        {"messageId": "gone", "schemaFormat": "application/vnd.apache.avro;version=1.9.0", "payload": avro},
    ]
    content = {"asyncapi": "2.6.0", "channels": {"orders": {"subscribe": {"message": {"oneOf": messages}}}}}
    assert told("asyncapi", content) == [
        ("orders placed", "id", "number", True),
        ("orders gone", "id", "string", True),
    ]


def test_avro_with_unions_lists_maps_and_names() -> None:
    city = {"type": "record", "name": "City", "namespace": "a", "fields": [{"name": "zip", "type": "string"}]}
    content = {
        "type": "record",
        "name": "Order",
        "fields": [
            {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
            {"name": "from", "type": city},
            {"name": "to", "type": ["null", "a.City"]},
            {"name": "lines", "type": {"type": "array", "items": "string"}},
            {"name": "rates", "type": {"type": "map", "values": "double"}},
            {"name": "next", "type": ["null", "Order"]},
        ],
    }
    assert told("avro", content) == [
        ("Order", "at", "long(timestamp-millis)", False),
        ("Order", "from", "record", False),
        ("Order", "from.zip", "string", False),
        ("Order", "to", "record", True),
        ("Order", "to.zip", "string", False),
        ("Order", "lines", "array", False),
        ("Order", "lines[]", "string", False),
        ("Order", "rates", "map", False),
        ("Order", "rates.*", "double", False),
        ("Order", "next", "recursive", True),
    ]


def test_a_definition_kept_as_text_is_read_where_it_claims_to_be_known() -> None:
    assert told("json-schema", "properties:\n  id: {type: string}\n") == [("", "id", "string", True)]


def test_references_lead_to_other_files_of_the_submission() -> None:
    content = {"properties": {"order": {"$ref": "types.yaml#/order"}}}
    types = b"order: {properties: {id: {$ref: '#/key'}}}\nkey: {type: string}\n"
    assert told("json-schema", content, types__yaml=types) == [
        ("", "order", "object", True),
        ("", "order.id", "string", True),
    ]


@pytest.mark.parametrize(
    ("ref", "gap"),
    [
        ("http://example.com/a.json", "$ref 'http://example.com/a.json' is an address; nothing is fetched"),
        ("../a.json", "$ref '../a.json' leads outside the submission"),
        ("a.json", "$ref 'a.json' names nothing in this submission"),
        ("#/$defs/a", "$ref '#/$defs/a' names nothing in this submission"),
    ],
)
def test_what_cannot_be_followed_is_said_so_and_the_rest_is_told(ref: str, gap: str) -> None:
    found = schema_of("json-schema", {"properties": {"a": {"$ref": ref}, "b": NUMBER}})
    assert [(one.path, one.type) for one in found.columns] == [("a", "any"), ("b", "number")]
    assert (found.understood, found.gaps) == (True, (gap,))


@pytest.mark.parametrize(
    ("specification", "content", "reason"),
    [
        ("protobuf", "message A {}", "the specification 'protobuf' is none of datastoreapi, openapi, asyncapi, avro, "),
        ("openapi", {"any": 1}, "the definition is not openapi that can be read"),
        ("openapi", {"openapi": "3.1.0", "paths": {}}, "the definition names no columns"),
        ("json-schema", "a: [", "the definition is not json-schema that can be read"),
    ],
)
def test_what_is_not_understood_says_why(specification: str, content: Any, reason: str) -> None:
    found = schema_of(specification, content)
    assert (found.understood, found.columns) == (False, ())
    assert found.reason.startswith(reason)


def test_only_a_definition_that_claims_to_be_known_is_a_problem() -> None:
    def codes(specification: str) -> list[tuple[str, str]]:
        parts = Parts({"dp.json": json.dumps(document(specification, {"any": 1})).encode()})
        found = ingest(Submission("dp.json", parts), namespace="org.example").problems
        return [(one.code, one.path) for one in found if one.code != "DP454"]

    path = "/interfaceComponents/outputPorts/0/promises/api/definition"
    assert codes("OpenAPI") == [("DP456", path)]
    assert codes("custom") == []


def test_schemas_that_hold_themselves_end() -> None:
    node = {"properties": {"name": {"type": "string"}, "children": {"type": "array", "items": {"$ref": "#"}}}}
    found = schema_of("json-schema", node)
    assert [(one.path, one.type) for one in found.columns] == [
        ("name", "string"),
        ("children", "array"),
        ("children[]", "recursive"),
    ]
    circle = schema_of(
        "json-schema", {"properties": {"a": {"$ref": "#/$defs/a"}}, "$defs": {"a": {"$ref": "#/$defs/a"}}}
    )
    assert circle.gaps == ("the reference '#/$defs/a' goes in a circle",)


def test_schemas_that_multiply_are_cut() -> None:
    level = {f"l{at}": {"properties": {f"p{n}": {"$ref": f"#/$defs/l{at + 1}"} for n in range(9)}} for at in range(9)}
    found = schema_of("json-schema", {"$ref": "#/$defs/l0", "$defs": {**level, "l9": {"type": "string"}}})
    assert len(found.columns) <= 5_000
    assert len(found.gaps) >= 1


def test_the_effective_document_alone_tells_the_same() -> None:
    descriptor = ingest(Submission("dp.json", Parts({"dp.json": json.dumps(document("avro", AVRO)).encode()})))
    assert descriptor.effective is not None
    assert schemas_of(descriptor.effective) == port_schemas(descriptor)


AVRO = {"type": "record", "name": "A", "fields": [{"name": "id", "type": "long"}]}

WORDS = st.sampled_from(
    [
        "type",
        "properties",
        "items",
        "$ref",
        "allOf",
        "anyOf",
        "required",
        "fields",
        "name",
        "schema",
        "tables",
        "paths",
        "definition",
        "columns",
        "/a",
        "get",
        "200",
        "responses",
        "content",
        "channels",
        "subscribe",
        "message",
        "payload",
        "record",
        "array",
        "object",
        "#",
        "#/a",
        "values",
        "additionalProperties",
        "parameters",
        "nullable",
        "description",
        "format",
        "namespace",
        "logicalType",
        "length",
        "openapi",
        "asyncapi",
        "oneOf",
        "in",
        "requestBody",
    ]
)
CONTENTS: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | WORDS,
    lambda below: st.lists(below, max_size=4) | st.dictionaries(WORDS, below, max_size=5),
    max_leaves=25,
)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(["avro", "json-schema", "openapi", "asyncapi", "datastoreapi"]), st.dictionaries(WORDS, CONTENTS)
)
def test_no_definition_makes_it_raise(specification: str, content: dict[str, Any]) -> None:
    (found,) = schemas_of(document(specification, content))
    assert found.understood == bool(found.columns)
    assert found.understood or found.reason


def test_all_ports_of_a_descriptor_share_one_budget() -> None:
    level = {f"l{at}": {"properties": {name: {"$ref": f"#/$defs/l{at + 1}"} for name in "pqr"}} for at in range(8)}
    api = definition(specification="json-schema", **{"definition": {"$ref": "#/$defs/l0", "$defs": level}})
    ports = [port(f"p{at}", promises={"api": api}) for at in range(60)]
    found = schemas_of({"interfaceComponents": {"outputPorts": ports}})
    assert sum(len(one.columns) for one in found) < 100_000
    assert not found[0].gaps[0].startswith("more than 5,000")
    assert not found[-1].understood
    assert found[-1].reason == "more than 5,000 columns, or more than 100,000 parts of schemas"
