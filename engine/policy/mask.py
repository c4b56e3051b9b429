"""What does the governance team's mask policy hide of a decision record before it leaves?

It is Rego as OPA reads it for its own decision logs: package `system.log`, rule `mask`, asked about the whole record
(`aside`). Whatever goes wrong is MaskInvalid, and then nothing leaves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.errors import BundleInvalid, GovernanceError, MaskInvalid
from engine.model import Json
from engine.policy import aside, mask_rules
from engine.policy.aside import Aside
from engine.policy.worker import Refused, WorkerLost
from engine.policy.workers import Workers

FOLDER = "mask"
PACKAGE, RULE = "system.log", "mask"


@dataclass(frozen=True, slots=True)
class Mask:
    """A mask policy that was read."""

    policy: Aside

    def masked(self, record: Mapping[str, Json]) -> dict[str, Json]:
        """The record as others may see it. Raises MaskInvalid."""
        try:
            rules = self.policy.asked(record)
        except (Refused, WorkerLost, GovernanceError) as reason:
            raise MaskInvalid(f"The mask policy could not be evaluated: {reason}.") from reason
        return mask_rules.applied(record, mask_rules.understood(rules))


def load(governance: Path, workers: Workers) -> Mask | None:
    """The mask policy in `mask/` of the governance folder; None where there is no such folder.

    Raises MaskInvalid for a folder without one, and for Rego that policies may not use either; PolicyEngineUnavailable
    where no worker can run.
    """
    folder = governance / FOLDER
    if not folder.exists():
        return None
    try:
        return Mask(aside.read(folder, workers, package=PACKAGE, rule=RULE))
    except BundleInvalid as reason:
        raise MaskInvalid(f"The mask policy cannot be read: {reason}.") from reason
