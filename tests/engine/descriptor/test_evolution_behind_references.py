"""Does a changed column count, too, where it stands in a file that only a definition refers to?"""

from __future__ import annotations

import json
from typing import Any

import pytest
from sample_descriptors import definition, full, port

from engine.descriptor import Limits, Parts, Submission, ingest
from engine.descriptor.contracts import port_schemas
from engine.descriptor.evolution import evolution
from engine.model import Descriptor, PortSchema

ROW = {
    "type": "object",
    "required": ["id", "city"],
    "properties": {"id": {"type": "string"}, "city": {"$ref": "#/city"}},
}
BEHIND = {"title": "rows", "allOf": [{"$ref": "row.json"}]}
"""A definition that is more than a reference stays as it was written."""
SHARED = {**ROW, "city": {"type": "string"}}


def submitted(
    version: str = "1.3.0", *, definition_: Any = None, limits: Limits | None = None, **files: Any
) -> Descriptor:
    """The full descriptor with one port whose columns stand in `row.json`."""
    document = full()
    document["info"]["version"] = version
    content = BEHIND if definition_ is None else definition_
    api = definition(specification="json-schema", definition=content)
    promises = {"platform": "aws", "servicesType": "sql", "api": api}
    document["interfaceComponents"]["outputPorts"] = [port("placed", promises=promises)]
    del document["internalComponents"]
    contents = {"dp.json": document, "row.json": SHARED, **{f"{name}.json": value for name, value in files.items()}}
    parts = Parts({name: json.dumps(value).encode() for name, value in contents.items() if value is not None})
    return ingest(Submission("dp.json", parts), namespace="org.example", limits=limits or Limits())


def without_city() -> dict[str, Any]:
    return {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}


def placed(descriptor: Descriptor) -> PortSchema:
    return next(one for one in port_schemas(descriptor) if one.port == "placed")


def told(before: Descriptor, now: Descriptor) -> list[tuple[str, str]]:
    assert before.effective is not None
    return [(one.code, one.msg) for one in evolution(before.effective, now, before.parts)]


def test_the_files_that_only_definitions_refer_to_are_parts_of_the_submission() -> None:
    deep = {"type": "object", "properties": {"a": {"$ref": "inner.json#/b"}}}
    found = submitted(row=deep, inner={"b": {"$ref": "last.json"}}, last={"type": "string"}, unused={"a": 1})
    assert [part.path for part in found.parts] == ["dp.json", "row.json", "inner.json", "last.json"]
    assert [one.path for one in placed(found).columns] == ["a"]


def test_a_column_that_left_another_file_is_a_breaking_change() -> None:
    before, now = submitted("1.2.0"), submitted(row=without_city())
    assert before.effective is not None
    assert now.effective is not None
    assert before.effective["interfaceComponents"] == now.effective["interfaceComponents"]
    codes = told(before, now)
    assert [code for code, _ in codes] == ["DP409", "DP459"]
    assert codes[0][1].startswith("outputport 'placed': the column 'rows.city' was removed")


def test_nothing_is_told_where_the_other_file_is_the_same_or_differs_in_nothing_but_layout() -> None:
    assert told(submitted("1.2.0"), submitted()) == []
    assert told(submitted("1.2.0"), submitted(row=dict(reversed(SHARED.items())))) == []


@pytest.mark.parametrize(
    "definition_",
    [
        pytest.param(SHARED, id="the columns moved into the definition"),
        pytest.param(json.dumps(BEHIND), id="the definition is a text"),
    ],
)
def test_where_a_column_stands_makes_no_difference(definition_: Any) -> None:
    before = submitted("1.2.0")
    columns = [(one.path, one.type) for one in placed(before).columns]
    now = submitted(definition_=definition_)
    assert [(one.path, one.type) for one in placed(now).columns] == columns == [("id", "string"), ("city", "string")]
    assert all("the column" not in msg for _, msg in told(before, now))


def test_without_the_files_of_the_previous_version_nothing_is_made_up() -> None:
    before = submitted("1.2.0")
    assert before.effective is not None
    assert evolution(before.effective, submitted(row=without_city())) == ()


@pytest.mark.parametrize(
    ("files", "limits"),
    [
        ({"row": None}, Limits()),
        ({"row": {"$ref": "row.json"}}, Limits()),
        ({}, Limits(definitions=10)),
        ({"row": {"$ref": "http://127.0.0.1/row.json"}}, Limits()),
        ({"row": {"$ref": "../row.json"}}, Limits()),
    ],
)
def test_a_file_that_cannot_be_had_is_a_gap_and_no_problem(files: dict[str, Any], limits: Limits) -> None:
    found = submitted(limits=limits, **files)
    assert [one.code for one in found.problems] == []
    assert not placed(found).understood


def test_a_file_is_asked_for_once_however_often_it_is_named() -> None:
    asked: list[str] = []

    class Counted(Parts):
        def read(self, path: str) -> bytes:
            asked.append(path)
            return super().read(path)

    properties = {f"c{at}": {"$ref": "missing.json" if at % 2 else "broken.json"} for at in range(1_000)}
    document = full()
    api = definition(specification="json-schema", definition={"type": "object", "properties": properties})
    document["interfaceComponents"]["outputPorts"] = [port("placed", promises={"api": api})]
    found = ingest(Submission("dp.json", Counted({"dp.json": json.dumps(document).encode(), "broken.json": b"["})))
    assert found.effective is not None
    assert sorted(asked) == ["broken.json", "dp.json", "missing.json"]


def test_another_file_behind_a_definition_is_another_submission_and_another_layout_is_not() -> None:
    first = submitted()
    assert submitted(row=dict(reversed(SHARED.items()))).digest == first.digest
    assert submitted(row=without_city()).digest != first.digest
    broken, other = (submitted(row=without_city(), inner=one).digest for one in ("x", "y"))
    assert broken == other == submitted(row=without_city()).digest
