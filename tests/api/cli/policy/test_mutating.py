"""Does `meshgate policy mutate` list what no test notices, and end with the number that says it?"""

from __future__ import annotations

from collections.abc import Callable

import pytest
import rego
from commands import Ended, Terminal

Run = Callable[..., Ended]
HEAD = "package mesh.a_test\n\nimport rego.v1\n\nimport data.mesh.a\n\n"
TESTS = 'test_small if a.violation == set() with input as {"size": 2}\n'


@pytest.fixture
def policies(terminal: Terminal) -> Callable[..., None]:
    """Writes a policy with these tests into the terminal's folder."""

    def written(tests: str = TESTS) -> None:
        rules = rego.violation("input.size > 3")
        rego.write(terminal.folder / "policies", {"mesh.a": rules}, libraries={"mesh/a/a_test.rego": HEAD + tests})

    return written


def test_survivors_stand_at_their_place_with_their_diff(run: Run, policies: Callable[..., None]) -> None:
    policies()
    ended = run("policy", "mutate", "policies")
    assert (ended.code, ended.err) == (0, "")
    lines = ended.out.splitlines()
    at = lines.index("policies/mesh/a/a.rego:16:94: no test notices: comparison turned")
    assert lines[at + 1].startswith("  - violation contains")
    assert lines[at + 1].endswith("if { input.size > 3 }")
    assert lines[at + 2].endswith("if { input.size >= 3 }")
    assert lines[-2:] == [
        "policy  mutants  killed  survived  invalid   score",
        "mesh.a        6       2         4        0  33.3 %",
    ]


def test_below_the_threshold_it_ends_with_1(run: Run, policies: Callable[..., None]) -> None:
    policies()
    ended = run("policy", "mutate", "policies", "--threshold", "90", "--json")
    assert ended.code == 1
    assert ended.json["below"] == ["mesh.a"]
    assert ended.json["policies"][0]["survivors"][0]["line"] == 16
    assert run("policy", "mutate", "policies", "--threshold", "30").code == 0


def test_tests_that_fail_as_they_are_prove_nothing(run: Run, policies: Callable[..., None]) -> None:
    policies("test_small if false\n")
    ended = run("policy", "mutate", "policies")
    assert ended.code == 2
    assert "mesh.a: no mutant was tried: 1 of its tests do not pass as it is" in ended.out


def test_where_there_is_no_test_nothing_was_tried(run: Run, policies: Callable[..., None]) -> None:
    policies("")
    ended = run("policy", "mutate", "mesh.a", "--policies", "policies")
    assert ended.code == 3
    assert "mesh.a: no mutant was tried: it has no test" in ended.out
