"""Do policies that were written for an Open Data Mesh platform see on every engine what they would see there?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import rego

from engine.errors import BundleInvalid
from engine.model import Bundle, Finding, InputShape
from engine.policy import bundle as bundles
from engine.policy.embedded import EmbeddedEngine
from engine.policy.opa import OpaServer
from engine.policy.port import PolicyEngine

NAMED, GROWN, SETS, PLAIN = "odm.named", "odm.grown", "odm.sets", "odm.plain"
ODM = rego.ANNOTATIONS.replace("#   category: test\n", "#   category: test\n#   input: odm\n")
PREVIOUS = ODM.replace("#   findings:", "#   needs: [previous]\n#   findings:")
TEXTS = {
    NAMED: rego.policy(
        NAMED,
        'default allow := false\n\nallow if startswith(input.afterState.dataProductVersion.info.name, "dp-")',
        annotations=ODM,
    ),
    GROWN: rego.policy(
        GROWN,
        "allow if is_null(input.currentState)\n\n"
        "allow if input.afterState.dataProductVersion.size >= input.currentState.dataProductVersion.size",
        annotations=PREVIOUS,
    ),
    SETS: rego.policy(
        SETS,
        'deny contains "no info" if not input.afterState.dataProductVersion.info\n\n'
        'deny contains "context" if input.afterState.dataProductVersion._context',
        annotations=ODM,
    ),
    PLAIN: rego.policy(PLAIN, rego.violation("input.afterState")),
}


def load(folder: Path, texts: dict[str, str]) -> Bundle:
    for id, text in texts.items():
        file = folder / id.replace(".", "/") / f"{id.rpartition('.')[2]}.rego"
        file.parent.mkdir(parents=True)
        file.write_text(text)
    return bundles.load([folder])


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return load(tmp_path_factory.mktemp("policies"), TEXTS)


@pytest.fixture(scope="module", params=["embedded", "opa"])
def engine(request: pytest.FixtureRequest) -> Iterator[PolicyEngine]:
    opa = request.param == "opa"
    made = OpaServer(request.getfixturevalue("opa_url"), push=True) if opa else EmbeddedEngine()
    yield made
    made.close()


def objecting(engine: PolicyEngine, bundle: Bundle, descriptor: dict[str, Any], previous: Any = None) -> dict[str, str]:
    """The message of each policy that objects."""
    asked = sorted(TEXTS)
    given = {**descriptor, "_context": {"policies": asked, "previous": previous}}
    answers = engine.evaluate(bundle, asked, given)
    assert all(isinstance(answer, tuple) for answer in answers.values()), answers
    return {id: found.msg for id, answer in answers.items() if isinstance(answer, tuple) for found in answer}


def test_the_annotation_is_part_of_the_policy(bundle: Bundle) -> None:
    assert {id: policy.input for id, policy in bundle.policies.items()} == {
        **dict.fromkeys((NAMED, GROWN, SETS), InputShape.ODM),
        PLAIN: InputShape.DESCRIPTOR,
    }


def test_a_good_product_passes_and_the_others_see_the_plain_descriptor(engine: PolicyEngine, bundle: Bundle) -> None:
    assert objecting(engine, bundle, {"info": {"name": "dp-orders"}}) == {}


def test_the_descriptor_is_the_state_after(engine: PolicyEngine, bundle: Bundle) -> None:
    refused = "the rule allow is not true"
    assert objecting(engine, bundle, {"info": {"name": "orders"}}) == {NAMED: refused}
    assert objecting(engine, bundle, {}) == {NAMED: refused, SETS: "no info"}


@pytest.mark.parametrize(("size", "told"), [(3, {}), (1, {GROWN: "the rule allow is not true"})])
def test_the_previous_version_is_the_current_state(
    engine: PolicyEngine, bundle: Bundle, size: int, told: dict[str, str]
) -> None:
    descriptor = {"info": {"name": "dp-x"}, "size": size}
    assert objecting(engine, bundle, descriptor, {"info": {}, "size": 2}) == told


def test_one_that_reads_the_current_state_says_that_it_needs_the_previous_version(tmp_path: Path) -> None:
    with pytest.raises(BundleInvalid, match=r"odm.grown reads input.currentState .* write `needs: \[previous\]`"):
        load(tmp_path, {GROWN: TEXTS[GROWN].replace("#   needs: [previous]\n", "")})


def test_a_shape_that_nobody_knows_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(BundleInvalid, match=r"named.rego:9: custom.input is 'spel'; known are descriptor, odm"):
        load(tmp_path, {NAMED: TEXTS[NAMED].replace("input: odm", "input: spel")})


def test_findings_carry_no_path_into_a_document_that_the_author_never_saw(engine: PolicyEngine, bundle: Bundle) -> None:
    answer = engine.evaluate(bundle, [SETS], {"_context": {"policies": [SETS]}})[SETS]
    assert answer == (Finding(SETS, "deny", "no info", ()),)
