"""Where does our schema differ from the official one, and is every difference one that we chose?

The official schema is only compared with. Each document is judged by both; where the verdicts differ, the rules of
tests/official_rules.py must explain it to the last difference: once they repaired the document, the verdicts agree.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from typing import Any

import jsonschema_rs
import pytest
from official_rules import LOOSER, RULES, Rule
from sample_descriptors import DATA, SAMPLES, definition, full, mutated

from engine.descriptor import schema

OFFICIAL = DATA / "odm-specification-dpdescriptor" / "schemas" / "v1.0.0" / "schema.json"
pytestmark = pytest.mark.skipif(not OFFICIAL.is_file(), reason=f"the official schema is not at {OFFICIAL}")
BY_NAME = {rule.name: rule for rule in RULES}


def verdicts(document: Any) -> tuple[bool, bool]:
    """Whether ours and whether the official schema accept the document."""
    return not schema.violations(document), OFFICIAL_VALIDATOR.is_valid(document)


OFFICIAL_VALIDATOR: Any = (
    jsonschema_rs.Draft202012Validator(json.loads(OFFICIAL.read_bytes()), retriever=schema.refuse_to_fetch)
    if OFFICIAL.is_file()
    else None
)


def repaired(document: Any, without: str = "") -> tuple[Any, list[Rule]]:
    """A copy that every rule (but one) repaired, and the rules that had something to repair."""
    document = copy.deepcopy(document)
    return document, [rule for rule in RULES if rule.name != without and rule.repair(document)]


def explain(document: Any) -> None:
    ours, theirs = verdicts(document)
    after, applied = repaired(document)
    assert len(set(verdicts(after))) == 1, (schema.violations(after), after)
    if ours != theirs:
        assert [rule for rule in applied if (rule.accepts == LOOSER) == ours], document


def test_both_accept_the_full_document() -> None:
    assert verdicts(full()) == (True, True)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_difference_in_a_published_descriptor_is_a_rule_of_the_table(path: Any) -> None:
    explain(json.loads(path.read_bytes()))


def test_every_difference_in_thousands_of_broken_documents_is_a_rule_of_the_table() -> None:
    chance = random.Random(3)
    documents = [full(), *(json.loads(path.read_bytes()) for path in SAMPLES)]
    for _ in range(4000):
        explain(mutated(chance.choice(documents), chance))


def output(document: Any) -> Any:
    return document["interfaceComponents"]["outputPorts"][0]


def task(document: Any) -> Any:
    return document["internalComponents"]["lifecycleInfo"]["dev"][0]


EXAMPLES: dict[str, Callable[[Any], Any]] = {
    "null-fields": lambda d: output(d).update(displayName=None),
    "agreement-by-reference": lambda d: output(d).update(promises={"$ref": "promises.yaml"}),
    "definition-by-reference": lambda d: output(d)["promises"].update(api={"$ref": "#/components/apis/orders-api"}),
    "fields-beside-reference": lambda d: output(d).update({"$ref": "port.yaml"}),
    "unnamed-definition": lambda d: output(d)["promises"]["api"].pop("name"),
    "service-by-reference": lambda d: task(d).update(service={"$ref": "{azure-devops}"}),
    "read-only-name": lambda d: d["info"].pop("fullyQualifiedName"),
    "empty-text": lambda d: output(d).update(version=""),
    "reference-no-text": lambda d: output(d).update({"$ref": 1}),
    "fractional-order": lambda d: task(d).update(order=1.5),
    "undeclared-components": lambda d: d["components"]["apis"].update(a="no definition"),
    "component-keys": lambda d: d["components"].update(outputPorts={"a b": {"name": "a", "version": "1.0.0"}}),
    "reading": lambda d: d["interfaceComponents"]["inputPorts"][0].update(dependsOn=1),
    "misspelt-policy": lambda d: output(d)["promises"].update(depreceationPolicy={"name": "a"}),
}


def test_every_rule_has_an_example() -> None:
    assert list(EXAMPLES) == list(BY_NAME)


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_rule_is_needed_and_goes_in_its_direction(name: str) -> None:
    document = full()
    EXAMPLES[name](document)
    ours_accepts = BY_NAME[name].accepts == LOOSER
    assert verdicts(document) == (ours_accepts, not ours_accepts)
    assert len(set(verdicts(repaired(document, without=name)[0]))) == 2
    assert verdicts(repaired(document)[0]) == (True, True)


def test_a_rule_repairs_nothing_that_both_schemas_know() -> None:
    document = full()
    output(document)["promises"]["api"] = definition(order=1)
    document["interfaceComponents"]["inputPorts"][0].pop("dependsOn")
    document["components"].pop("apis")
    document["components"].pop("templates")
    assert repaired(document) == (document, [])
