"""What does one policy, handed over as text, say about one object?

This is for policies that belong to no bundle: those that an Open Data Mesh policy service sends with each question.
They are held to the same sandbox, limits and list of built-ins as every other policy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson

from engine.errors import BundleInvalid, PolicyEvaluationFailed
from engine.model import Json
from engine.policy import lint, modules, packages, reach, rego_v0, syntax
from engine.policy.flaws import refuse_first
from engine.policy.modules import Source
from engine.policy.worker import Refused, Worker, WorkerLost
from engine.policy.workers import Workers

SECONDS = 5.0
LARGEST = 128 << 10
"""Characters of a policy that anybody may send: what is asked about its tree is asked in this process."""
RULES = 1_000
FILE = "policy.rego"


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
    if len(text) > LARGEST:
        raise BundleInvalid(
            f"{FILE}: longer than {LARGEST >> 10} KiB, the most that a policy may have that comes alone"
        )
    refuse_first(filter(None, [lint.nesting(FILE, text)]))
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
    try:
        tree = worker.syntax({FILE: text}, seconds=SECONDS)[0]
    except Refused as reason:
        raise BundleInvalid(str(reason)) from None
    if len(tree["ast"]["rules"]) > RULES:
        raise BundleInvalid(f"{FILE}: has more than {RULES} rules, the most that a policy may have that comes alone")
    module = syntax.module(tree)
    package = packages.group([module], [Source(FILE, text, Path(FILE))])[0]
    _, reaching = reach.follow([module])
    refuse_first(
        [*lint.Calls([module]).flaws(module), *reaching, *packages.misnamed(module), *packages.misspelt(package)]
    )
    rules = packages.entries(package)
    if not rules:
        raise BundleInvalid(f"{FILE}: package {package.id} has no rule allow and no set of findings: nothing to ask")
    return package.id, rules


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
