"""What is known of the rules behind a report: their titles, what they mean, how to satisfy them?

A report names rules only by id and code. Formats that explain them (SARIF, markdown, HTML) are given these values,
which the caller makes of its bundle and of the problem codes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

from engine.model import Enforcement, Policy, ProblemSeverity

LEVELS = {
    Enforcement.SHADOW: "note",
    Enforcement.ADVISORY: "warning",
    Enforcement.BLOCKING: "error",
    Enforcement.MANDATORY: "error",
}
"""How loud a finding is by the enforcement of its policy."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One finding code of a policy (`policy/code`) or one problem code (`DPnnn`); `name` is the word people use."""

    id: str
    name: str
    title: str
    level: str = "error"
    description: str = ""
    help: str = ""
    uri: str = ""
    severity: str = ""
    category: str = ""


Rules = Mapping[str, Rule]
"""Rules by their id."""


class Explained(Protocol):
    """What a problem code says of itself."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def severity(self) -> ProblemSeverity: ...
    @property
    def title(self) -> str: ...
    @property
    def explanation(self) -> str: ...


def known(policies: Iterable[Policy], codes: Iterable[Explained]) -> dict[str, Rule]:
    """The rules of these policies and problem codes."""
    found = {rule.id: rule for policy in policies for rule in _of_policy(policy)}
    return found | {one.code: _of_code(one) for one in codes}


def rule_id(told: Mapping[str, Any]) -> str:
    """Which rule a finding or problem of a report comes from."""
    return f"{told['policy']}/{told['code']}" if "policy" in told else str(told["code"])


def rule_of(told: Mapping[str, Any], rules: Rules) -> Rule:
    """The rule of a finding or problem; where it is not known, what the finding or problem itself gives away."""
    return rules.get(rule_id(told)) or _guessed(told)


def _of_policy(policy: Policy) -> Iterator[Rule]:
    for code, finding in policy.findings.items():
        yield Rule(
            id=f"{policy.id}/{code}",
            name=code,
            title=finding.title,
            level=LEVELS[policy.enforcement],
            description=policy.description,
            help=finding.remediation,
            uri=next(filter(_is_link, policy.related), ""),
            severity=policy.severity.value,
            category=policy.category,
        )


def _of_code(one: Explained) -> Rule:
    return Rule(one.code, one.name, one.title, one.severity.value, one.explanation, category="descriptor")


def _guessed(told: Mapping[str, Any]) -> Rule:
    if "policy" not in told:
        return Rule(told["code"], told["name"], _words(told["name"]), told["severity"], category="descriptor")
    return Rule(
        id=rule_id(told),
        name=told["code"],
        title=_words(told["code"]),
        level=LEVELS[Enforcement(told["enforcement"])],
        help=told.get("remediation", ""),
        severity=told["severity"],
    )


def _words(name: str) -> str:
    return name.replace("_", " ").replace("-", " ").capitalize()


def _is_link(text: str) -> bool:
    return text.isascii() and text.isprintable() and " " not in text and urlsplit(text).scheme in ("https", "http")
