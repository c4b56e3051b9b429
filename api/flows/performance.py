"""What may a requirement know of how products do, besides what they say of themselves?

Each fact has one source, which tells it of many candidates at once, as of now; a fact that no source tells is null.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from catalog.candidates import Candidate
from engine.model import Json, Principal

if TYPE_CHECKING:
    from api.flows.decisions import Seen
    from catalog.evaluation.slos import Slos
    from catalog.evaluation.trust import Trusts

FACTS = ("compliance", "trust", "slo")
"""What `_context.evaluation` always names."""


class Source(Protocol):
    """What does one kind of evaluation say of these candidates?"""

    def __call__(self, candidates: Sequence[Candidate], *, principal: Principal) -> Mapping[str, Json]:
        """The fact by the id of a version, as many statements for many candidates as for one."""
        ...


@dataclass(frozen=True, slots=True)
class Performance:
    """The sources, by the name of their fact."""

    sources: Mapping[str, Source]

    def facts(self, candidates: Sequence[Candidate], *, principal: Principal) -> dict[str, dict[str, Json]]:
        """What is known of each candidate, by the id of its version."""
        told = {name: source(candidates, principal=principal) for name, source in self.sources.items()}
        return {one.version_id: {name: told.get(name, {}).get(one.version_id) for name in FACTS} for one in candidates}


@dataclass(frozen=True, slots=True)
class Compliance:
    """How products stand by the policies of the mesh, as whoever asks may see it: `{state, decided_at, policies}`.

    `policies` says how each one ended (`pass`, `fail`, …) in the decision that the state comes from.
    """

    seen: Seen

    def __call__(self, candidates: Sequence[Candidate], *, principal: Principal) -> Mapping[str, Json]:
        decisions = self.seen.found(list({one.decision_id for one in candidates}), principal=principal)
        return {
            one.version_id: {
                "state": one.state,
                "decided_at": one.decided_at.isoformat(),
                "policies": ended(found.record) if (found := decisions.get(one.decision_id)) else {},
            }
            for one in candidates
        }


@dataclass(frozen=True, slots=True)
class Trusted:
    """How far products are trusted: `{value, grade, computed_at}`, null where that is unknown.

    A score counts only for the version that was looked at for it.
    """

    trusts: Trusts

    def __call__(self, candidates: Sequence[Candidate], *, principal: Principal) -> Mapping[str, Json]:
        found = self.trusts.found(list({one.line_id for one in candidates}), principal=principal)
        return {
            one.version_id: {"value": told.value, "grade": told.grade, "computed_at": told.computed_at.isoformat()}
            for one in candidates
            if (told := found.get(one.line_id)) and told.value is not None and told.version == one.version
        }


@dataclass(frozen=True, slots=True)
class Kept:
    """What products promise, and how they keep it: a list of `{port, indicator, state, attainment, left}`."""

    slos: Slos
    clock: Callable[[], datetime]

    def __call__(self, candidates: Sequence[Candidate], *, principal: Principal) -> Mapping[str, Json]:
        found = self.slos.of_candidates(candidates, now=self.clock(), principal=principal)
        return {
            version_id: [
                {
                    "port": one.promise.port,
                    "indicator": one.promise.indicator.name,
                    "state": one.state.value,
                    "attainment": one.attainment,
                    "left": one.left,
                }
                for one in kept
            ]
            for version_id, kept in found.items()
        }


def ended(record: Mapping[str, Json] | None) -> dict[str, str]:
    """How each policy ended by an entry of the report; nothing where that was erased or is hidden."""
    decision = (record or {}).get("decision")
    policies = decision.get("policies") if isinstance(decision, Mapping) else None
    listed = policies if isinstance(policies, list) else []
    return {one["policy"]: one["state"] for one in listed if isinstance(one, Mapping)}
