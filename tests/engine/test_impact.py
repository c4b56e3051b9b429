"""Does a comparison of two sets of rules say what really changes, and ask only what can?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import make
import pytest
import reading_policies as reading
import rego

from engine.descriptor.content import of_content
from engine.impact import Case, Comparison, Kind, Side
from engine.model import Enforcement, Event, Facts, Outcome
from engine.policy import bundle as bundles
from engine.policy import governance
from engine.policy.assignments import MESH, Assignment
from engine.policy.embedded import EmbeddedEngine
from engine.policy.governance import Governance
from engine.policy.reuse import InMemoryAnswers, Reusing
from engine.policy.rules import Rules
from engine.policy.waivers import Waiver
from engine.report import impact, impact_markdown, impact_text

ALWAYS = rego.violation("not input.info.name")
OWNED = rego.violation("not input.info.owner")
BROKEN = "violation contains 1 if { input.info.name }"
NOTHING = governance.of()


@pytest.fixture(scope="module")
def engine() -> Iterator[EmbeddedEngine]:
    with closing(EmbeddedEngine(deadline=60)) as engine:
        yield engine


class Stage:
    """Builds sides from policies, each loaded once, and compares them."""

    def __init__(self, folder: Path, engine: EmbeddedEngine) -> None:
        self._folder, self._engine, self._number = folder, engine, 0

    def side(self, policies: dict[str, str], held: Governance = NOTHING, library: str = "") -> Side:
        self._number += 1
        folder = rego.write(
            self._folder / str(self._number), policies, libraries={"lib/look/look.rego": library} if library else None
        )
        for file in folder.rglob("*.rego"):
            file.write_text(file.read_text().replace("category: test", "category: test\n#   needs: [mesh, previous]"))
        bundle = bundles.load([folder], workers=self._engine.workers)
        return Side(Rules(bundle, held), bundles.readings(bundle, workers=self._engine.workers))

    def compared(self, before: Side, after: Side) -> Comparison:
        self.reusing = Reusing(self._engine, InMemoryAnswers(), lambda one: self._readings(one.revision, before, after))
        return Comparison(before, after, self.reusing)

    @staticmethod
    def _readings(revision: str, *sides: Side) -> Any:
        return next(one.readings for one in sides if one.rules.bundle.revision == revision)


@pytest.fixture
def stage(engine: EmbeddedEngine, tmp_path: Path) -> Stage:
    return Stage(tmp_path, engine)


def case(**info: Any) -> Case:
    effective = {"info": {"name": "orders", "owner": "jo", **info}}
    facts = Facts(event=Event.SUBMIT, now=make.NOW, mesh={}, previous={}, authoritative=True)
    return Case(of_content("orders.yaml", effective, make.identity(), "sha256:x"), facts, owner="jo")


def assigned(enforcement: Enforcement) -> Assignment:
    return Assignment(policy="mesh.second", scope=MESH, enforcement=enforcement)


WAIVER = Waiver(
    id="w1",
    policy="mesh.second",
    product=make.identity().fqn,
    reason="It is so.",
    requested_by="jo",
    approved_by="ann",
    begins=make.NOW.replace(year=2020),
    ends=make.NOW.replace(year=2030),
)
UNOWNED = case(owner=None)


def test_equal_rules_are_known_to_change_nothing_without_asking_any_policy(stage: Stage) -> None:
    policies = {"mesh.first": ALWAYS, "mesh.second": OWNED}
    comparison = stage.compared(stage.side(policies), stage.side(policies))
    assert (comparison.doubtful, comparison.may_differ(UNOWNED)) == (frozenset(), False)
    assert stage.reusing.asked == 0


@pytest.mark.parametrize(
    ("before", "after", "kind", "outcomes"),
    [
        (ALWAYS, rego.violation("input.info.name"), Kind.NEWLY_BLOCKED, (Outcome.ACCEPTED, Outcome.REJECTED)),
        (rego.violation("input.info.name"), ALWAYS, Kind.NEWLY_PASSING, (Outcome.REJECTED, Outcome.ACCEPTED)),
        (ALWAYS, BROKEN, Kind.NEWLY_UNDECIDED, (Outcome.ACCEPTED, Outcome.UNDECIDED)),
        (BROKEN, rego.violation("input.info.name"), Kind.NEWLY_BLOCKED, (Outcome.UNDECIDED, Outcome.REJECTED)),
        (
            rego.violation("input.info.name"),
            rego.violation("input.info.name", msg='"in other words"'),
            Kind.CHANGED,
            (Outcome.REJECTED, Outcome.REJECTED),
        ),
    ],
)
def test_what_becomes_of_a_product_is_told(
    stage: Stage, before: str, after: str, kind: Kind, outcomes: tuple[Outcome, Outcome]
) -> None:
    same = {"mesh.first": ALWAYS}
    comparison = stage.compared(stage.side({**same, "mesh.second": before}), stage.side({**same, "mesh.second": after}))
    assert comparison.doubtful == frozenset({"mesh.second"})
    assert comparison.may_differ(case())
    found = comparison.difference(case())
    assert found is not None
    assert (found.kind, (found.before, found.after)) == (kind, outcomes)


def test_harder_enforcement_and_a_waiver_are_told_with_the_same_finding(stage: Stage) -> None:
    policies = {"mesh.first": ALWAYS, "mesh.second": OWNED.replace("not input.info.owner", "input.info.name")}
    soft = stage.side(policies, governance.of([assigned(Enforcement.ADVISORY)]))
    hard = stage.side(policies, governance.of([assigned(Enforcement.BLOCKING)]))
    excused = stage.side(policies, governance.of([assigned(Enforcement.BLOCKING)], [WAIVER]))
    found = stage.compared(soft, hard).difference(case())
    assert found is not None
    assert (found.kind, found.appeared, found.gone) == (Kind.NEWLY_BLOCKED, (), ())
    assert [(old["disposition"], new["disposition"]) for old, new in found.shifted] == [("advisory", "blocking")]
    found = stage.compared(hard, excused).difference(case())
    assert found is not None
    assert (found.kind, found.shifted[0][1]["waiver"]) == (Kind.NEWLY_PASSING, "w1")
    told = impact.report(
        base={"name": "base"}, head={"name": "head"}, event="submit", catalog=tally(found), past=None, work={}
    )
    assert told["by_policy"] == {"mesh.second": {"appeared": 0, "waived": 0, "gone": 0, "shifted": 1}}
    assert "waiver `w1`" in impact_markdown.render(told)
    assert "[blocking -> waived, waiver w1]" in impact_text.render(told)


def tally(*found: Any) -> impact.Tally:
    made = impact.Tally()
    for one in found:
        made.add(one)
    return made


def test_a_new_finding_that_is_waived_at_once_blocks_nothing_and_is_counted(stage: Stage) -> None:
    before = stage.side({"mesh.first": ALWAYS})
    both = {"mesh.first": ALWAYS, "mesh.second": rego.violation("input.info.name")}
    found = stage.compared(before, stage.side(both, governance.of([], [WAIVER]))).difference(case())
    assert found is not None
    assert found.kind is Kind.CHANGED
    told = impact.report(
        base={"name": "a"}, head={"name": "b"}, event="submit", catalog=tally(found), past=None, work={}
    )
    assert told["by_policy"]["mesh.second"] == {"appeared": 1, "waived": 1, "gone": 0, "shifted": 0}


def test_only_the_changed_policy_is_asked_where_nothing_differs(stage: Stage) -> None:
    before = stage.side({"mesh.first": ALWAYS, "mesh.second": OWNED})
    after = stage.side({"mesh.first": ALWAYS, "mesh.second": f"{OWNED}\n\nmore := 1"})
    comparison = stage.compared(before, after)
    assert not comparison.may_differ(case())
    assert stage.reusing.asked == 2, "the one policy, before and after"
    assert comparison.may_differ(UNOWNED) is False


def test_whatever_is_said_not_to_differ_does_not(stage: Stage) -> None:
    """Policies that read in every way, one of them changed at a time, over inputs of every kind."""
    policies = reading.hand_written()
    before = stage.side(policies, library=reading.LIBRARY)
    infos: list[Any] = [{}, {"name": "x", "kind": "x"}, {"owner": {"id": "x"}}, {"tags": ["x"], "name": None}]
    quiet = 0
    for name in ("constant", "object_get_path", "library_rule", "context_policies", "whole", "walk", "mesh"):
        changed = {**policies, f"read.{name}": policies[f"read.{name}"] + '\n\nviolation contains "no" if { false }'}
        comparison = stage.compared(before, stage.side(changed, library=reading.LIBRARY))
        for info in infos:
            asked = case(**info)
            if not comparison.may_differ(asked):
                quiet += 1
                assert comparison.difference(asked) is None
    assert quiet > len(infos)


def test_a_comment_stays_small_and_says_what_it_leaves_out(stage: Stage) -> None:
    before = stage.side({"mesh.first": ALWAYS})
    found = stage.compared(before, stage.side({"mesh.first": rego.violation("input.info.name")})).difference(case())
    told = impact.report(
        base={"name": "a"}, head={"name": "b"}, event="submit", catalog=tally(*[found] * 900), past=None, work={}
    )
    written = impact_markdown.render(told)
    assert len(written) <= impact_markdown.SIZE
    assert "products do not fit into this comment" in written
    assert "❌ Of 900 products 900 would be blocked" in written


def test_a_policy_that_reads_what_another_is_told_is_never_asked_alone(stage: Stage) -> None:
    told = 'object.get(input, ["_context", "parameters", "mesh.first", "most"], 0) == {}'
    held = governance.of([Assignment("mesh.first", MESH, Enforcement.BLOCKING, parameters={"most": 1})])
    sides = [
        stage.side({"mesh.first": ALWAYS, "mesh.second": rego.violation(told.format(number))}, held)
        for number in (2, 1)
    ]
    compared = stage.compared(*sides)
    assert compared.may_differ(case())
    found = compared.difference(case())
    assert found is not None
    assert found.kind is Kind.NEWLY_BLOCKED
