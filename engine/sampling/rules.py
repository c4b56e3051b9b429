"""Which columns may this principal see, and how? The governance team's sampling policy says it.

It is Rego in `sampling/` of the governance folder: package `sampling`, rule `columns`, an object of a treatment by the
name of a column; a set `deny` of reasons refuses the whole sample. A column that it does not speak of is not shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from engine.errors import BundleInvalid, GovernanceError, SamplingPolicyInvalid
from engine.model import Json
from engine.policy import aside
from engine.policy.aside import Aside
from engine.policy.worker import Refused, WorkerLost
from engine.policy.workers import Workers

FOLDER = "sampling"
DEFAULT = Path(__file__).with_name("shipped")
PACKAGE, RULE = "sampling", "columns"
MOST_REASONS, LONGEST = 5, 300


class Treatment(StrEnum):
    """What becomes of the values of a column."""

    SHOW = "show"
    #: a code by which equal values of one answer can be told, and nothing else
    HASH = "hash"
    #: the first character of longer ones
    PARTIAL = "partial"
    #: never read
    NULL = "null"
    #: never read, and not in the answer
    HIDE = "hide"


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the policy says: reasons against the whole sample, else a treatment for each column."""

    denied: tuple[str, ...]
    treatments: Mapping[str, Treatment]


@dataclass(frozen=True, slots=True)
class SamplingPolicy:
    """A sampling policy that was read."""

    policy: Aside

    @property
    def revision(self) -> str:
        """The digest of its text, as the record of a sample names it."""
        return self.policy.revision

    def ruling(self, document: Mapping[str, Json]) -> Ruling:
        """What it says of this request. Raises SamplingPolicyInvalid, and then nothing is shown."""
        try:
            told = self.policy.asked(document)
        except (Refused, WorkerLost, GovernanceError) as reason:
            raise SamplingPolicyInvalid(f"The sampling policy could not be evaluated: {reason}.") from reason
        if not isinstance(told, dict):
            raise SamplingPolicyInvalid("The sampling policy gave no object.")
        return _ruling(told)


def load(governance: Path | None, workers: Workers) -> SamplingPolicy:
    """The policy of this governance folder, else the one that meshgate ships.

    Raises SamplingPolicyInvalid for a folder without one, and for Rego that policies may not use either.
    """
    folder = None if governance is None else governance / FOLDER
    chosen = folder if folder is not None and folder.exists() else DEFAULT
    try:
        read = aside.read(chosen, workers, package=PACKAGE, rule=RULE)
    except BundleInvalid as reason:
        raise SamplingPolicyInvalid(f"The sampling policy cannot be read: {reason}.") from reason
    return SamplingPolicy(read.widened(f"data.{PACKAGE}"))


def _ruling(told: Mapping[str, Any]) -> Ruling:
    denied, columns = told.get("deny", []), told.get(RULE)
    if not isinstance(denied, list) or not all(isinstance(one, str) for one in denied):
        raise SamplingPolicyInvalid("The sampling policy gives a `deny` that is no set of texts.")
    if not isinstance(columns, dict):
        raise SamplingPolicyInvalid(f"The sampling policy gives no `{RULE}`: it is undefined or of another type.")
    unknown = sorted({str(one) for one in columns.values()} - set(Treatment))
    if unknown:
        raise SamplingPolicyInvalid(f"The sampling policy asks to `{unknown[0]}`; it may {', '.join(Treatment)}.")
    reasons = tuple(one[:LONGEST] for one in sorted(denied)[:MOST_REASONS])
    return Ruling(reasons, {name: Treatment(one) for name, one in columns.items()})
