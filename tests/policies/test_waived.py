"""Can every finding of the starter pack be waived by a waiver file that names just it, unless the mesh forbids that?

A fixture is decided on the whole road: without a waiver it shows its findings; then one waiver per finding is written,
as narrow as a waiver can be (policy, code, product, component and place), and the same document is decided again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from policy_cases import POLICIES, shipped

from engine.decide import decide
from engine.model import Bundle, Decision, Disposition, JudgedFinding, pointer
from engine.policy import governance
from engine.policy.bundle import load
from engine.policy.components import spot
from engine.policy.embedded import EmbeddedEngine
from engine.policy.trying.fixture_run import read
from engine.policy.trying.fixtures import Fixture

FIRING = [case for case in shipped(load([POLICIES])) if case.expected]


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return load([POLICIES])


@pytest.fixture(scope="module")
def engine() -> Iterator[EmbeddedEngine]:
    embedded = EmbeddedEngine()
    yield embedded
    embedded.close()


class Team:
    """A governance folder in which one fixture's policy is assigned, and the decisions made under it."""

    def __init__(self, case: Fixture, folder: Path, bundle: Bundle, engine: EmbeddedEngine) -> None:
        self.case, self.folder, self.bundle, self.engine = case, folder, bundle, engine

    def writes(self, room: str, entries: Sequence[Mapping[str, Any]]) -> None:
        (self.folder / room).mkdir(exist_ok=True)
        (self.folder / room / "all.json").write_text(json.dumps(entries))

    def assigns(self, enforcement: str) -> None:
        parameters = dict(self.case.assignment.parameters)
        entry = {"policy": self.case.policy, "scope": "mesh", "enforcement": enforcement, "parameters": parameters}
        self.writes("assignments", [entry])

    def decides(self) -> Decision:
        return decide(
            read(self.case.descriptor, "org.example"),
            facts=self.case.facts,
            bundle=self.bundle,
            governance=governance.load(self.folder, self.bundle),
            engine=self.engine,
        )

    def found(self, decision: Decision) -> list[JudgedFinding]:
        return [one for one in decision.findings if one.finding.policy == self.case.policy]

    def waives(self, decision: Decision) -> None:
        """One waiver for each finding of the case's policy, and for nothing else."""
        self.writes("waivers", [_waiver(number, one, decision) for number, one in enumerate(self.found(decision))])


def _waiver(number: int, judged: JudgedFinding, decision: Decision) -> dict[str, str]:
    assert decision.product is not None
    assert decision.effective_input is not None
    where = spot(decision.effective_input, judged.finding.path)
    told = {
        "id": f"W-{number}",
        "policy": judged.finding.policy,
        "code": judged.finding.code,
        "product": decision.product.fqn,
        "component": where.component,
        "within": where.within,
        "reason": "The team needs until spring.",
        "requested_by": "logistics-data@example.org",
        "approved_by": "governance@example.org",
        "from": "2026-11-01",
        "until": "2027-04-30",
    }
    return {key: value for key, value in told.items() if value}


@pytest.fixture
def team(request: pytest.FixtureRequest, tmp_path: Path, bundle: Bundle, engine: EmbeddedEngine) -> Team:
    return Team(request.param, tmp_path, bundle, engine)


@pytest.mark.parametrize("team", FIRING, indirect=True, ids=str)
def test_each_finding_is_waived_by_its_waiver_and_by_no_other(team: Team) -> None:
    team.assigns("blocking")
    before = team.decides()
    found = team.found(before)
    expected = sorted((one.code, one.path) for one in team.case.expected)
    assert sorted((one.finding.code, pointer(one.finding.path)) for one in found) == expected
    assert {one.disposition for one in found} == {Disposition.BLOCKING}
    if before.product is None:  # what has no identity is refused by the schema or by semantic rules, whatever we waive
        assert before.problems
        return
    team.waives(before)
    after = team.decides()
    assert {one.disposition for one in team.found(after)} == {Disposition.WAIVED}
    assert sorted(one.waiver for one in team.found(after)) == [f"W-{number}" for number in range(len(found))]
    others = [
        [one for one in decision.findings if one.finding.policy != team.case.policy] for decision in (before, after)
    ]
    assert others[0] == others[1]


@pytest.mark.parametrize("team", FIRING, indirect=True, ids=str)
def test_a_mandatory_policy_is_never_waived(team: Team) -> None:
    team.assigns("mandatory")
    before = team.decides()
    if before.product is not None:
        team.waives(before)
    assert {one.disposition for one in team.found(team.decides())} == {Disposition.BLOCKING}


def test_every_policy_has_a_bad_sample_that_a_waiver_can_name(bundle: Bundle) -> None:
    named = {case.policy for case in FIRING if read(case.descriptor, "org.example").identity is not None}
    assert named == set(bundle.policies)
