"""What does a report look like as JUnit XML, which every CI system shows as tests?

A suite is a document and a case is a policy, passed ones included; each problem code is a case of the same suite. The
elements are those of the Jenkins schema that all readers share. An advisory is told by a passing case.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

from engine.report.messages import is_unjudged, why
from engine.report.terminal import harmless

_TAGS = {"failures": "failure", "errors": "error", "skipped": "skipped"}
_COUNTED = ("tests", *_TAGS)
_NONCHARACTERS = {0xFFFE: "\\ufffe", 0xFFFF: "\\uffff"}
"""What XML 1.0 §2.2 refuses and `harmless` lets through."""


@dataclass(frozen=True, slots=True)
class _Case:
    """One test case: `tag` is failure, error, skipped or nothing for a pass."""

    name: str
    tag: str = ""
    message: str = ""
    kind: str = ""
    lines: Sequence[str] = ()
    said: Sequence[str] = ()


def render(report: dict[str, Any]) -> Iterator[str]:
    """The report as an XML document; the suites are made twice, because the root counts them before the first."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    root = ET.tostring(ET.Element("testsuites", {"name": "meshgate"} | _totals(report)), encoding="unicode")
    if not len(report["documents"]):
        yield f"{root}\n"
        return
    yield f"{root.removesuffix(' />')}>\n"
    for document in report["documents"]:
        suite = _suite(document)
        ET.indent(suite, level=1)
        yield f"  {ET.tostring(suite, encoding='unicode')}\n"
    yield "</testsuites>\n"


def _totals(report: dict[str, Any]) -> dict[str, str]:
    totals: Counter[str] = Counter()
    for suite in map(_suite, report["documents"]):
        totals.update({count: int(suite.get(count, "0")) for count in _COUNTED})
    return {count: str(totals[count]) for count in _COUNTED}


def _suite(document: dict[str, Any]) -> ET.Element:
    cases = [*_problems(document), *(_policy(run, document) for run in document["decision"]["policies"])]
    if is_unjudged(document["decision"]) and not any(case.tag == "error" for case in cases):
        cases.append(_Case("decision", "error", why(document["decision"]), "undecided"))
    name = plain(document["file"])
    suite = ET.Element("testsuite", {"name": name, "tests": str(len(cases))})
    for count, tag in _TAGS.items():
        suite.set(count, str(sum(case.tag == tag for case in cases)))
    suite.append(_properties(document))
    suite.extend(_element(case, name) for case in cases)
    return suite


def _properties(document: dict[str, Any]) -> ET.Element:
    decision, product = document["decision"], document["product"] or {}
    told = {"outcome": decision["outcome"], "provisional": str(decision["provisional"]).lower()}
    told |= {name: product.get(name) for name in ("fqn", "version")}
    told |= {name: decision[name] for name in ("bundle_revision", "assignments_digest", "waivers_digest", "engine")}
    properties = ET.Element("properties")
    for name, value in told.items():
        if value:
            ET.SubElement(properties, "property", {"name": name, "value": plain(value)})
    return properties


def _element(case: _Case, suite: str) -> ET.Element:
    element = ET.Element("testcase", {"classname": suite, "name": plain(case.name), "file": suite})
    if case.tag:
        told = {"message": plain(case.message), "type": plain(case.kind)}
        inner = ET.SubElement(element, case.tag, {name: value for name, value in told.items() if value})
        inner.text = _text(case.lines)
    if case.said:
        ET.SubElement(element, "system-out").text = _text(case.said)
    return element


def _problems(document: dict[str, Any]) -> Iterator[_Case]:
    """A case for each code, so that its name is the same from run to run."""
    unread = document["decision"]["input_digest"] is None
    grouped: dict[str, list[dict[str, Any]]] = {}
    for problem in document["problems"]:
        grouped.setdefault(f"{problem['code']} {problem['name']}", []).append(problem)
    for name, told in grouped.items():
        lines = [line for one in told for line in _lines(one, one["hint"])]
        told = [one for one in told if "disposition" not in one]
        if not told:
            yield _Case(name, "skipped", "in the baseline", lines=lines)
        elif told[0]["severity"] == "warning":
            yield _Case(name, said=lines)
        else:
            yield _Case(name, "error" if unread else "failure", _first(told), told[0]["name"], lines)


def _policy(run: Mapping[str, Any], document: dict[str, Any]) -> _Case:
    name, reason = run["policy"], run.get("reason", "")
    if run["state"] == "error":
        return _Case(name, "error", reason, "policy-error")
    if run["state"] == "skipped":
        return _Case(name, "skipped", reason)
    found = [one for one in document["decision"]["findings"] if one["policy"] == name]
    by = {word: [one for one in found if one["disposition"] == word] for word in ("blocking", "advisory")}
    excused = [one for one in found if one["disposition"] in ("waived", "baselined")]
    if blocking := by["blocking"]:
        kind = f"{name}/{blocking[0]['code']}"
        return _Case(name, "failure", _first(blocking), kind, _told(blocking), _told([*by["advisory"], *excused]))
    if excused and not by["advisory"]:
        return _Case(name, "skipped", "; ".join(map(_excuse, excused)), lines=_told(excused))
    return _Case(name, said=_told([*by["advisory"], *excused]))


def _first(told: Sequence[dict[str, Any]]) -> str:
    return str(told[0]["msg"]) + (f" (and {len(told) - 1} more)" if len(told) > 1 else "")


def _told(findings: Sequence[dict[str, Any]]) -> list[str]:
    return [line for one in findings for line in _lines(one, one.get("remediation", ""))]


def _lines(one: dict[str, Any], help_: str) -> Iterator[str]:
    word = one.get("disposition", one["severity"])
    yield f"{one['file']}:{one['line']}:{one['column']}: {word} {one['code']}: {one['msg']}"
    yield from (f"  through: {reference}" for reference in one.get("via", ()))
    if word in ("waived", "baselined"):
        yield f"  {_excuse(one)}"
    elif help_:
        yield f"  help: {help_}"


def _excuse(finding: dict[str, Any]) -> str:
    return f"waived by {finding.get('waiver', '')}" if finding["disposition"] == "waived" else "in the baseline"


def _text(lines: Sequence[str]) -> str | None:
    return "\n".join(map(plain, lines)) or None


def plain(text: str) -> str:
    """The text on one line, without what XML cannot hold."""
    return harmless(text).translate(_NONCHARACTERS)
