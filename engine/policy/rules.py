"""What is a product judged by: which policies under which governance?"""

from __future__ import annotations

from dataclasses import dataclass

from engine.model import Bundle
from engine.policy.governance import Governance


@dataclass(frozen=True, slots=True, eq=False)
class Rules:
    """A bundle and the governance that was read for it; they are of one moment and go together everywhere."""

    bundle: Bundle
    governance: Governance

    @property
    def digests(self) -> tuple[str, str, str]:
        """What a decision under these rules names them by: bundle revision, assignments, waivers."""
        return self.bundle.revision, self.governance.assignments_digest, self.governance.waivers_digest
