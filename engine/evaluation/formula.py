"""What does a formula in Rego make of the facts of a product?

A formula is a package with a rule `score`. It travels in the bundle as a library does, is asked through the port of
every policy engine, in the same sandbox and within the same limits as a policy, and may use the libraries beside it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.errors import BundleInvalid, PolicyEvaluationFailed
from engine.evaluation.refusals import FormulaInvalid
from engine.evaluation.score import Score, ScoreInvalid, score
from engine.model import Bundle, Enforcement, Event, Json, Policy, PolicyFailure, Severity
from engine.policy import lint, modules, query, syntax
from engine.policy.flaws import refuse_first
from engine.policy.inspection import inspect
from engine.policy.modules import Source
from engine.policy.port import PolicyEngine
from engine.policy.worker import Refused, WorkerLost
from engine.policy.workers import Workers

SHIPPED = "mesh.trust.formula"
"""The formula that comes with the starter policies."""

RULE = "score"
SECONDS = 5.0
_PACKAGE = re.compile(r"^package\s+([A-Za-z_][\w.]*)", re.MULTILINE | re.ASCII)
_QUESTION = """
results[{id}] := {{{{"code": "score", "msg": "score", "path": [], "details": data.{package}.{rule}}}}} if {{
\t{id} in selected
}}
"""


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula that can be asked; `revision` names everything that its word depends on but the facts."""

    package: str
    bundle: Bundle

    @property
    def revision(self) -> str:
        return self.bundle.revision


def of(package: str, texts: Mapping[str, str]) -> Formula:
    """The formula of this package among these modules by path, with what it uses of them. Raises FormulaInvalid."""
    named = {path: found[1] for path, text in texts.items() if (found := _PACKAGE.search(text))}
    own = {path: texts[path] for path, name in named.items() if name == package}
    if not own:
        raise FormulaInvalid(f"There is no package `{package}` among the policies.", package=package)
    held = _with_libraries(own, {path: name for path, name in named.items() if path != query.PATH}, texts)
    return Formula(package, _asking(package, held))


def read(text: str, *, beside: Mapping[str, str], workers: Workers, file: str = "formula.rego") -> Formula:
    """The formula in a file of its own, which may use the libraries beside it.

    It is held to all that policies are held to. Raises FormulaInvalid with the place of the first flaw, or
    PolicyEngineUnavailable.
    """
    named = _PACKAGE.search(text)
    if named is None:
        raise FormulaInvalid(f"{file}: there is no package")
    package = named[1]
    others = {path: one for path, one in beside.items() if (found := _PACKAGE.search(one)) and found[1] != package}
    made = of(package, {**others, file: text})
    own = {path: one for path, one in made.bundle.modules.items() if path != query.PATH}
    try:
        refuse_first(filter(None, [lint.at_sight(file, text)]))
        with workers.one(patience=SECONDS) as worker:
            trees = worker.syntax(own, seconds=SECONDS)
        parsed = [syntax.module(tree) for tree in trees]
        refuse_first(inspect(parsed, [Source(path, one, Path(path)) for path, one in own.items()]).flaws)
    except (BundleInvalid, Refused, WorkerLost) as reason:
        raise FormulaInvalid(str(reason)) from None
    if not any(one.name == RULE and not one.arity for module in parsed for one in module.definitions):
        raise FormulaInvalid(f"{file}: package {package} has no rule `{RULE}`")
    return made


def asked(formula: Formula, facts: Mapping[str, Json], *, engine: PolicyEngine) -> Score:
    """The score that the formula gives for these facts.

    Raises PolicyEvaluationFailed where the formula errs or says what is no score, PolicyEngineUnavailable where it was
    not asked at all.
    """
    document = {**facts, "_context": {"policies": [formula.package]}}
    said = engine.evaluate(formula.bundle, [formula.package], document)[formula.package]
    if isinstance(said, PolicyFailure):
        raise PolicyEvaluationFailed(f"formula {formula.package}: {said.reason}")
    try:
        return score(dict(said[0].details or {}) if said else None)
    except ScoreInvalid as reason:
        raise PolicyEvaluationFailed(f"formula {formula.package}: {reason}") from None


def _with_libraries(own: Mapping[str, str], named: Mapping[str, str], texts: Mapping[str, str]) -> dict[str, str]:
    """These modules and all that they name, directly or not."""
    held = dict(own)
    while True:
        told = "\n".join(held.values())
        more = {path: texts[path] for path, name in named.items() if path not in held and _mentions(told, name)}
        if not more:
            return dict(sorted(held.items()))
        held |= more


def _mentions(text: str, package: str) -> bool:
    return re.search(rf"\bdata\.{re.escape(package)}(?![\w])", text) is not None


def _asking(package: str, texts: dict[str, str]) -> Bundle:
    question = _QUESTION.format(id=json.dumps(package), package=package, rule=RULE)
    revision = modules.revision({**texts, query.PATH: query.write("", {}) + question})
    asking = query.write(revision, {}) + question
    about = Policy(
        id=package,
        title="Trust",
        description="How far a product may be trusted.",
        owner="",
        severity=Severity.INFO,
        category="trust",
        enforcement=Enforcement.SHADOW,
        events=frozenset(Event),
    )
    return Bundle(revision, {package: about}, {**texts, query.PATH: asking})
