"""Do stock OPA tools accept the shipped policies as they are?"""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from policy_cases import POLICIES, ROOT, seen, shipped

from engine.policy.bundle import load
from engine.policy.lint import CAPABILITIES
from engine.policy.trying.results import Kind, Session, State

FOLDERS = [str(POLICIES / "mesh"), str(ROOT / "examples" / "governance" / "policies")]


def opa(binary: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([binary, *arguments], capture_output=True, text=True, timeout=120, check=False)


def test_every_rego_test_passes_on_opa(opa_binary: str) -> None:
    written = sum(
        len(re.findall(r"^test_\w+ if", path.read_text(), re.MULTILINE))
        for folder in FOLDERS
        for path in sorted(ROOT.joinpath(folder).rglob("*_test.rego"))
    )
    done = opa(opa_binary, "test", "--format=json", *FOLDERS)
    results = json.loads(done.stdout)
    assert [one for one in results if one.get("fail") or one.get("error")] == []
    assert (done.returncode, len(results)) == (0, written)


def test_opa_has_the_same_tests_with_the_same_verdict(opa_binary: str, session: Session) -> None:
    done = opa(opa_binary, "test", "--format=json", *FOLDERS)
    wanted = {
        (one["package"].removeprefix("data."), one["name"]): not one.get("fail") for one in json.loads(done.stdout)
    }
    rego = [one for one in session.results if one.kind is Kind.REGO]
    assert {tuple(one.name.rsplit(".", 1)): one.state is State.PASSED for one in rego} == wanted


def test_opa_check_strict_finds_nothing(opa_binary: str) -> None:
    done = opa(opa_binary, "check", "--strict", *FOLDERS)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_policies_need_no_more_than_the_published_capabilities(opa_binary: str) -> None:
    done = opa(opa_binary, "check", "--capabilities", str(CAPABILITIES), *FOLDERS)
    assert (done.returncode, done.stderr) == (0, "")


def test_every_file_is_formatted_as_opa_fmt_writes_it(opa_binary: str) -> None:
    done = opa(opa_binary, "fmt", "--diff", "--fail", *FOLDERS)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("builtin_errors", [[], ["--strict-builtin-errors"]])
def test_bare_opa_needs_neither_context_nor_data(opa_binary: str, builtin_errors: list[str], tmp_path: Path) -> None:
    empty = tmp_path / "descriptor.json"
    empty.write_text("{}")
    query = "[finding.code | some finding in data.mesh[_][_].violation]"
    done = opa(opa_binary, "eval", "--format=raw", *builtin_errors, "-d", FOLDERS[0], "-i", str(empty), query)
    assert sorted(json.loads(done.stdout)) == [
        "contact_missing",
        "docs_missing",
        "output_ports_missing",
        "owner_missing",
        "product_name",
        "product_name",
        "product_not_semantic",
        "product_undescribed",
    ]


JUDGED = """{name: found |
	some name, sample in data.samples
	found := {concat(".", ["mesh", topic, policy]): sort([finding.code | some finding in findings]) |
		findings := data.mesh[topic][policy].violation with input as sample
	}
}"""


def test_every_policy_is_evaluated_and_its_bad_samples_fail_under_opa_eval(opa_binary: str, tmp_path: Path) -> None:
    bundle = load([POLICIES])
    known = {str(case): case for case in shipped(bundle)}
    samples = {name: seen(case, bundle) for name, case in known.items()}
    data = tmp_path / "samples.json"
    data.write_text(json.dumps({"samples": samples}))
    done = opa(opa_binary, "eval", "--format=raw", "-d", FOLDERS[0], "-d", str(data), JUDGED)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    policies = set(bundle.policies)
    for name, case in known.items():
        assert set(told[name]) == policies, name
        assert told[name][case.policy] == sorted(one.code for one in case.expected), name
    assert {case.policy for case in known.values() if told[str(case)][case.policy]} == policies
