"""By which policies, assignments and waivers was a report made?"""

from __future__ import annotations

from typing import Any

from api.cli.printing import note

NAMES = ("bundle_revision", "assignments_digest", "waivers_digest")


def told(report: dict[str, Any]) -> None:
    """Tell the digests on standard error, once for all documents that share them."""
    decisions = (one["decision"] for one in report["documents"])
    for digests in dict.fromkeys(tuple(one[name] for name in NAMES) for one in decisions):
        if all(digests):
            bundle, assignments, waivers = digests
            note(f"note: judged by bundle {bundle}, assignments {assignments}, waivers {waivers}")
