"""Is it known which lines and finding codes the tests of a policy have seen?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import rego

from engine.policy.trying.results import Coverage, Session

Run = Callable[..., Session]
ANNOTATIONS = rego.ANNOTATIONS.replace(
    "wrong: {{title: Something is wrong, remediation: Put it right}}", "{{one: {{title: One}}, two: {{title: Two}}}}"
).replace("findings:\n#     ", "findings: ")
RULES = """violation contains {"code": "one", "msg": "one", "path": []} if input.one == "1"

violation contains finding if {
	some number in input.numbers
	number > 2 # more than two
	finding := {"code": "two", "msg": "two", "path": []}
}
"""


def covered(run: Run, folder: Path, tests: str) -> Coverage:
    head = "package mesh.a_test\n\nimport rego.v1\n\nimport data.mesh.a\n\n"
    texts = {"mesh/a/a.rego": rego.policy("mesh.a", RULES, annotations=ANNOTATIONS), "mesh/a/a_test.rego": head + tests}
    return run(rego.write(folder, {}, libraries=texts)).coverage["mesh.a"]


def test_a_code_that_fires_nowhere_and_one_that_is_never_silent_are_told(run: Run, tmp_path: Path) -> None:
    found = covered(run, tmp_path, 'test_a if count(a.violation) == 1 with input as {"one": "1"}\n')
    assert (found.unfired, found.unsilent) == (("two",), ("one",))
    assert (found.codes, found.code_share) == (2, 0.0)


def test_each_evaluation_within_a_test_counts_for_itself(run: Run, tmp_path: Path) -> None:
    tests = """test_all if {
	every given, expected in {"1": 2, "0": 0} {
		count(a.violation) == expected with input as {"one": given, "numbers": [3 * expected]}
	}
}
"""
    found = covered(run, tmp_path, tests)
    assert (found.unfired, found.unsilent, found.missed) == ((), (), ())
    assert (found.line_share, found.code_share) == (100.0, 100.0)


def test_lines_that_no_test_reaches_are_named(run: Run, tmp_path: Path) -> None:
    found = covered(run, tmp_path, 'test_a if count(a.violation) == 1 with input as {"one": "1"}\n')
    text = (tmp_path / "mesh/a/a.rego").read_text().splitlines()
    assert [text[line - 1].strip() for _, line in found.missed] == [
        "violation contains finding if {",
        "number > 2 # more than two",
        'finding := {"code": "two", "msg": "two", "path": []}',
    ]


def test_an_imported_rule_without_codes_counts_by_its_name(run: Run, tmp_path: Path) -> None:
    annotations = rego.ANNOTATIONS.replace("wrong: ", "deny: ")
    text = rego.policy("mesh.a", 'deny contains "no" if input.bad', annotations=annotations)
    tests = """package mesh.a_test

import rego.v1

test_a if {
	count(data.mesh.a.deny) == 1 with input as {"bad": true}
	count(data.mesh.a.deny) == 0 with input as {}
}
"""
    found = run(rego.write(tmp_path, {}, libraries={"mesh/a/a.rego": text, "mesh/a/a_test.rego": tests}))
    assert (found.coverage["mesh.a"].unfired, found.coverage["mesh.a"].unsilent) == ((), ())


def test_calling_a_helper_is_not_asking_the_policy(run: Run, tmp_path: Path) -> None:
    found = covered(run, tmp_path, "test_a if true\n")
    assert (found.unfired, found.unsilent) == (("one", "two"), ("one", "two"))


def test_the_marks_do_not_show_among_what_a_test_prints(run: Run, tmp_path: Path) -> None:
    head = "package mesh.a_test\n\nimport rego.v1\n\nimport data.mesh.a\n\n"
    tests = 'test_a if {\n\tprint("mine")\n\tcount(a.violation) == 7 with input as {"one": "1"}\n}\n'
    texts = {"mesh/a/a.rego": rego.policy("mesh.a", RULES, annotations=ANNOTATIONS), "mesh/a/a_test.rego": head + tests}
    (only,) = run(rego.write(tmp_path, {}, libraries=texts)).results
    assert [line.rpartition(": ")[2] for line in only.printed] == ["mine"]
