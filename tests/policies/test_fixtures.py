"""Do the tests of the shipped policies pass on the embedded engine, Rego tests and fixtures alike?"""

from __future__ import annotations

import re
from collections import Counter

from policy_cases import FIXTURES, POLICIES, ROOT, seen, shipped

from engine.model import Bundle
from engine.policy.bundle import load
from engine.policy.embedded import EmbeddedEngine
from engine.policy.trying.results import Kind, Session, State

EXAMPLES = ROOT / "examples" / "governance" / "policies"


def test_every_test_of_the_shipped_policies_passes(session: Session) -> None:
    assert [one for one in session.results if one.state is not State.PASSED] == []


def test_every_test_that_is_written_was_run(session: Session) -> None:
    files = [path for folder in (POLICIES, EXAMPLES) for path in sorted(folder.rglob("*_test.rego"))]
    rules = sum(len(re.findall(r"^test_\w+ if", path.read_text(), re.MULTILINE)) for path in files)
    folders = len([path for path in FIXTURES.glob("*/*") if path.is_dir()])
    assert Counter(one.kind for one in session.results) == {Kind.REGO: rules, Kind.FIXTURE: folders}


def test_no_other_policy_finds_anything_in_a_silent_fixture() -> None:
    bundle: Bundle = load([POLICIES])
    engine = EmbeddedEngine()
    policies = sorted(bundle.policies)
    for case in shipped(bundle):
        if not case.expected:
            answers = engine.evaluate(bundle, policies, seen(case, bundle))
            assert answers == dict.fromkeys(policies, ()), case
    engine.close()
