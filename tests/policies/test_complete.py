"""Is every shipped policy complete: described, tested, seen to fire and not to fire?"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from policy_cases import POLICIES, shipped

from engine.model import Bundle, Enforcement, Event
from engine.policy.bundle import load
from engine.policy.trying.results import Session

TOPICS = {
    *("contracts", "deployment", "deprecation", "documentation", "lifecycle", "lineage", "naming"),
    *("obligations", "ownership", "platforms", "privacy", "security", "slo", "versioning"),
}
WRITTEN = sorted(path for path in POLICIES.rglob("*.rego") if not path.stem.endswith("_test"))
LIBRARIES = [path for path in WRITTEN if path.parent.parent.name == "reading"]
FORMULAS = [path for path in WRITTEN if path.parent.parent.name == "trust"]
MODULES = [path for path in WRITTEN if path not in (*LIBRARIES, *FORMULAS)]


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return load([POLICIES])


def test_the_fourteen_topics_have_a_policy(bundle: Bundle) -> None:
    assert {policy.category for policy in bundle.policies.values()} == TOPICS
    assert len(bundle.policies) == len(MODULES)


def test_folder_file_and_package_have_the_same_name(bundle: Bundle) -> None:
    expected = {".".join(path.relative_to(POLICIES).parent.parts) for path in MODULES}
    assert set(bundle.policies) == expected
    assert all(path.stem == path.parent.name for path in MODULES)


def test_every_policy_is_annotated_to_the_end(bundle: Bundle) -> None:
    for policy in bundle.policies.values():
        assert all((policy.title, len(policy.description) > 40, policy.owner, policy.related)), policy.id
        assert policy.events >= {Event.SUBMIT, Event.RESCAN} or policy.events == {Event.DEPLOY}, policy.id
        assert policy.enforcement in (Enforcement.ADVISORY, Enforcement.BLOCKING), policy.id
        assert not policy.needs or policy.enforcement is Enforcement.ADVISORY, "none makes a local verdict provisional"
        assert all(code.title and code.remediation for code in policy.findings.values()), policy.id


def test_defaults_and_described_parameters_are_the_same(bundle: Bundle) -> None:
    for policy in bundle.policies.values():
        schema = policy.parameters_schema
        assert set(policy.defaults) == set(schema.get("properties", {})), policy.id
        assert not schema or schema["additionalProperties"] is False, policy.id


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_the_codes_in_the_rules_are_those_annotated(path: Path, bundle: Bundle) -> None:
    rules = path.read_text().partition("\npackage ")[2]
    written = set(re.findall(r'(?:"code": |_finding\()"(\w+)"', rules))
    assert written == set(bundle.policies[".".join(path.relative_to(POLICIES).parent.parts)].findings)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_every_policy_is_short_and_has_a_test_file(path: Path) -> None:
    tests = re.findall(r"^test_(\w+) if", path.with_name(f"{path.stem}_test.rego").read_text(), re.MULTILINE)
    told = " ".join(tests)
    assert [word for word in ("pass", "fail", "missing", "wrong_type") if word not in told] == []
    assert len(path.read_text().splitlines()) < 90


@pytest.mark.parametrize("path", LIBRARIES, ids=lambda path: path.stem)
def test_every_library_says_that_it_is_one_and_has_a_test_file(path: Path) -> None:
    tests = re.findall(r"^test_(\w+) if", path.with_name(f"{path.stem}_test.rego").read_text(), re.MULTILINE)
    assert all(word in " ".join(tests) for word in ("missing", "wrong_type"))
    assert "\n#   A library: " in path.read_text()


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.stem)
def test_no_argument_of_a_negated_call_can_be_undefined(path: Path) -> None:
    """OPA evaluates arguments before `not`: `not f(port.name)` is silent where the name is missing."""
    calls = re.findall(r"\bnot [\w.]+\((.*)\)$", path.read_text(), re.MULTILINE)
    for arguments in calls:
        plain = re.sub(r"object\.get\([^)]*\)|params\.\w+", "", arguments)
        known = plain.replace("input.info.owner.id", "")  # its rule has asked for the text before
        assert not re.search(r"[.\[]", known), arguments


def test_every_line_is_reached_and_every_code_seen_to_fire_and_not_to_fire(session: Session) -> None:
    for one in session.coverage.values():
        assert (one.missed, one.unfired, one.unsilent) == ((), (), ()), one.policy
    assert session.untested == ()


def test_every_code_fires_in_a_fixture_and_every_policy_is_silent_in_one(bundle: Bundle) -> None:
    known = shipped(bundle)
    fired = {(case.policy, one.code) for case in known for one in case.expected}
    silent = {case.policy for case in known if not case.expected}
    assert fired == {(policy.id, code) for policy in bundle.policies.values() for code in policy.findings}
    assert silent == set(bundle.policies)


@pytest.mark.parametrize("path", FORMULAS, ids=lambda path: path.stem)
def test_every_formula_says_that_it_is_one_and_tests_each_of_its_terms(path: Path) -> None:
    text, tests = path.read_text(), path.with_name(f"{path.stem}_test.rego").read_text()
    assert "a formula, not a policy" in " ".join(text.replace("#", "").split())
    assert [name for name in re.findall(r'^\t"name": "(\w+)"', text, re.MULTILINE) if f'"{name}"' not in tests] == []
