"""Are references followed where DPDS has them, and only there, and does every part remember where it came from?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.descriptor import Directory, Limits, Parts, Submission, ingest
from engine.model import Descriptor, Place

HEAD = 'dataProductDescriptor: "1.0.0"\ninfo: {name: a1, version: 1.0.0, domain: b1, owner: {id: c}}\n'


def submitted(text: str, **files: str) -> Descriptor:
    """The descriptor of a root document (its head given) and further files, `__` for `/` and `_DOT_` for `.`."""
    parts = {name.replace("__", "/").replace("_DOT_", "."): content.encode() for name, content in files.items()}
    return ingest(Submission("dp.yaml", Parts({"dp.yaml": (HEAD + text).encode(), **parts})), namespace="n1")


def value(found: Descriptor, *path: Any) -> Any:
    node: Any = found.effective
    assert node is not None, found.problems
    for step in path:
        node = node[step]
    return node


PORT = ("interfaceComponents", "outputPorts", 0)


def test_a_reference_becomes_what_it_names_and_the_description_overrides() -> None:
    found = submitted(
        "interfaceComponents:\n  outputPorts:\n    - $ref: ports/p.yaml\n      description: mine\n",
        ports__p_DOT_yaml="{name: p1, version: 1.0.0, description: its, promises: {api: {$ref: ../apis/a.json#/x~1y}}}",
        apis__a_DOT_json='{"x/y": {"name": "api", "version": "1.0.0", "specification": "s",\n "definition": {"k": 1}}}',
    )
    assert value(found, *PORT, "description") == "mine"
    assert value(found, *PORT, "promises", "api", "definition") == {"k": 1}
    assert [part.path for part in found.parts] == ["dp.yaml", "ports/p.yaml", "apis/a.json"]
    assert [(one.code, one.place.file) for one in found.problems] == [("DP253", "ports/p.yaml")]


def test_every_node_knows_its_file_pointer_and_chain() -> None:
    found = submitted(
        "interfaceComponents:\n  outputPorts:\n    - $ref: ports/p.yaml\n      description: mine\n",
        ports__p_DOT_yaml="name: p1\nversion: 1.0.0\npromises:\n  api: {$ref: ../a.json#/x}\n",
        a_DOT_json='{"x": {"name": "api", "version": "1.0.0", "specification": "s",\n "definition": {"k": 1}}}',
    )
    first = "dp.yaml#/interfaceComponents/outputPorts/0"
    second = "ports/p.yaml#/promises/api"
    assert found.locate((*PORT, "version")) == Place("ports/p.yaml", 2, 10, "/version", (first,))
    definition = (*PORT, "promises", "api", "definition")
    assert found.locate((*definition, "k")) == Place("a.json", 2, 22, "/x/definition/k", (first, second))
    assert found.locate((*definition, "k", "missing")) == found.locate((*definition, "k"))
    assert found.locate((*PORT, "description")) == Place(
        "dp.yaml", 6, 20, "/interfaceComponents/outputPorts/0/description"
    )
    assert found.locate((*PORT, "id")) == Place("ports/p.yaml", 1, 1, "", (first,))


def test_a_reference_through_several_others_is_followed_to_its_end() -> None:
    apis = "a: {$ref: '#/components/apis/b'}, b: {$ref: '#components/apis/c', description: over}"
    found = submitted(
        "interfaceComponents:\n  outputPorts:\n"
        "    - {name: p1, version: 1.0.0, promises: {api: {$ref: '#/components/apis/a'}}}\n"
        f"components: {{apis: {{{apis}, c: {{name: c, version: 1.0.0, specification: s, definition: text}}}}}}\n"
    )
    assert value(found, *PORT, "promises", "api") == {
        "name": "c",
        "version": "1.0.0",
        "specification": "s",
        "definition": "text",
        "description": "over",
    }
    assert {one.code for one in found.problems} == {"DP251", "DP253"}
    assert found.has_errors is False


def test_the_content_of_a_definition_is_opaque() -> None:
    schema = "{$ref: '#/$defs/node', $defs: {node: {properties: {next: {$ref: '#/$defs/node'}}}}}"
    api = f"{{name: n1, version: 1.0.0, specification: s, definition: {schema}}}"
    port = f"{{name: p1, version: 1.0.0, promises: {{api: {api}}}}}"
    found = submitted(f"interfaceComponents: {{outputPorts: [{port}]}}\n")
    assert value(found, *PORT, "promises", "api", "definition", "$ref") == "#/$defs/node"
    assert found.problems == ()


def test_what_a_definition_names_keeps_its_own_references() -> None:
    text = "interfaceComponents:\n  outputPorts:\n    - name: p1\n      version: 1.0.0\n      promises:\n        api:\n"
    definition = "{$ref: schema.json, mediaType: text/json}"
    text += f"          {{name: n1, version: 1.0.0, specification: s, definition: {definition}}}\n"
    found = submitted(text, schema_DOT_json='{"$ref": "http://elsewhere/schema", "x": {"$ref": "../up"}}')
    assert value(found, *PORT, "promises", "api", "definition") == {
        "$ref": "http://elsewhere/schema",
        "x": {"$ref": "../up"},
    }
    assert found.problems == ()


@pytest.mark.parametrize(
    ("file", "content", "expected"),
    [
        ("a.proto", 'syntax = "proto3";\n', 'syntax = "proto3";\n'),
        ("a.avsc", '{"type": "record"}', {"type": "record"}),
        ("a.txt", '{"type": "record"}', {"type": "record"}),
        ("a.txt", "{not json", "{not json"),
        ("a.yaml", "type: record\n", {"type": "record"}),
    ],
)
def test_a_definition_that_is_neither_json_nor_yaml_becomes_a_string(file: str, content: str, expected: Any) -> None:
    api = f"{{name: n1, version: 1.0.0, specification: s, definition: {{$ref: {file}}}}}"
    text = f"{HEAD}interfaceComponents: {{outputPorts: [{{name: p1, version: 1.0.0, promises: {{api: {api}}}}}]}}\n"
    parts = Parts({"dp.yaml": text.encode(), file: content.encode()})
    found = ingest(Submission("dp.yaml", parts), namespace="n1")
    assert value(found, *PORT, "promises", "api", "definition") == expected
    assert found.problems == ()


def test_references_elsewhere_and_href_are_kept_as_written() -> None:
    found = submitted(
        "x-a: {$ref: ../outside}\nexternalDocs: {$href: 'http://never/fetched'}\n"
        "interfaceComponents: {outputPorts: []}\n"
        "internalComponents: {lifecycleInfo: {dev: [{service: {$ref: 'file:///etc/passwd'}}]}}\n"
    )
    assert value(found, "x-a") == {"$ref": "../outside"}
    assert [one.code for one in found.problems] == ["DP353"]


def test_fields_beside_a_reference_are_ignored_with_a_warning() -> None:
    found = submitted(
        "interfaceComponents:\n  outputPorts:\n    - $ref: p.yaml\n      version: 9.9.9\n      x-mine: 1\n",
        p_DOT_yaml="name: p1\nversion: 1.0.0\n",
    )
    assert value(found, *PORT, "version") == "1.0.0"
    assert [(one.code, one.place.line, one.msg) for one in found.problems] == [
        ("DP252", 6, "beside $ref, version is ignored")
    ]


def test_every_broken_reference_is_reported_at_once() -> None:
    found = submitted("interfaceComponents:\n  outputPorts:\n    - $ref: a.yaml\n    - $ref: /b\n    - $ref: '#/c'\n")
    assert [(one.code, one.place.line, one.path) for one in found.problems] == [
        ("DP202", 5, "/interfaceComponents/outputPorts/0"),
        ("DP201", 6, "/interfaceComponents/outputPorts/1"),
        ("DP202", 7, "/interfaceComponents/outputPorts/2"),
    ]


def test_the_limits_hold_for_the_effective_document() -> None:
    apis = ", ".join(f"a{at}: {{$ref: '#/components/apis/z'}}" for at in range(20))
    apis += ", z: {definition: {a: [1, 2, 3]}}"
    text = f"{HEAD}interfaceComponents: {{outputPorts: []}}\ncomponents: {{apis: {{{apis}}}}}\n"
    parts = Parts({"dp.yaml": text.encode()})
    found = ingest(Submission("dp.yaml", parts), namespace="n1", limits=Limits(nodes=150))
    assert [(one.code, one.msg) for one in found.problems] == [
        ("DP206", "more than 150 keys and values once references are resolved")
    ]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "secret.yaml").write_text("name: secret\nversion: 1.0.0\n")
    root = tmp_path / "product"
    (root / "ports").mkdir(parents=True)
    (root / "ports" / "p.yaml").write_text("name: p1\nversion: 1.0.0\n")
    return root


@pytest.mark.parametrize(
    ("ref", "code"),
    [
        ("ports/p.yaml", None),
        ("inside.yaml", None),
        ("outside.yaml", "DP201"),
        ("up/secret.yaml", "DP201"),
        ("ports", "DP202"),
    ],
)
def test_links_are_followed_only_inside_the_folder(folder: Path, ref: str, code: str | None) -> None:
    (folder / "inside.yaml").symlink_to(folder / "ports" / "p.yaml")
    (folder / "outside.yaml").symlink_to(folder.parent / "secret.yaml")
    (folder / "up").symlink_to(folder.parent)
    (folder / "dp.yaml").write_text(f"{HEAD}interfaceComponents: {{outputPorts: [{{$ref: {ref}}}]}}\n")
    found = ingest(Submission("dp.yaml", Directory(folder)), namespace="n1")
    assert [one.code for one in found.problems] == ([] if code is None else [code])


@pytest.mark.parametrize("root", ["nothing.yaml", "../secret.yaml", "ports", "a\0b"])
def test_a_root_that_cannot_be_read_is_a_problem(folder: Path, root: str) -> None:
    found = ingest(Submission(root, Directory(folder)))
    assert [(one.code, one.place.file) for one in found.problems] == [("DP117", root)]
    assert found.parts == ()
