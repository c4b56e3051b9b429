"""Does one decision say something else about a product than another one does?

Compared are the findings with what became of them, and the errors, policy by policy. A policy that passes says
nothing: whether it was asked at all is told by the basis of the decision. Places in the author's files do not count,
neither do moments and digests.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson

from engine.model import PolicyState

_COUNTED = ("code", "msg", "path", "disposition", "enforcement", "waiver")


def said(entry: Mapping[str, Any]) -> dict[str, str]:
    """A digest for each policy that found something or erred; `entry` is what the report holds of a decision (§5)."""
    told: dict[str, list[Any]] = {}
    decision = entry["decision"]
    for one in decision.get("findings", ()):
        told.setdefault(one["policy"], []).append([one.get(name, "") for name in _COUNTED])
    for run in decision.get("policies", ()):
        if run["state"] == PolicyState.ERROR:
            told.setdefault(run["policy"], []).append(["error", run["enforcement"], run.get("reason", "")])
    return {
        policy: hashlib.sha256(orjson.dumps(sorted(some))).hexdigest()[:32] for policy, some in sorted(told.items())
    }


def evaluated(entry: Mapping[str, Any]) -> bool:
    """Whether any policy was evaluated for the decision."""
    return any(run["state"] in (PolicyState.PASS, PolicyState.FAIL) for run in entry["decision"].get("policies", ()))
