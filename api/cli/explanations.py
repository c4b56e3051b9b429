"""What is there to explain: problems, lint rules, errors, policies and their findings, each as one short page?"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine import errors
from engine.descriptor.codes import CODES, ProblemCode
from engine.errors import GovernanceError
from engine.model import FindingCode, Json, Policy
from engine.policy import refusals
from engine.policy.lint_rules import RULES, LintRule


@dataclass(frozen=True, slots=True)
class Explanation:
    """One page: `names` are what it can be asked for by, the first of them its title; `facts` are label and text."""

    names: tuple[str, ...]
    kind: str
    title: str
    text: str = ""
    facts: tuple[tuple[str, str], ...] = ()


def fixed() -> Iterator[Explanation]:
    """What this installation can always say: every problem code, every rule of the linter and every error code."""
    yield from map(_of_problem, CODES.values())
    yield from map(_of_lint_rule, RULES.values())
    yield from (_of_error(code, kinds) for code, kinds in sorted(_errors().items()))


def of_policies(policies: Iterable[Policy]) -> Iterator[Explanation]:
    """The pages of policies and of each of their findings, from the annotations of their authors."""
    for policy in policies:
        yield _of_policy(policy)
        for code, finding in policy.findings.items():
            yield _of_finding(policy, code, finding)


def named(code: str, pages: Iterable[Explanation]) -> list[Explanation]:
    """The pages of this name; one that is called so in full comes before those that only end so."""
    pages = list(pages)
    wanted = code.strip().casefold()
    exact = [one for one in pages if one.names[0].casefold() == wanted]
    return exact or [one for one in pages if wanted in map(str.casefold, one.names)]


def _of_problem(one: ProblemCode) -> Explanation:
    return Explanation(
        names=(one.code, one.name),
        kind=f"problem, {one.severity.value}",
        title=one.title,
        text=one.explanation,
        facts=(("name", one.name), ("step", one.layer.value)),
    )


def _of_lint_rule(one: LintRule) -> Explanation:
    facts = (("name", one.name), ("step", f"policy lint: {one.chapter[0].lower()}{one.chapter[1:]}"))
    return Explanation((one.code, one.name), f"lint rule, {one.severity.value}", one.title, one.explanation, facts)


def _errors() -> dict[str, list[type[GovernanceError]]]:
    found: dict[str, list[type[GovernanceError]]] = {}
    for one in (*vars(errors).values(), *vars(refusals).values()):
        if isinstance(one, type) and issubclass(one, GovernanceError):
            found.setdefault(one.code, []).append(one)
    return found


def _of_error(code: str, kinds: list[type[GovernanceError]]) -> Explanation:
    one = kinds[0]
    hint = (("what to do", one.hint),) if one.hint else ()
    text = "An error is no verdict: nothing was decided, accepted or changed, and a command ends with exit code 2."
    return Explanation((code,), "error", (one.__doc__ or code).strip().splitlines()[0], text, hint)


def _of_policy(policy: Policy) -> Explanation:
    facts = [
        ("owner", policy.owner),
        ("severity", policy.severity.value),
        ("category", policy.category),
        ("enforcement", f"{policy.enforcement.value}, where no assignment says otherwise"),
        ("asked at", ", ".join(sorted(policy.events))),
        ("needs", ", ".join(sorted(policy.needs))),
        ("parameters", ", ".join(f"{name} = {_short(value)}" for name, value in policy.defaults.items())),
        *((f"finding {code}", finding.title) for code, finding in policy.findings.items()),
        *(("see", link) for link in policy.related),
        ("file", policy.file),
    ]
    names = (policy.id, policy.id.rpartition(".")[2])
    return Explanation(names, "policy", policy.title, policy.description, _told(facts))


def _of_finding(policy: Policy, code: str, finding: FindingCode) -> Explanation:
    facts = [
        ("what to do", finding.remediation),
        ("policy", f"{policy.id}: {policy.title}"),
        ("severity", policy.severity.value),
        ("owner", policy.owner),
    ]
    return Explanation((f"{policy.id}/{code}", code), "finding", finding.title, policy.description, _told(facts))


def _told(facts: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((label, text) for label, text in facts if text)


def _short(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)
