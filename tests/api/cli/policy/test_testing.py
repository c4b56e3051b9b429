"""Does `meshgate policy test` tell what failed, count what ran, and end with the number that says it?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import rego
from commands import Ended, Terminal

from engine.report.policy_tests import seen_from

Run = Callable[..., Ended]
RULE = rego.violation('print("asked for", input.owner)\n\tnot endswith(input.owner, "@example.org")')
HEAD = "package mesh.a_test\n\nimport rego.v1\n\nimport data.mesh.a\n\n"
PASSES = 'test_good if count(a.violation) == 0 with input as {"owner": "b@example.org"}\n'
FAILS = 'test_bad if count(a.violation) == 0 with input as {"owner": "a@x.org"}\n'


@pytest.fixture
def write(terminal: Terminal) -> Callable[[str], Path]:
    """Writes a policy with these tests into `policies` of the terminal's folder."""

    def written(tests: str) -> Path:
        return rego.write(
            terminal.folder / "policies", {"mesh.a": RULE}, libraries={"mesh/a/a_test.rego": HEAD + tests}
        )

    return written


def test_one_line_for_each_policy_and_exit_0_when_all_pass(run: Run, write: Callable[[str], Path]) -> None:
    write(PASSES)
    ended = run("policy", "test", "policies")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == (
        "policy  rego  fixtures  passed  failed  error  skipped\n"
        "mesh.a     1         0       1       0      0        0\n\n1 passed\n"
    )


def test_a_failing_test_is_shown_with_its_expression_values_and_prints_and_exit_1(
    run: Run, write: Callable[[str], Path]
) -> None:
    write(PASSES + FAILS)
    ended = run("policy", "test", "policies")
    assert ended.code == 1
    assert ended.out.splitlines()[:3] == [
        "policies/mesh/a/a_test.rego:8: FAIL mesh.a_test.test_bad: it is undefined",
        '  `count(a.violation) == 0 with input as {"owner": "a@x.org"}` is not true; count(a.violation) = 1',
        "  printed policies/mesh/a/a.rego:16: asked for a@x.org",
    ]
    assert ended.out.endswith("1 passed, 1 failed\n")


def test_a_test_that_could_not_be_carried_out_beats_a_failed_one(run: Run, write: Callable[[str], Path]) -> None:
    write(FAILS + 'test_err if to_number("abc") == 1\n')
    assert run("policy", "test", "policies").code == 2


@pytest.mark.parametrize("tests", ["", "todo_test_later if true\n"])
def test_where_nothing_ran_nothing_passed(run: Run, write: Callable[[str], Path], tests: str) -> None:
    write(tests)
    ended = run("policy", "test", "policies")
    assert ended.code == 3
    assert "1 policy without a test" in ended.out


def test_a_name_of_nothing_is_a_usage_error(run: Run, write: Callable[[str], Path]) -> None:
    write(PASSES)
    ended = run("policy", "test", "--policies", "policies", "mesh.b")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == "meshgate: `mesh.b` is neither a policy here nor a file or folder. [usage]\n"
    assert run("policy", "test", "--policies", "policies", "--fixtures", "nowhere").code == 2


@pytest.mark.parametrize("name", ["mesh.a", "a", "policies/mesh/a/a_test.rego", "policies/mesh/a"])
def test_tests_are_chosen_by_policy_folder_and_file(
    run: Run, write: Callable[[str], Path], terminal: Terminal, name: str
) -> None:
    write(PASSES)
    rego.write(terminal.folder / "policies", {"mesh.b": RULE})
    report = run("policy", "test", "--policies", "policies", name, "--format", "json").json
    assert [one["name"] for one in report["tests"]] == ["mesh.a_test.test_good"]


def test_fixtures_beside_the_policies_are_found_and_the_tests_see_both(
    run: Run, write: Callable[[str], Path], terminal: Terminal
) -> None:
    write(PASSES)
    files = {"descriptor.yaml": "owner: a@x.org\n", "expect.yaml": "findings: [{code: wrong, path: /info}]\n"}
    rego.fixture(terminal.folder / "policy-fixtures", "mesh.a", "stranger", files)
    report = run("policy", "test", "policies", "--coverage", "--format", "json").json
    assert [(one["kind"], one["name"], one["state"]) for one in report["tests"]] == [
        ("rego", "mesh.a_test.test_good", "passed"),
        ("fixture", "mesh.a/stranger", "passed"),
    ]
    (coverage,) = report["coverage"]
    assert (coverage["never_fired"], coverage["never_silent"], coverage["line_share"]) == ([], [], 100.0)


def test_below_the_threshold_it_ends_with_1_and_says_what_was_not_seen(run: Run, write: Callable[[str], Path]) -> None:
    write(PASSES)
    ended = run("policy", "test", "policies", "--threshold", "90")
    assert ended.code == 1
    assert "mesh.a: no test has seen wrong fire" in ended.out
    assert "mesh.a is below 90 % of its lines or codes" in ended.out
    assert run("policy", "test", "policies", "--threshold", "0").code == 0


def test_junit_has_a_suite_for_each_policy(run: Run, write: Callable[[str], Path], terminal: Terminal) -> None:
    write(PASSES + FAILS + 'test_err if to_number("abc") == 1\n')
    rego.write(terminal.folder / "policies", {"mesh.b": RULE})
    root = ET.fromstring(run("policy", "test", "policies", "--format", "junit").out)
    assert {key: root.get(key) for key in ("tests", "failures", "errors", "skipped")} == {
        "tests": "4",
        "failures": "1",
        "errors": "1",
        "skipped": "1",
    }
    assert [suite.get("name") for suite in root] == ["mesh.a", "mesh.b"]


def test_what_a_test_prints_cannot_command_the_terminal(run: Run, write: Callable[[str], Path]) -> None:
    write('test_a if {\n\tprint("\\u001b[2J")\n\tfalse\n}\n')
    assert "\x1b" not in run("policy", "test", "policies").out


def test_tests_run_side_by_side_give_the_same(run: Run, write: Callable[[str], Path]) -> None:
    write("".join(f"test_{number} if {number} < 3\n" for number in range(8)))
    alone, together = (run("policy", "test", "policies", "-j", jobs) for jobs in ("1", "2"))
    assert alone.out == together.out
    assert alone.code == together.code == 1


def test_at_the_top_of_the_file_system_no_name_loses_its_slashes() -> None:
    assert seen_from("/", "/a/b.rego:1: x") == "/a/b.rego:1: x"
    assert seen_from("/a", "/a/b.rego:1: x, /c/d.rego") == "b.rego:1: x, /c/d.rego"


def test_a_short_deadline_is_for_the_tests_and_not_for_reading_them(run: Run, write: Callable[[str], Path]) -> None:
    write(PASSES)
    assert run("policy", "test", "policies", "--seconds", "0.1").code == 0
