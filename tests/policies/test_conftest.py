"""Does `conftest test --all-namespaces -p policies FILE` judge a descriptor as meshgate does, with nothing added?"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from policy_cases import POLICIES, seen, shipped

from engine.model import Bundle
from engine.policy.bundle import load
from engine.policy.trying import fixtures
from engine.policy.trying.fixtures import Fixture

BUNDLE = load([POLICIES])
CASES = {str(case).replace("/", "."): case for case in shipped(BUNDLE)}


@pytest.fixture
def bundle() -> Bundle:
    return BUNDLE


def conftest(binary: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([binary, *arguments], capture_output=True, text=True, timeout=300, check=False)


def bare(case: Fixture) -> bool:
    """Whether the fixture tells of nothing but its descriptor: no mesh, day, environment or parameters."""
    return case.facts == fixtures.facts({}) and not case.assignment.parameters


def written(folder: Path, name: str, case: Fixture) -> str:
    """The descriptor's own file, as a team has it; where the case tells of more, the effective input.

    (That is what `meshgate export --effective` prints.)
    """
    if bare(case):
        return shutil.copy(case.descriptor, folder / f"{name}{case.descriptor.suffix}")
    path = folder / f"{name}.json"
    path.write_text(json.dumps(seen(case, BUNDLE)))
    return str(path)


@pytest.fixture(scope="module")
def results(conftest_binary: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What conftest says of every fixture by namespace, from one run."""
    folder = tmp_path_factory.mktemp("fixtures")
    files = [written(folder, name, case) for name, case in CASES.items()]
    options = ("--all-namespaces", "--output", "json", "--policy", POLICIES)
    done = conftest(conftest_binary, "test", *options, *files)
    assert (done.returncode, done.stderr) == (1, "")
    told: dict[str, dict[str, Any]] = defaultdict(dict)
    for one in json.loads(done.stdout):
        told[Path(one["filename"]).stem][one["namespace"]] = one
    return told


@pytest.mark.parametrize("name", CASES)
def test_every_policy_is_evaluated_and_finds_what_is_expected(
    name: str, results: dict[str, dict[str, Any]], bundle: Bundle
) -> None:
    case, said = CASES[name], results[name]
    for policy in bundle.policies:
        assert said[policy]["successes"] + len(said[policy].get("failures", [])) > 0, f"{policy} was not evaluated"
    failures = [one["metadata"]["code"] for one in said[case.policy].get("failures", [])]
    assert sorted(failures) == sorted(one.code for one in case.expected)


def test_every_policy_has_failed_on_its_bad_sample(results: dict[str, dict[str, Any]], bundle: Bundle) -> None:
    failed = {namespace for said in results.values() for namespace, one in said.items() if one.get("failures")}
    assert failed == set(bundle.policies)


def test_a_good_descriptor_passes_with_zero(conftest_binary: str, tmp_path: Path) -> None:
    name, case = next((name, case) for name, case in CASES.items() if not case.expected and bare(case))
    file = written(tmp_path, name, case)
    done = conftest(conftest_binary, "test", "--all-namespaces", "--policy", POLICIES, file)
    assert done.returncode == 0, done.stdout
    assert "0 failures" in done.stdout


def test_the_rego_tests_pass_under_conftest_verify(conftest_binary: str) -> None:
    count = sum(len(re.findall(r"^test_\w+ if", path.read_text(), re.M)) for path in POLICIES.rglob("*_test.rego"))
    done = conftest(conftest_binary, "verify", "--policy", POLICIES)
    assert done.returncode == 0, done.stdout
    assert f"{count} tests, {count} passed" in done.stdout
