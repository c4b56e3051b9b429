"""What does a run of policy tests look like as JUnit XML: a suite for each policy, a case for each test?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree as ET

from engine.report.junit import plain

_TAGS = {"failed": ("failure", "failures"), "error": ("error", "errors"), "skipped": ("skipped", "skipped")}


def render(report: Mapping[str, Any]) -> str:
    """The run as an XML document; a policy without any test is a skipped case that says so."""
    suites: dict[str, ET.Element] = {}
    for one in report["tests"]:
        suite = _suite(suites, one["policies"][0] if one["policies"] else "no policy")
        _case(suite, one)
    for id in report["untested"]:
        untested = {
            "kind": "policy",
            "name": "tests",
            "file": id,
            "state": "skipped",
            "reason": "no test says anything",
        }
        _case(_suite(suites, id), untested)
    for suite in suites.values():
        suite.set("tests", str(len(suite)))
        for tag, count in _TAGS.values():
            suite.set(count, str(sum(case.find(tag) is not None for case in suite)))
    return _document(list(suites.values()))


def _document(suites: Sequence[ET.Element]) -> str:
    """The XML document of these suites, whose counts are added up."""
    root = ET.Element("testsuites", {"name": "meshgate"})
    for count in ("tests", *(count for _, count in _TAGS.values())):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in suites)))
    root.extend(suites)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(suites: dict[str, ET.Element], policy: str) -> ET.Element:
    return suites.setdefault(policy, ET.Element("testsuite", {"name": plain(policy)}))


def _case(suite: ET.Element, one: Mapping[str, Any]) -> None:
    told = {"classname": suite.get("name", ""), "name": plain(one["name"]), "file": plain(one["file"])}
    case = ET.SubElement(suite, "testcase", told)
    if one["state"] in _TAGS:
        inner = ET.SubElement(case, _TAGS[one["state"]][0], {"message": plain(one["reason"])})
        inner.text = "\n".join(map(plain, one.get("because", ()))) or None
    if one.get("printed"):
        ET.SubElement(case, "system-out").text = "\n".join(map(plain, one["printed"]))
