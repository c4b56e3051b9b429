"""Is every small wrong of a policy tried, and is it known which of them its tests notice?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import rego

from engine.policy.modules import Source
from engine.policy.trying import mutants, mutating
from engine.policy.trying.mutants import Change, Mutant
from engine.policy.trying.mutating import Fate, Mutation
from engine.policy.trying.running import Terms
from engine.policy.trying.stand import parse
from engine.policy.trying.suite import Suite
from engine.policy.workers import Workers

Read = Callable[..., Suite]
HEAD = "package mesh.a_test\n\nimport rego.v1\n\nimport data.mesh.a\n\n"
RULES = """violation contains finding if {
	input.size > 3
	not _known(input.owner)
	finding := {"code": "wrong", "msg": "words", "path": ["größe"]}
}

_known(owner) if owner == "a"

_known(owner) if startswith(owner, `b`)
"""
TESTS = """test_small if a.violation == set() with input as {"size": 3, "owner": "c"}
wrong := {"code": "wrong", "msg": "words", "path": ["größe"]}
test_large if a.violation == {wrong} with input as {"size": 4, "owner": "c"}
test_known if {
	every owner in ["a", "bb"] {
		a.violation == set() with input as {"size": 4, "owner": owner}
	}
}
"""


def made(workers: Workers, text: str) -> list[Mutant]:
    (parsed,) = parse(workers, [Source("a.rego", text, Path("a.rego"))])
    return mutants.of(parsed)


def tried(read: Read, workers: Workers, folder: Path, rules: str, tests: str, **terms: float) -> Mutation:
    rego.write(folder, {"mesh.a": rules}, libraries={"mesh/a/a_test.rego": HEAD + tests})
    (only,) = mutating.run(read(folder), workers, Terms(terms.get("seconds", 2.0), 2))
    return only


def test_every_kind_of_change_is_made_once_at_its_place(trial_workers: Workers) -> None:
    text = f"package mesh.a\n\nimport rego.v1\n\n{RULES}"
    found = [(one.change, one.line, one.column, one.diff[-1][1:].strip()) for one in made(trial_workers, text)]
    assert found == [
        (Change.NEGATED, 6, 2, "not input.size > 3"),
        (Change.DROPPED, 6, 2, "true"),
        (Change.TURNED, 6, 13, "input.size >= 3"),
        (Change.CONSTANT, 6, 15, "input.size > 4"),
        (Change.NEGATED, 7, 2, "_known(input.owner)"),
        (Change.DROPPED, 7, 2, "true"),
        (Change.CONSTANT, 8, 22, 'finding := {"code": "wrong~", "msg": "words", "path": ["größe"]}'),
        (Change.CONSTANT, 8, 56, 'finding := {"code": "wrong", "msg": "words", "path": ["größe~"]}'),
        (Change.REMOVED, 11, 1, ""),
        (Change.NEGATED, 11, 18, '_known(owner) if not owner == "a"'),
        (Change.DROPPED, 11, 18, "_known(owner) if true"),
        (Change.TURNED, 11, 24, '_known(owner) if owner != "a"'),
        (Change.CONSTANT, 11, 27, '_known(owner) if owner == "a~"'),
        (Change.REMOVED, 13, 1, ""),
        (Change.NEGATED, 13, 18, "_known(owner) if not startswith(owner, `b`)"),
        (Change.DROPPED, 13, 18, "_known(owner) if true"),
        (Change.CONSTANT, 13, 36, "_known(owner) if startswith(owner, `b~`)"),
    ]


def test_wording_keys_and_bindings_are_left_alone(trial_workers: Workers) -> None:
    text = 'package a\n\nimport rego.v1\n\np := x if {\n\tmsg := "words"\n\tx := {"key": msg}\n\tprint("here")\n}\n'
    assert made(trial_workers, text) == []


def test_good_tests_notice_all(read: Read, trial_workers: Workers, tmp_path: Path) -> None:
    found = tried(read, trial_workers, tmp_path, RULES, TESTS)
    assert (found.survivors, found.score, found.reason) == ([], 100.0, "")
    assert found.count(Fate.KILLED) == 17


def test_what_no_test_looks_at_survives_with_its_place_and_diff(
    read: Read, trial_workers: Workers, tmp_path: Path
) -> None:
    found = tried(read, trial_workers, tmp_path, RULES, TESTS.replace('"a", "bb"', '"a"'))
    assert [(one.change, one.line, one.column) for one in found.survivors] == [
        (Change.REMOVED, 24, 1),
        (Change.CONSTANT, 24, 36),
    ]
    assert found.survivors[1].diff == (
        "-_known(owner) if startswith(owner, `b`)",
        "+_known(owner) if startswith(owner, `b~`)",
    )
    assert found.score is not None
    assert round(found.score, 1) == 88.2


def test_a_fixture_kills_too(read: Read, trial_workers: Workers, tmp_path: Path) -> None:
    rego.write(tmp_path / "policies", {"mesh.a": rego.violation('input.info.name == "x"')})
    files = {"descriptor.yaml": "info: {name: x}\n", "expect.yaml": "findings: [{code: wrong, path: /info}]\n"}
    fixtures = rego.fixture(tmp_path / "fixtures", "mesh.a", "x", files)
    (found,) = mutating.run(read(tmp_path / "policies", [fixtures]), trial_workers, Terms())
    assert {one.change for one, fate in found.fates if fate is Fate.KILLED} == {
        Change.NEGATED,
        Change.TURNED,
        Change.CONSTANT,
    }
    assert [one.change for one in found.survivors] == [Change.DROPPED]


def test_a_mutant_that_does_not_load_is_invalid_and_counts_for_nothing(
    read: Read, trial_workers: Workers, tmp_path: Path
) -> None:
    rules = 'violation contains {"code": "wrong", "msg": "m", "path": [i]} if input.list[i]'
    tests = 'test_a if count(a.violation) == 1 with input as {"list": [1]}\n'
    found = tried(read, trial_workers, tmp_path, rules, tests)
    invalid = {one.change for one, fate in found.fates if fate is Fate.INVALID}
    assert invalid == {Change.DROPPED}
    tried_ones = found.count(Fate.KILLED) + found.count(Fate.SURVIVED)
    assert tried_ones + found.count(Fate.INVALID) == len(found.fates)
    assert found.score == 100 * found.count(Fate.KILLED) / tried_ones


def test_a_mutant_that_loops_is_noticed_within_its_deadline(read: Read, trial_workers: Workers, tmp_path: Path) -> None:
    rules = """violation contains {"code": "wrong", "msg": "m", "path": []} if {
	input.small
	n := numbers.range(1, 4000)
	some x in n
	some y in n
	some z in n
	x + y + z == 0
}
"""
    tests = "test_a if a.violation == set() with input as {}\n"
    found = tried(read, trial_workers, tmp_path, rules, tests, seconds=0.5)
    killed = {(one.change, one.line) for one, fate in found.fates if fate is Fate.KILLED}
    assert {(Change.NEGATED, 17), (Change.DROPPED, 17)} <= killed


@pytest.mark.parametrize(
    ("tests", "reason", "tested"),
    [
        ("test_a if false\ntest_b if true\n", "1 of its tests do not pass as it is", True),
        ("", "it has no test", False),
        ("todo_test_a if true\n", "it has no test", False),
    ],
)
def test_without_passing_tests_no_mutant_is_tried(
    read: Read, trial_workers: Workers, tmp_path: Path, tests: str, reason: str, tested: bool
) -> None:
    found = tried(read, trial_workers, tmp_path, RULES, tests)
    assert (found.fates, found.reason, found.tested, found.score) == ((), reason, tested, None)


def test_of_too_many_mutants_some_are_tried_evenly_and_the_others_counted(
    read: Read, trial_workers: Workers, tmp_path: Path
) -> None:
    rego.write(tmp_path, {"mesh.a": RULES}, libraries={"mesh/a/a_test.rego": HEAD + TESTS})
    (found,) = mutating.run(read(tmp_path), trial_workers, Terms(2.0, 1), most=6)
    assert (len(found.fates), found.left_out) == (6, 11)
