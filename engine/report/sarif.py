"""What does a report look like in SARIF 2.1.0, for code scanning and editors?

One run for the whole report. Shadow findings are left out: they are recorded, not shown. Paragraphs in the comments
are those of the OASIS standard "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.report import places, sarif_rules
from engine.report.fingerprints import Fingerprints
from engine.report.json import written
from engine.report.messages import run_messages, why
from engine.report.rules import Rules, rule_id
from engine.report.terminal import harmless

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_ROOT = "%SRCROOT%"
_LEVELS = {"blocking": "error", "advisory": "warning", "waived": "warning", "baselined": "warning"}
_RUNS = {"error": "error", "warning": "warning", "skipped": "note"}


def render(report: dict[str, Any], *, rules: Rules | None = None, version: str = "") -> Iterator[str]:
    """The report as one SARIF log with one run; `version` is that of the meshgate that made it."""
    return written({"$schema": SCHEMA, "version": "2.1.0", "runs": iter([_run(report, rules or {}, version)])})


def _run(report: dict[str, Any], rules: Rules, version: str) -> dict[str, Any]:
    listed = sarif_rules.listed(report, rules)
    return {
        "tool": {"driver": sarif_rules.driver(listed, version)},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The folder in which meshgate was run."}}},
        "invocations": iter([_invocation(report)]),
        "results": _results(report, {rule.id: at for at, rule in enumerate(listed)}),
    }


def _invocation(report: dict[str, Any]) -> dict[str, Any]:
    told = (notification for document in report["documents"] for notification in _notifications(document))
    decided = all(one["decision"]["outcome"] != "undecided" for one in report["documents"])
    return {"executionSuccessful": decided, "toolExecutionNotifications": told}


def _notifications(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What was not judged, and why."""
    for message in run_messages(document, verbose=False):
        text = f"{message.origin}: {message.msg}"
        yield _notification(document, message.code or "policy-skipped", _RUNS[message.word], text)
    decision = document["decision"]
    if decision["outcome"] == "undecided":
        yield _notification(document, "undecided", "error", f"{document['file']}: {why(decision)}")


def _notification(document: dict[str, Any], kind: str, level: str, text: str) -> dict[str, Any]:
    return {
        "descriptor": {"id": kind, "index": list(sarif_rules.NOTIFICATIONS).index(kind)},
        "level": level,
        "message": {"text": _plain(text)},
        "locations": [{"physicalLocation": {"artifactLocation": _artifact(document["file"])}}],
    }


def _results(report: dict[str, Any], index: dict[str, int]) -> Iterator[dict[str, Any]]:
    fingerprints = Fingerprints(report["documents"])
    for document in report["documents"]:
        for problem in document["problems"]:
            told = _result(document, problem, index, fingerprints.of(document, problem))
            yield told | {"level": problem["severity"], "suppressions": _suppressions(problem)}
        for finding in document["decision"]["findings"]:
            if finding["disposition"] != "shadow":
                told = _result(document, finding, index, fingerprints.of(document, finding))
                told["partialFingerprints"]["finding/v1"] = finding["fingerprint"]
                yield told | {"level": _LEVELS[finding["disposition"]], "suppressions": _suppressions(finding)}


def _result(document: dict[str, Any], told: dict[str, Any], index: dict[str, int], known_by: str) -> dict[str, Any]:
    result = {
        "ruleId": rule_id(told),
        "ruleIndex": index[rule_id(told)],
        "kind": "fail",
        "message": {"text": _text(told)},
        "locations": [_location(told)],
        "relatedLocations": list(_related(document, told)),
        "partialFingerprints": {"meshgate/v1": known_by},
        "suppressions": [],
        "properties": _properties(document, told),
    }
    return {name: value for name, value in result.items() if value or name != "relatedLocations"}


def _text(told: dict[str, Any]) -> str:
    """The message, and for a problem what helps, which its rule cannot know."""
    lines = [told["msg"], *([told["hint"]] if told.get("hint") else [])]
    return "\n".join(map(_plain, lines))


def _plain(text: str) -> str:
    """The text on one line; it cannot hold a link, which viewers make of `[text](target)` (§3.11.6)."""
    return harmless(text).replace("](", "] (")


def _location(told: dict[str, Any]) -> dict[str, Any]:
    region = {"startLine": told["line"], "startColumn": told["column"]}
    place: dict[str, Any] = {"physicalLocation": {"artifactLocation": _artifact(told["file"]), "region": region}}
    return place | _logical(told["path"])


def _related(document: dict[str, Any], told: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The references that lead to the place, outermost first (§3.27.22)."""
    for number, (file, pointer) in enumerate(places.references(document, told)):
        place = {"physicalLocation": {"artifactLocation": _artifact(file)}}
        text = f"referred to from {file}#{pointer}"
        yield {"id": number, "message": {"text": _plain(text)}} | place | _logical(pointer)


def _logical(pointer: str) -> dict[str, Any]:
    return {"logicalLocations": [{"fullyQualifiedName": harmless(pointer), "kind": "value"}]} if pointer else {}


def _artifact(file: str) -> dict[str, Any]:
    """A relative name is one below the folder of the run; an absolute one has no base (§3.4.4)."""
    uri = places.uri(file)
    return {"uri": uri} if file.startswith("/") else {"uri": uri, "uriBaseId": _ROOT}


def _suppressions(told: dict[str, Any]) -> list[dict[str, Any]]:
    match told.get("disposition"):
        case "waived":
            why_not = f"waiver {harmless(told.get('waiver', ''))}".strip()
        case "baselined":
            why_not = "it is in the baseline"
        case _:
            return []
    return [{"kind": "external", "status": "accepted", "justification": why_not}]


def _properties(document: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    product = document["product"]
    kept = ("severity", "enforcement", "disposition", "component", "path", "source_path", "fix")
    found = {name: told[name] for name in kept if name in told}
    return found | ({"product": product["fqn"], "version": product["version"]} if product else {})
