"""Is a Rego test judged as `opa test` judges it, and does a runaway one harm only itself?"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import rego

from engine.errors import BundleInvalid
from engine.policy.trying.results import Result, Session, State

Run = Callable[..., Session]
RULE = rego.violation('print("asked for", input.owner)\n\tnot endswith(input.owner, "@example.org")')
HEAD = "package mesh.a_test\n\nimport rego.v1\n\nimport data.mesh.a\n\n"
ZOO = """
test_passes if count(a.violation) == 1 with input as {"owner": "a@x.org"}
test_fails if {
	given := {"owner": "a@x.org"}
	count(a.violation) == 5 with input as given
}
test_of_two if false
test_of_two if true
test_is_false := false
test_is_a_number := 7
test_is_null := null
test_is_a_set contains "a"
test_case[name] if {
	some name, one in {"yes": {"owner": "a@x.org", "want": 1}, "no": {"owner": "a@example.org", "want": 1}}
	count(a.violation) == one.want with input as {"owner": one.owner}
}
test_cases_that_all_pass[name] if {
	some name in ["one", "two"]
	startswith(name, concat("", ["o"])) == (name == "one")
}
test_values[name] := value if some name, value in {"a": true, "b": false}
test_nested[outer][inner] if {
	some outer, numbers in {"x": [1, 2], "y": [3]}
	some number in numbers
	inner := sprintf("n%d", [number])
	number != 2
}
test_input_is_undefined_unless_given if not input
todo_test_later if false
test_text := "a \\"quoted\\" word"
helper if true
default test_with_default := false
test_with_default if a.violation == set() with input as {"owner": "b@example.org"}
"""


def write(folder: Path, tests: str, rules: str = RULE) -> Path:
    return rego.write(folder, {"mesh.a": rules}, libraries={"mesh/a/a_test.rego": HEAD + tests})


def by_name(session: Session) -> dict[str, Result]:
    return {one.name.removeprefix("mesh.a_test."): one for one in session.results}


def test_every_kind_of_test_has_the_verdict_of_opa(run: Run, tmp_path: Path, opa_binary: str) -> None:
    folder = write(tmp_path, ZOO)
    done = subprocess.run(
        [opa_binary, "test", "--format=json", str(folder)], capture_output=True, text=True, timeout=60, check=False
    )
    wanted = {
        one["name"]: "skipped" if one.get("skip") else "failed" if one.get("fail") else "passed"
        for one in json.loads(done.stdout)
    }
    got = {name: one.state.value for name, one in by_name(run(folder)).items()}
    assert got == wanted
    assert {"passed", "failed", "skipped"} == set(wanted.values())


def test_a_failing_test_tells_the_expression_its_values_and_what_was_printed(run: Run, tmp_path: Path) -> None:
    failed = by_name(run(write(tmp_path, ZOO)))["test_fails"]
    assert failed.because == ("`count(a.violation) == 5 with input as given` is not true; count(a.violation) = 1",)
    assert [line.rpartition(": ")[2] for line in failed.printed] == ["asked for a@x.org"]
    assert (failed.reason, failed.line, failed.policies) == ("it is undefined", 9, ("mesh.a",))


def test_the_failing_cases_of_a_test_are_named(run: Run, tmp_path: Path) -> None:
    found = by_name(run(write(tmp_path, ZOO)))
    assert found["test_case"].reason == "1 of 2 cases failed: no"
    (because,) = found["test_case"].because
    assert because.startswith("`count(a.violation) == one.want with input as")
    assert because.endswith("is not true; count(a.violation) = 0, one.want = 1")
    assert found["test_nested"].reason == "1 of 3 cases failed: x, n2"


def test_a_test_whose_cases_are_none_has_tested_nothing(run: Run, tmp_path: Path) -> None:
    (only,) = run(write(tmp_path, "test_case[name] if { some name in []; true }\n")).results
    assert (only.state, only.reason) == (State.FAILED, "it has no case, so nothing was tested")


def test_in_an_every_the_element_is_named(run: Run, tmp_path: Path) -> None:
    tests = """test_every if {
	every owner in ["a@example.org", "b@x.org"] {
		a.violation == set() with input as {"owner": owner}
	}
}
"""
    (only,) = run(write(tmp_path, tests)).results
    assert len(only.because) == 1
    assert only.because[0].startswith(
        '`a.violation == set() with input as {"owner": owner}` is not true; a.violation = ['
    )
    assert only.because[0].endswith('(where owner = "b@x.org")')


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (
            "n := numbers.range(1, 3000); count([1 | some x in n; some y in n; some z in n; x + y + z == 0]) == 1",
            "did not finish within 1 s",
        ),
        ('count(sprintf("%999999999d", [1])) == 1', ""),
        ('strings.count("abc", "") == 1', ""),
        ('to_number("abc") == 1', "could not parse"),
        ("no_such_function(1) == 1", "no_such_function"),
    ],
    ids=["loops", "allocates", "panics", "errs", "unknown-function"],
)
def test_a_test_that_runs_away_is_an_error_of_its_own(run: Run, tmp_path: Path, body: str, told: str) -> None:
    tests = f"test_first if true\ntest_wild if {{ {body} }}\ntest_last if not false\n"
    found = by_name(run(write(tmp_path, tests), seconds=1.0))
    assert {name: one.state for name, one in found.items()} == {
        "test_first": State.PASSED,
        "test_wild": State.ERROR,
        "test_last": State.PASSED,
    }
    assert told in found["test_wild"].reason
    assert found["test_wild"].reason


def test_a_function_is_told_as_no_test(run: Run, tmp_path: Path) -> None:
    (only,) = run(write(tmp_path, "test_function(x) if x\n")).results
    assert (only.state, only.reason) == (State.ERROR, "a function is no test: nothing calls it")


def test_a_test_file_that_cannot_be_parsed_ends_the_run_with_its_place(run: Run, tmp_path: Path) -> None:
    with pytest.raises(BundleInvalid, match=r"a_test\.rego:8:"):
        run(write(tmp_path, "test_a if {\n\t)\n}\n"))


def test_a_test_file_that_would_keep_the_parser_busy_is_refused(run: Run, tmp_path: Path) -> None:
    with pytest.raises(BundleInvalid, match=r"a_test\.rego:7: brackets stand more than 10 deep"):
        run(write(tmp_path, f"test_a if {'[' * 30}1{']' * 30} == 1\n"))


def test_a_policy_without_a_test_is_told(run: Run, tmp_path: Path) -> None:
    folder = rego.write(write(tmp_path, "test_a if true\n"), {"mesh.b": RULE})
    assert run(folder).untested == ("mesh.b",)
    skipped = write(tmp_path / "other", "todo_test_a if true\n")
    assert run(skipped).untested == ("mesh.a",)


def test_a_test_is_of_the_policy_it_is_named_after_or_speaks_of(run: Run, tmp_path: Path) -> None:
    condition = 'data.mesh.b.violation == set() with input as {"owner": "a@example.org"}'
    tests = f"package elsewhere_test\n\nimport rego.v1\n\ntest_b if {condition}\n"
    folder = rego.write(tmp_path, {"mesh.a": RULE, "mesh.b": RULE}, libraries={"mesh/all_test.rego": tests})
    session = run(folder)
    assert [one.policies for one in session.results] == [("mesh.b",)]
    assert session.untested == ("mesh.a",)
