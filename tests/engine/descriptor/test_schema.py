"""Does our schema of DPDS 1.0.0 say the same through both validators, and do its messages tell what to do?"""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from jsonschema_rs import Draft202012Validator
from referencing import Registry
from sample_descriptors import SAMPLES, full, mutated

from engine.descriptor import Parts, Submission, ingest, schema
from engine.descriptor.schema import Violation
from engine.model import Problem

REFERENCE = jsonschema.Draft202012Validator(schema.document(), registry=Registry())


def reference_violations(value: Any) -> list[Violation]:
    """The same question, answered by the reference validator."""
    found = {str(one): one for error in REFERENCE.iter_errors(value) for one in _read(error)}
    return [found[text] for text in sorted(found)]


def _read(error: jsonschema.ValidationError) -> list[Violation]:
    path, parameter = tuple(error.absolute_path), error.validator_value
    match error.validator:
        case "required":
            return [Violation(path, "required", one) for one in parameter if one not in error.instance]
        case "type":
            return [Violation(path, "type", sorted(parameter) if isinstance(parameter, list) else [parameter])]
        case "pattern":
            return [Violation(path, "propertyNames", error.instance)]
    return [Violation(path, str(error.validator), parameter)]


def test_both_validators_see_the_same_violations() -> None:
    chance = random.Random(1)
    documents = [full(), *(json.loads(path.read_bytes()) for path in SAMPLES)]
    seen: set[str] = set()
    for _ in range(400):
        document = mutated(chance.choice(documents), chance)
        found = schema.violations(document)
        assert found == reference_violations(document), document
        seen |= {one.keyword for one in found}
    assert seen == {"type", "required", "minLength", "propertyNames"}


def test_the_schema_is_a_schema_and_needs_no_other() -> None:
    jsonschema.Draft202012Validator.check_schema(schema.document())
    assert {ref for ref in re.findall(r'"\$ref": "([^"]+)"', json.dumps(schema.document())) if ref[0] != "#"} == set()


def test_nothing_is_ever_fetched(tmp_path: Path) -> None:
    elsewhere = tmp_path / "other.json"
    elsewhere.write_text("true")
    with pytest.raises(Exception, match="nothing is fetched"):
        Draft202012Validator({"$ref": elsewhere.as_uri()}, retriever=schema.refuse_to_fetch)


def problems(text: str) -> list[Problem]:
    head = 'dataProductDescriptor: "1.0.0"\n'
    return [
        one
        for one in ingest(Submission("dp.yaml", Parts({"dp.yaml": (head + text).encode()})), namespace="a").problems
        if one.code.startswith("DP3")
    ]


def test_a_number_for_a_version_says_what_to_write() -> None:
    text = "info: {name: a, domain: b, owner: {id: c},\n  version: 1.10 }\ninterfaceComponents: {outputPorts: []}\n"
    (one,) = problems(text)
    assert (one.code, one.msg, one.path, one.place.line, one.place.column, one.hint) == (
        "DP302",
        "version is the number 1.1, not a string",
        "/info/version",
        3,
        12,
        "write version: '1.10' quoted",
    )


def test_a_missing_field_points_at_the_object_that_lacks_it() -> None:
    text = "info:\n  name: a\n  version: 1.0.0\n  domain: b\ninterfaceComponents:\n  outputPorts: []\n"
    (one,) = problems(text)
    assert (one.code, one.msg, one.path, one.place.line, one.place.source_path) == (
        "DP301",
        "info has no owner",
        "/info/owner",
        2,
        "/info",
    )


def test_every_violation_is_reported_at_once() -> None:
    text = "info: []\ninterfaceComponents:\n  outputPorts:\n    - name: ''\n      tags: x\n"
    text += "components:\n  apis:\n    a b: {}\n"
    assert [(one.code, one.path, one.place.line, one.msg) for one in problems(text)] == [
        ("DP302", "/info", 2, "info is a list, not an object"),
        ("DP301", "/interfaceComponents/outputPorts/0/version", 5, "outputPorts[0] has no version"),
        ("DP305", "/interfaceComponents/outputPorts/0/name", 5, "name is empty"),
        ("DP302", "/interfaceComponents/outputPorts/0/tags", 6, "tags is a string, not a list"),
        ("DP301", "/components/apis/a b/definition", 9, "a b has no definition"),
        ("DP301", "/components/apis/a b/specification", 9, "a b has no specification"),
        ("DP304", "/components/apis/a b", 9, "the key 'a b' may hold only letters, digits, '.', '-' and '_'"),
    ]
