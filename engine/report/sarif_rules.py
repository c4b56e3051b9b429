"""Which rules does a SARIF log list, and what does it say of each?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.report.rules import Rule, Rules, rule_id, rule_of

_SCORES = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.0", "info": "0.0"}
"""Our severities inside the bands in which code scanning reads `security-severity`: above 9, 7, 4 and 0."""

_PROBLEM_SEVERITY = {"error": "error", "warning": "warning", "note": "recommendation"}

NOTIFICATIONS: Mapping[str, str] = {
    "policy-error": "A policy could not be evaluated.",
    "policy-skipped": "A policy that the outcome depends on was skipped.",
    "undecided": "No decision was made about a document.",
}
"""What the notifications of a run can be about, in the order of their index."""


def listed(report: dict[str, Any], rules: Rules) -> list[Rule]:
    """Every rule of a policy that was asked, also those that found nothing, and of each finding and problem."""
    asked = {run["policy"] for one in report["documents"] for run in one["decision"]["policies"]}
    heard = {rule.id: rule for rule in rules.values() if rule.id.rpartition("/")[0] in asked}
    told = (each for one in report["documents"] for each in (*one["problems"], *one["decision"]["findings"]))
    found = {rule_id(each): rule_of(each, rules) for each in told if each.get("disposition") != "shadow"}
    return [rule for _, rule in sorted((heard | found).items())]


def driver(rules: Sequence[Rule], version: str) -> dict[str, Any]:
    """meshgate as the tool component that ran."""
    told = {
        "name": "meshgate",
        "version": version,
        "rules": [_rule(rule) for rule in rules],
        "notifications": [{"id": name, "shortDescription": {"text": text}} for name, text in NOTIFICATIONS.items()],
    }
    return {name: value for name, value in told.items() if value or name != "version"}


def _rule(rule: Rule) -> dict[str, Any]:
    told = {
        "id": rule.id,
        "name": rule.name,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.description or rule.title},
        "help": {"text": _help(rule)},
        "helpUri": rule.uri,
        "defaultConfiguration": {"level": rule.level},
        "properties": _properties(rule),
    }
    return {name: value for name, value in told.items() if value}


def _help(rule: Rule) -> str:
    if "/" in rule.id:
        return rule.help or rule.description or rule.title
    return f"{rule.description or rule.title} `meshgate explain {rule.id}` says the same."


def _properties(rule: Rule) -> dict[str, Any]:
    told = {
        "tags": [rule.category] if rule.category else [],
        "precision": "very-high",
        "problem.severity": _PROBLEM_SEVERITY[rule.level],
        "severity": rule.severity,
        "security-severity": _SCORES.get(rule.severity, ""),
    }
    return {name: value for name, value in told.items() if value}
