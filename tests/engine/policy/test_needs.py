"""Does a policy read of the catalog only what it says that it needs?"""

from __future__ import annotations

from pathlib import Path

import pytest
import rego

from engine.errors import BundleInvalid
from engine.policy import bundle as bundles

ID = "trial.first"
FILE = "trial/first/first.rego"
LIBRARY = 'package lib.h\n\nimport rego.v1\n\nupstream := object.get(input, ["_context", "mesh", "upstream"], [])\n'
READERS = [
    ("input._context.mesh.upstream[_].resolved == false", "mesh"),
    ('input["_context"]["mesh"] == null', "mesh"),
    ("some x in [y | y := input._context.previous.info]; x", "previous"),
    ("not input._context.previous", "previous"),
    ('object.get(input, ["_context", "mesh", "upstream"], []) == []', "mesh"),
    ('count(object.get(input, ["_context", "previous"], {})) == 0', "previous"),
    ('object.get(input._context, "mesh", {}).upstream == []', "mesh"),
    ('object.get(input, "_context", {}).mesh == null', "mesh"),
    ('object.get(object.get(input, "_context", {}), ["mesh"], {}) == {}', "mesh"),
    ('object.get(input, "x", object.get(input, ["_context", "mesh"], 1)) == 1', "mesh"),
    ("context.previous.info", "previous"),
]


def declaring(folder: Path, condition: str, needs: str) -> Path:
    annotations = rego.ANNOTATIONS.replace("category: test", f"category: test\n#   needs: [{needs}]")
    rules = f"import input._context as context\n\n{rego.violation(condition)}"
    file = folder / FILE
    file.parent.mkdir(parents=True)
    file.write_text(rego.policy(ID, rules, annotations=annotations))
    return folder


@pytest.mark.parametrize(("condition", "fact"), READERS)
def test_what_is_read_of_the_catalog_is_declared(tmp_path: Path, condition: str, fact: str) -> None:
    other = {"mesh": "previous", "previous": "mesh"}[fact]
    with pytest.raises(BundleInvalid) as caught:
        bundles.load([declaring(tmp_path / "other", condition, other)])
    folder = tmp_path / "other"
    line = len((folder / FILE).read_text().splitlines())
    told = f"trial.first reads input._context.{fact} and does not say so: write `needs: [{fact}]`"
    assert caught.value.detail == f"{folder / FILE}:{line}: {told}"
    assert bundles.load([declaring(tmp_path / "same", condition, fact)]).policies[ID].needs == {fact}


def test_what_a_library_reads_is_read_by_the_policy_that_uses_it(tmp_path: Path) -> None:
    rules = f"{rego.violation('helped')}\n\nhelped if count(data.lib.h.upstream) > 0"
    with pytest.raises(BundleInvalid) as caught:
        bundles.load([rego.write(tmp_path, {ID: rules}, libraries={"lib/h.rego": LIBRARY})])
    told = "trial.first reads input._context.mesh and does not say so: write `needs: [mesh]`"
    assert caught.value.detail == f"{tmp_path / 'lib/h.rego'}:5: {told}"


def test_a_library_that_nobody_uses_needs_nothing(tmp_path: Path) -> None:
    folder = rego.write(tmp_path, {ID: rego.violation("input.a")}, libraries={"lib/h.rego": LIBRARY})
    assert bundles.load([folder]).policies[ID].needs == frozenset()


@pytest.mark.parametrize(
    "condition",
    [
        "input.mesh.previous == 1",
        "input._context.environment == 1",
        'object.get(input, ["_context", "parameters", "mesh.a.b"], {}) == {}',
        'object.get(input, ["mesh"], {}) == {}',
        'x := input._context; y := {"mesh": x}; y.mesh == 1',
    ],
)
def test_everything_else_is_there_everywhere(tmp_path: Path, condition: str) -> None:
    folder = rego.write(tmp_path, {ID: rego.violation(condition)})
    assert bundles.load([folder]).policies[ID].needs == frozenset()
