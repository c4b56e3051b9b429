"""Does a fix land where its target was written, and nowhere else?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from engine.descriptor import Parts, Submission, ingest
from engine.descriptor.limits import Limits
from engine.descriptor.source import parse
from engine.fixing.edits import Action, CannotFix, Edit
from engine.fixing.placing import of_patch
from engine.model import Json

ROOT = """\
dataProductDescriptor: "1.0.0"
info: {name: orders, version: "1.4.0", domain: sales, owner: {id: jo}}
interfaceComponents:
  outputPorts:
    - $ref: ports/placed.yaml
    - name: shipped
      version: "1.0"
      tags: [a, b]
      promises:
        depreceationPolicy: {definition: {}}
        api: {$ref: "#/components/apis/one", description: Mine}
components:
  apis:
    one: {name: one, version: "1.0", specification: custom, definition: {x: 1}}
"""
PORT = "name: placed\nversion: '2.1'\n"
FILES = {"orders.yaml": ROOT, "ports/placed.yaml": PORT}


def placed(*patch: dict[str, Json], files: Mapping[str, str] = FILES) -> list[Edit]:
    contents = {name: text.encode() for name, text in files.items()}
    descriptor = ingest(Submission("orders.yaml", Parts(contents)), namespace="org.example")
    assert descriptor.effective is not None
    return of_patch(patch, descriptor, lambda file: parse(file, contents[file], Limits()).value)


PORTS = ("interfaceComponents", "outputPorts")


@pytest.mark.parametrize(
    ("operation", "edit"),
    [
        (
            {"op": "replace", "path": "/info/version", "value": "1.4.0"},
            Edit("orders.yaml", ("info", "version"), Action.SET, "1.4.0"),
        ),
        (
            {"op": "add", "path": "/info/displayName", "value": "Orders"},
            Edit("orders.yaml", ("info", "displayName"), Action.SET, "Orders"),
        ),
        (
            {"op": "replace", "path": "/interfaceComponents/outputPorts/0/version", "value": "2.1.0"},
            Edit("ports/placed.yaml", ("version",), Action.SET, "2.1.0"),
        ),
        (
            {"op": "add", "path": "/interfaceComponents/outputPorts/0/tags", "value": ["x"]},
            Edit("ports/placed.yaml", ("tags",), Action.SET, ["x"]),
        ),
        (
            {"op": "replace", "path": "/interfaceComponents/outputPorts/1/promises/api/version", "value": "1.0.0"},
            Edit("orders.yaml", ("components", "apis", "one", "version"), Action.SET, "1.0.0"),
        ),
        (
            {"op": "replace", "path": "/interfaceComponents/outputPorts/1/promises/api/description", "value": "Ours"},
            Edit("orders.yaml", (*PORTS, 1, "promises", "api", "description"), Action.SET, "Ours"),
        ),
        (
            {"op": "add", "path": "/interfaceComponents/outputPorts/1/tags/-", "value": "c"},
            Edit("orders.yaml", (*PORTS, 1, "tags", 2), Action.INSERT, "c"),
        ),
        (
            {"op": "remove", "path": "/interfaceComponents/outputPorts/1/tags/0"},
            Edit("orders.yaml", (*PORTS, 1, "tags", 0), Action.REMOVE),
        ),
    ],
)
def test_an_operation_becomes_an_edit_where_its_target_stands(operation: dict[str, Any], edit: Edit) -> None:
    assert placed(operation) == [edit]


@pytest.mark.parametrize(
    ("operation", "reason"),
    [
        ({"op": "move", "from": "/info/name", "path": "/info/x"}, "only add, replace, remove and test can be placed"),
        ({"op": "replace", "path": "/info/nothing", "value": 1}, "there is no /info/nothing"),
        ({"op": "add", "path": "/a/b", "value": 1}, "there is no /a"),
        ({"op": "replace", "path": "/info/name"}, "it gives no value"),
        ({"op": "replace", "path": "", "value": 1}, "its path is no JSON Pointer to a part of the descriptor"),
        ({"op": "replace", "path": 7, "value": 1}, "its path is no JSON Pointer to a part of the descriptor"),
        ({"op": "test", "path": "/info/name", "value": "other"}, "the value is another one"),
        ({"op": "replace", "path": "/info/entityType", "value": "x"}, "is not written so in orders.yaml"),
        ({"op": "add", "path": "/interfaceComponents/outputPorts/1/tags/9", "value": 1}, "nothing can be added there"),
        ({"op": "add", "path": "/info/name/x", "value": 1}, "nothing can be added there"),
        ({"op": "remove", "path": "/interfaceComponents/outputPorts/0"}, "behind a `$ref`, which others may use too"),
        ({"op": "replace", "path": "/interfaceComponents/outputPorts/0", "value": {}}, "it is the whole file"),
        (
            {"op": "add", "path": "/interfaceComponents/outputPorts/1/promises/deprecationPolicy/x", "value": 1},
            "is not written so in orders.yaml",
        ),
    ],
)
def test_an_operation_that_cannot_be_placed_says_why(operation: dict[str, Any], reason: str) -> None:
    with pytest.raises(CannotFix) as error:
        placed(operation)
    assert str(error.value).startswith(f"{operation['op']} {operation['path']}: ")
    assert reason in str(error.value)


def test_one_operation_that_cannot_be_placed_keeps_the_whole_patch_away() -> None:
    good = {"op": "replace", "path": "/info/version", "value": "1.4.0"}
    with pytest.raises(CannotFix):
        placed(good, {"op": "test", "path": "/info/name", "value": "x"})
    assert len(placed({"op": "test", "path": "/info/name", "value": "orders"}, good)) == 1


def test_json_and_keys_with_slashes_are_placed_too() -> None:
    document = {"dataProductDescriptor": "1.0.0", "info": {"a/b~": 1, "name": "o", "version": "1.0.0"}}
    found = placed({"op": "replace", "path": "/info/a~1b~0", "value": 2}, files={"orders.yaml": json.dumps(document)})
    assert found == [Edit("orders.yaml", ("info", "a/b~"), Action.SET, 2)]
