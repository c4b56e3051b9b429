"""Does a person who made a usual mistake read what to write instead, at the place of the mistake?"""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from sample_descriptors import full

from engine.descriptor import Parts, Submission, ingest
from engine.model import Problem


def problems(file: str, text: str) -> tuple[Problem, ...]:
    return ingest(Submission(file, Parts({file: text.encode()})), namespace="org.example").problems


@pytest.mark.parametrize(
    ("text", "place", "hint"),
    [
        ("a:\n\tb: 1\n", (2, 1), "indent with spaces, not with a tab"),
        ("a: 1\n\tb: 2\n", (2, 1), "indent with spaces, not with a tab"),
        ("a: @jo\n", (1, 4), "put the text that begins with @ in quotes"),
        ("a: `jo`\n", (1, 4), "put the text that begins with ` in quotes"),
        ("a: * all\n", (1, 5), "put the text that begins with * in quotes"),
        ("a: one: two\n", (1, 7), "put a text that holds ': ' in quotes"),
        ('a: "\\q"\n', (1, 5), "write \\\\ for a backslash"),
        ('a: "one\n', (2, 1), "close the quote that was opened before"),
        ("a: [1, 2\nb: 3\n", (2, 2), "close the bracket that was opened before"),
        ("- a\nb: 1\n", (2, 1), "begin the lines of one list in one column"),
        ("a: 1\n b\nc\n", (4, 1), "put ': ' after the name of a field"),
        ("a: |x\n", (1, 5), ""),
    ],
)
def test_a_mistake_in_yaml(text: str, place: tuple[int, int], hint: str) -> None:
    (found,) = problems("dp.yaml", text)
    assert (found.code, (found.place.line, found.place.column)) == ("DP104", place)
    assert hint in found.hint


@pytest.mark.parametrize(
    ("text", "place", "hint"),
    [
        ("info: {}\n", (1, 1), "name a file that holds YAML .yaml or .yml"),
        ('{"a": 1,\n}', (2, 1), "remove the comma before it"),
        ('{"a": [1, ]}', (1, 11), "remove the comma before it"),
        ("{'a': 1}", (1, 2), "put texts and names in double quotes"),
        ("{\"a\": 'b'}", (1, 7), "put texts and names in double quotes"),
        ("{a: 1}", (1, 2), "put names in double quotes"),
        ('{"a": 1, // one\n "b": 2}', (1, 10), "remove the comment"),
        ('{"a": 1', (1, 8), "close what was opened before"),
        ('{"a" 1}', (1, 6), ""),
    ],
)
def test_a_mistake_in_json(text: str, place: tuple[int, int], hint: str) -> None:
    (found,) = problems("dp.json", text)
    assert (found.code, (found.place.line, found.place.column)) == ("DP104", place)
    assert hint in found.hint


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("$ref",), "other.json"),
        (("info",), {"$ref": "info.json"}),
        (("info", "owner"), {"$ref": "#/x-owner"}),
        (("interfaceComponents", "outputPorts"), {"$ref": "ports.json"}),
        (("components",), {"$ref": "components.json"}),
    ],
)
def test_a_reference_where_none_is_followed(path: tuple[str, ...], value: Any) -> None:
    document = copy.deepcopy(full())
    *above, last = path
    node: Any = document
    for step in above:
        node = node[step]
    node[last] = value
    pointer = "/" + "/".join(path if last == "$ref" else (*path, "$ref"))
    told = [one for one in problems("dp.json", json.dumps(document, indent=1)) if one.code == "DP359"]
    assert [(one.path, one.severity.value) for one in told] == [(pointer, "warning")]


@pytest.mark.parametrize(
    ("ref", "code", "hint"),
    [
        ("../port.yaml", "DP201", "keep the file below the folder of the root document"),
        ("/port.yaml", "DP201", "write a path relative to this file"),
        ("https://example.org/port.yaml", "DP201", "keep a copy beside the document"),
        (None, "DP205", "write a path such as ports/orders.yaml"),
    ],
)
def test_a_reference_that_cannot_be_followed(ref: str | None, code: str, hint: str) -> None:
    document = full()
    document["interfaceComponents"]["outputPorts"] = [{"$ref": ref}]
    (found,) = problems("dp.json", json.dumps(document))
    assert found.code == code
    assert found.hint.startswith(hint)


def test_references_that_are_followed_and_those_inside_definitions_are_no_strays() -> None:
    document = full()
    port = document["interfaceComponents"]["outputPorts"][0]
    port["promises"]["api"]["definition"] = {"type": "object", "properties": {"a": {"$ref": "#/b"}}}
    document["components"] = {"outputPorts": {"a": port}}
    document["interfaceComponents"]["outputPorts"] = [{"$ref": "#/components/outputPorts/a"}]
    assert [one for one in problems("dp.json", json.dumps(document)) if one.code == "DP359"] == []


def test_a_plain_name_where_a_fully_qualified_one_belongs() -> None:
    document = full()
    one, other = ({"name": name, "version": "1.0.0"} for name in ("loader", "cleaner"))
    document["internalComponents"] = {"applicationComponents": [{**one, "dependsOn": ["cleaner", "nobody"]}, other]}
    told = [(one.path[-1], one.hint) for one in problems("dp.json", json.dumps(document)) if one.code == "DP454"]
    fqn = "urn:dpds:org.example:dataproducts:orders:1:applications:cleaner"
    assert told == [("0", f"write {fqn}"), ("1", "")]
    document["internalComponents"]["applicationComponents"][0]["dependsOn"] = [fqn]
    assert [one.code for one in problems("dp.json", json.dumps(document)) if one.code == "DP454"] == []
