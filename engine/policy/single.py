"""What does one policy, handed over as text, say about one object?

This is for policies that belong to no bundle: those that an Open Data Mesh policy service sends with each question.
They are held to the same sandbox, limits and list of built-ins as every other policy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from engine.errors import BundleInvalid, PolicyEvaluationFailed
from engine.model import Json
from engine.policy import alone, modules, rego_v0
from engine.policy.alone import Bounds
from engine.policy.worker import Refused, Worker, WorkerLost
from engine.policy.workers import Workers

SECONDS = 5.0
LARGEST = 128 << 10
RULES = 1_000
FILE = "policy.rego"
BOUNDS = Bounds(LARGEST, RULES, FILE)


@dataclass(frozen=True, slots=True)
class Said:
    """Whether the policy lets the object pass, and everything that its package says of it."""

    allowed: bool
    result: Mapping[str, Json]


def said(workers: Workers, text: str, given: Json, *, v0: bool = False) -> Said:
    """What the policy says, read as Rego v0 where told so.

    Its word is `allow` (undefined is no), else whether its sets of findings (`violation`, `deny…`) are empty. Raises
    BundleInvalid for text that is no policy, PolicyEvaluationFailed where it has no word, PolicyEngineUnavailable.
    """
    alone.glanced(text, BOUNDS)
    try:
        with workers.one(patience=SECONDS) as worker:
            modern = rego_v0.modern(worker, FILE, text) if v0 else text
            package, rules = _understood(worker, modern)
            result = _evaluated(worker, package, modern, given)
    except WorkerLost as reason:
        raise PolicyEvaluationFailed(f"the policy was stopped: {reason}") from None
    return Said(_word(rules, result), result)


def _understood(worker: Worker, text: str) -> tuple[str, tuple[str, ...]]:
    """The package of the text, and the rules that carry its word."""
    found = alone.understood(worker, text, BOUNDS)
    if not found.entries:
        raise BundleInvalid(
            f"{FILE}: package {found.package.id} has no rule allow and no set of findings: nothing to ask"
        )
    return found.package.id, found.entries


def _evaluated(worker: Worker, package: str, text: str, given: Json) -> Mapping[str, Json]:
    revision = modules.revision({FILE: text})
    try:
        worker.load(revision, {FILE: text}, seconds=SECONDS)
        value = worker.evaluate(revision, f"data.{package}", orjson.dumps(given), seconds=SECONDS)
    except Refused as reason:
        raise PolicyEvaluationFailed(str(reason)) from None
    if not isinstance(value, dict):
        raise PolicyEvaluationFailed(f"package {package} gave no object")
    return value


def _word(rules: tuple[str, ...], result: Mapping[str, Json]) -> bool:
    if "allow" not in rules:
        return not any(result.get(rule) for rule in rules)
    allow = result.get("allow", False)
    if not isinstance(allow, bool):
        raise PolicyEvaluationFailed("the rule allow is neither true nor false")
    return allow
