"""What would other rules make of a product: what would they newly block, newly let pass, or say otherwise?

Both sets of rules judge the same document under the same facts. Policies that cannot differ are not asked to find out
whether anything changes; only where something does, both decisions are made in full.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from engine.decide import weighed
from engine.errors import PolicyEngineUnavailable
from engine.model import Decision, Descriptor, Facts, Outcome
from engine.policy.port import PolicyEngine
from engine.policy.reading import Reading
from engine.policy.rules import Rules
from engine.policy.stale import NEIGHBOURS, Basis, basis, seeing, stale
from engine.report import record
from engine.report.said import evaluated, said

Found = Mapping[str, Any]
"""One finding as the report tells it (DESIGN §5)."""


class Kind(StrEnum):
    """What becomes of a product under the other rules, worst first."""

    NEWLY_BLOCKED = "newly_blocked"
    NEWLY_UNDECIDED = "newly_undecided"
    NEWLY_PASSING = "newly_passing"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Side:
    """One set of rules, and what its policies can read."""

    rules: Rules
    readings: Mapping[str, Reading]

    @property
    def basis(self) -> Basis:
        """Engine and moment are the same on both sides of every case, so that any will do."""
        return basis(self.rules, self.readings, engine="", now=datetime.min.replace(tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Case:
    """What is judged by both sides: a stored version, or the input of a past decision (then `decision` is its id)."""

    descriptor: Descriptor
    facts: Facts
    owner: str = ""
    decision: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """How the two sides differ about one case; `shifted` are findings with another disposition, before and after."""

    case: Case
    kind: Kind
    before: Outcome
    after: Outcome
    appeared: tuple[Found, ...] = ()
    gone: tuple[Found, ...] = ()
    shifted: tuple[tuple[Found, Found], ...] = ()
    errors: tuple[Found, ...] = ()


class Comparison:
    """Compares two sides case by case. `doubtful` are the policies that may differ at all, None for all of them."""

    def __init__(self, before: Side, after: Side, engine: PolicyEngine) -> None:
        self._before, self._after, self._engine = before, after, engine
        found = stale(before.basis, after.basis, readings=after.readings)
        self.doubtful = None if found is None or found & seeing(before.readings) else found

    @property
    def asks_the_catalog(self) -> bool:
        """Whether a policy that may differ needs facts of the catalog; else `may_differ` does without them."""
        return self.doubtful is None or any(self._asks(side) for side in (self._before, self._after))

    def may_differ(self, case: Case) -> bool:
        """Whether the policies that may differ do so about this case. Raises PolicyEngineUnavailable."""
        if self.doubtful is None:
            return True
        if not self.doubtful:
            return False
        two = [_entry(self._made(self._only(side), case)) for side in (self._before, self._after)]
        return said(two[0]) != said(two[1]) or evaluated(two[0]) != evaluated(two[1])

    def difference(self, case: Case) -> Difference | None:
        """How the two whole decisions differ, None where they do not. Raises PolicyEngineUnavailable."""
        before, after = self._made(self._before.rules, case), self._made(self._after.rules, case)
        old, new = _findings(before), _findings(after)
        found = Difference(
            case=case,
            kind=_kind(before.outcome, after.outcome),
            before=before.outcome,
            after=after.outcome,
            appeared=tuple(one for key, one in new.items() if key not in old),
            gone=tuple(one for key, one in old.items() if key not in new),
            shifted=tuple((old[key], one) for key, one in new.items() if key in old and _became(old[key], one)),
            errors=tuple(_errors(before, after)),
        )
        differs = found.before is not found.after or found.appeared or found.gone or found.shifted or found.errors
        return found if differs else None

    def _made(self, rules: Rules, case: Case) -> Decision:
        bundle, governance = rules.bundle, rules.governance
        made = weighed(case.descriptor, facts=case.facts, bundle=bundle, governance=governance, engine=self._engine)
        if made.engine_failure:
            raise PolicyEngineUnavailable(made.engine_failure)
        return made

    def _only(self, side: Side) -> Rules:
        """The rules with only the policies that may differ."""
        bundle = side.rules.bundle
        kept = {id: one for id, one in bundle.policies.items() if id in (self.doubtful or ())}
        return replace(side.rules, bundle=replace(bundle, policies=kept))

    def _asks(self, side: Side) -> bool:
        for id in (self.doubtful or frozenset()) & side.rules.bundle.policies.keys():
            if side.rules.bundle.policies[id].needs or any(side.readings[id].reads(path) for path in NEIGHBOURS):
                return True
        return False


def _kind(before: Outcome, after: Outcome) -> Kind:
    if before is after:
        return Kind.CHANGED
    if after is Outcome.ACCEPTED:
        return Kind.NEWLY_PASSING
    return Kind.NEWLY_UNDECIDED if after is Outcome.UNDECIDED else Kind.NEWLY_BLOCKED


def _entry(decision: Decision) -> dict[str, Any]:
    return record.document(decision, file="")


def _findings(decision: Decision) -> dict[tuple[str, ...], Found]:
    """The findings by what makes them the same one on both sides."""
    findings: Sequence[Found] = _entry(decision)["decision"]["findings"]
    return {(one["policy"], one["code"], one["path"], one["msg"]): one for one in findings}


def _became(old: Found, new: Found) -> bool:
    return any(old.get(name) != new.get(name) for name in ("disposition", "enforcement", "waiver"))


def _errors(before: Decision, after: Decision) -> Iterator[Found]:
    """The policies that err after and did not before."""
    known = {(run.policy, run.reason) for run in before.errors}
    for run in after.errors:
        if (run.policy, run.reason) not in known:
            yield {"policy": run.policy, "reason": run.reason, "enforcement": str(run.enforcement)}
