"""Which paths of the input can a policy read? Never fewer than it does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import rego

from engine.model import Bundle
from engine.policy import bundle as bundles
from engine.policy.reading import Reading
from engine.policy.workers import Workers

LIBRARY = """\
package lib.h

import rego.v1

tags(holder) := holder.tags

either(holder) := tags(holder)

either(holder) := object.get(holder, ["info", "tags"], [])

pattern({"info": info}) := info

known := input.info.known

default kind := "x"

kind := input.kind

unused := walk(input)
"""


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    pool = Workers(1, memory_mib=512)
    yield pool
    pool.close()


def loaded(folder: Path, rules: str, workers: Workers, library: str = LIBRARY) -> Bundle:
    annotated = rego.ANNOTATIONS.replace("category: test", "category: test\n#   needs: [mesh, previous]")
    text = rego.policy("trial.first", rules, annotations=annotated)
    rego.write(folder, {}, libraries={"trial/first/first.rego": text, "lib/h/h.rego": library})
    return bundles.load([folder], workers=workers)


def read(folder: Path, rules: str, workers: Workers, library: str = LIBRARY) -> Reading:
    return bundles.readings(loaded(folder, rules, workers, library), workers=workers)["trial.first"]


@pytest.mark.parametrize(
    ("condition", "paths"),
    [
        ("input.info.name", [("info", "name")]),
        ("input.info.name; input.info", [("info",)]),
        ('input["info"]["na\\u006de"]', [("info", "name")]),
        ("input.ports[_].name", [("ports",)]),
        ("input[input.kind]", [()]),
        ("x := input; x.info", [()]),
        ("x := input.info; x.name", [("info",)]),
        ("some x in input.tags; x", [("tags",)]),
        ('object.get(input, ["a", "b"], input.c)', [("a", "b"), ("c",)]),
        ('object.get(input.a, "b", 1)', [("a",)]),
        ("object.get(input, [input.k], 1)", [()]),
        ("walk(input)", [()]),
        ("count(input.info) > 1", [("info",)]),
        ("info.name", [("info", "name")]),
        ("whole.name", [("name",)]),
        ("lib.tags(input)", [("tags",)]),
        ("lib.either(input)", [("info", "tags"), ("tags",)]),
        ("lib.tags(input.ports[0])", [("ports",)]),
        ("lib.pattern(input)", [()]),
        ("lib.known", [("info", "known")]),
        ('lib.kind == "x"', [("kind",)]),
        ("lib.known with input.info as 1", [()]),
        ("lib.known with data.lib.h.known as input.other", [("info", "known"), ("other",)]),
        ('input._context.now > ""', [("_context", "now")]),
        ("true", []),
    ],
)
def test_a_policy_reads(condition: str, paths: list[tuple[str, ...]], tmp_path: Path, workers: Workers) -> None:
    imports = "import data.lib.h as lib\nimport input as whole\nimport input.info as info\n\n"
    rules = f"{imports}{rego.violation(condition)}"
    assert list(read(tmp_path, rules, workers).paths) == paths


def test_a_function_of_ones_own_that_is_called_object_get_is_not_taken_for_the_built_in_one(
    tmp_path: Path, workers: Workers
) -> None:
    library = "package lib.object\n\nimport rego.v1\n\nget(holder, _, _) := holder.secret\n"
    rules = "import data.lib.object\n\n" + rego.violation('object.get(input, ["a"], 1)')
    rego.write(tmp_path, {"trial.first": rules}, libraries={"lib/object/object.rego": library})
    found = bundles.readings(bundles.load([tmp_path], workers=workers), workers=workers)
    assert found["trial.first"].paths == ((),)


def test_who_reads_the_selection_is_known_for_it(tmp_path: Path, workers: Workers) -> None:
    seeing = [("count(input._context.policies) > 1", True), ("input._context", True), ("input._context.now", False)]
    for number, (condition, sees) in enumerate(seeing):
        folder = tmp_path / str(number)
        assert read(folder, rego.violation(condition), workers).sees_selection is sees


def test_the_code_of_a_policy_is_its_own_and_that_of_the_libraries_it_uses(tmp_path: Path, workers: Workers) -> None:
    using = f"import data.lib.h as lib\n\n{rego.violation('lib.known')}"
    alone = rego.violation("input.info")
    other = LIBRARY.replace("unused", "other")

    def code(name: str, rules: str, library: str) -> str:
        return read(tmp_path / name, rules, workers, library).code

    assert code("a", using, LIBRARY) == code("b", using, LIBRARY)
    assert code("a2", using, LIBRARY) != code("c", using, other)
    assert code("d", alone, LIBRARY) == code("e", alone, other)
    assert code("f", alone, LIBRARY) != code("g", f"{alone}\n\nmore := 1", LIBRARY)
