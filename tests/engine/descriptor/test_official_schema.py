"""Where does our schema differ from the official one, and is every difference one that we chose?

The official schema is only compared with. Each document is judged by both; where the verdicts differ, a named rule of
this table must explain it: `looser` are defects of the official schema (reference 1.8), `stricter` what it forgot.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from sample_descriptors import DATA, SAMPLES, full, mutated

from engine.descriptor import schema

OFFICIAL = DATA / "odm-specification-dpdescriptor" / "schemas" / "v1.0.0" / "schema.json"
pytestmark = pytest.mark.skipif(not OFFICIAL.is_file(), reason=f"the official schema is not at {OFFICIAL}")
AGREEMENTS = ("promises", "expectations", "obligations", "configurations")


def nodes(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    yield path, node
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        yield from nodes(value, (*path, key))


def reasons(document: Any) -> set[str]:
    """The rules that may make the two verdicts differ for this document."""
    found = set()
    for path, node in nodes(document):
        last = path[-1] if path else None
        if node is None:
            found.add("looser: explicit nulls")
        if isinstance(node, dict):
            if "$ref" in node and last in (*AGREEMENTS, "api", "slo", "template", "service"):
                found.add("looser: references where the official schema has a faulty oneOf or none")
            if "$ref" in node and not isinstance(node["$ref"], str):
                found.add("stricter: $ref is a text")
            if "$ref" in node and len(node) > 1:
                found.add("looser: fields beside $ref")
            if "definition" in node and not ("name" in node and "version" in node):
                found.add("looser: standard definitions without name or version")
            if last == "info" and "fullyQualifiedName" not in node:
                found.add("looser: read-only info.fullyQualifiedName left out")
        if node == "":
            found.add("stricter: empty required texts")
        if isinstance(node, float) and last == "order":
            found.add("stricter: order is an integer")
        if "components" in path[:1]:
            found.add("stricter: components.apis, components.templates and component keys")
        if last in ("dependsOn", "x-dependsOn"):
            found.add("stricter: dependsOn of input ports")
        if (
            not isinstance(node, dict)
            and isinstance(last, (int, str))
            and ((len(path) > 1 and path[-2] in PORTS) or last in TYPED)
        ):
            found.add("stricter: entities and agreements are objects")
    return found


PORTS = ("inputPorts", "outputPorts", "discoveryPorts", "observabilityPorts", "controlPorts")
TYPED = ("api", "slo", "template")


def verdicts(document: Any) -> tuple[bool, bool]:
    """Whether ours and whether the official schema accept the document."""
    return not schema.violations(document), OFFICIAL_VALIDATOR.is_valid(document)


OFFICIAL_VALIDATOR: Any = (
    jsonschema_rs.Draft202012Validator(json.loads(OFFICIAL.read_bytes()), retriever=schema.refuse_to_fetch)
    if OFFICIAL.is_file()
    else None
)


def test_both_accept_the_full_document() -> None:
    assert verdicts(full()) == (True, True)


def test_every_difference_is_a_rule_of_the_table() -> None:
    chance = random.Random(3)
    documents = [full(), *(json.loads(path.read_bytes()) for path in SAMPLES)]
    different: Counter[str] = Counter()
    for _ in range(1500):
        document = mutated(chance.choice(documents), chance)
        ours, theirs = verdicts(document)
        if ours == theirs:
            continue
        direction = "looser" if ours else "stricter"
        explained = {one for one in reasons(document) if one.startswith(direction)}
        assert explained, (direction, schema.violations(document), document)
        different.update(explained)
    assert len(different) >= 6, different
