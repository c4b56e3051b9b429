"""What does a report look like to GitLab's code quality view?

The format is the subset of Code Climate's that GitLab reads (GitLab documentation, "Code Quality report format").
It knows neither waivers nor baselines, so only what still asks for a change is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.report.fingerprints import Fingerprints
from engine.report.json import written
from engine.report.messages import is_unjudged, run_messages, why
from engine.report.rules import rule_id
from engine.report.terminal import harmless

_SEVERITIES = {"critical": "blocker", "high": "critical", "medium": "major", "low": "minor", "info": "info"}
_PROBLEMS = {"error": "critical", "warning": "minor"}
_RUNS = {"error": "blocker", "warning": "minor", "skipped": "info"}


def render(report: dict[str, Any]) -> Iterator[str]:
    """The report as a JSON array of issues, each with a fingerprint of its own."""
    fingerprints = Fingerprints(report["documents"])
    return written(issue for document in report["documents"] for issue in _issues(document, fingerprints))


def _issues(document: dict[str, Any], fingerprints: Fingerprints) -> Iterator[dict[str, Any]]:
    for problem in document["problems"]:
        if "disposition" in problem:
            continue
        text = _helped(problem["msg"], problem["hint"])
        yield _issue(problem, text, _PROBLEMS[problem["severity"]], fingerprints.of(document, problem))
    for finding in document["decision"]["findings"]:
        if finding["disposition"] in ("blocking", "advisory"):
            text = _helped(finding["msg"], finding.get("remediation", ""))
            yield _issue(finding, text, _SEVERITIES[finding["severity"]], fingerprints.of(document, finding))
    for rule, text, severity in _unheard(document):
        told = {"code": rule, "path": "", "file": document["file"], "line": 1}
        yield _issue(told, text, severity, fingerprints.of(document, told))


def _unheard(document: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """What was not judged: rule, text and severity."""
    for message in run_messages(document, verbose=False):
        yield f"{message.origin}/{message.code or 'policy-skipped'}", harmless(message.msg), _RUNS[message.word]
    if is_unjudged(document["decision"]):
        yield "undecided", why(document["decision"]), "blocker"


def _issue(told: dict[str, Any], text: str, severity: str, fingerprint: str) -> dict[str, Any]:
    return {
        "description": text,
        "check_name": harmless(rule_id(told)),
        "fingerprint": fingerprint,
        "severity": severity,
        "location": {"path": told["file"], "lines": {"begin": told["line"]}},
    }


def _helped(text: str, help_: str) -> str:
    return f"{harmless(text)} ({harmless(help_)})" if help_ else harmless(text)
