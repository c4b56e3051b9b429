"""What does a comparison of two sets of rules look like in a terminal?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.impact import Kind
from engine.report.terminal import harmless

SAID = {
    Kind.NEWLY_BLOCKED: "would be blocked",
    Kind.NEWLY_UNDECIDED: "could not be decided any more",
    Kind.NEWLY_PASSING: "would pass",
    Kind.CHANGED: "would get other findings",
}


def render(report: Mapping[str, Any]) -> str:
    """The report as lines of text."""
    return "\n".join(_lines(report)) + "\n"


def headline(report: Mapping[str, Any]) -> str:
    """What changes, in one sentence."""
    summary = report["summary"]
    counts = [f"{summary[kind.value]} {said}" for kind, said in SAID.items() if summary[kind.value]]
    told = ", ".join(counts) if counts else "nothing would change"
    count = summary["products"]
    return f"Of {count} product{'s' * (count != 1)} {told}"


def domains(report: Mapping[str, Any]) -> str:
    """In which domains something would be blocked, empty where nothing would."""
    hit = [name for name, counts in report["by_domain"].items() if counts[Kind.NEWLY_BLOCKED.value]]
    return f"in {len(hit)} domain{'s' * (len(hit) != 1)} ({', '.join(hit)})" if hit else ""


def _lines(report: Mapping[str, Any]) -> Iterator[str]:
    yield f"{headline(report)}."
    if told := domains(report):
        yield harmless(f"Newly blocked: {told}.")
    for policy, counts in report["by_policy"].items():
        waived = f", {counts['waived']} of them waived" if counts["waived"] else ""
        yield harmless(
            f"  {policy}: {counts['appeared']} new{waived}; {counts['gone']} gone; {counts['shifted']} otherwise"
        )
    for product in report["products"]:
        yield ""
        yield from _product(product)
    if report["decisions"] is not None:
        yield from _past(report["decisions"])


def _product(told: Mapping[str, Any]) -> Iterator[str]:
    head = f"{told['kind'].replace('_', ' ')}: {told['product']} {told['version']}"
    yield harmless(f"{head}  ({told['domain']}, {told['owner'] or 'no owner'}): {told['before']} -> {told['after']}")
    for sign, name in (("+", "appeared"), ("-", "gone"), ("~", "shifted")):
        for finding in told[name]:
            became = f"{finding['before']} -> " if name == "shifted" else ""
            waiver = f", waiver {finding['waiver']}" if finding.get("waiver") else ""
            what = f"  {sign} {finding['policy']} {finding['code']} [{became}{finding['disposition']}{waiver}]"
            yield harmless(f"{what} {finding['path'] or '/'}: {finding['msg']}")
    for error in told["errors"]:
        yield harmless(f"  ! {error['policy']} errs: {error['reason']}")


def _past(past: Mapping[str, Any]) -> Iterator[str]:
    yield ""
    counts = [f"{past[kind.value]} {said}" for kind, said in SAID.items() if past[kind.value]]
    yield f"Of {past['decisions']} past decisions {', '.join(counts) if counts else 'none would change'}."
    for change in past["changes"]:
        yield harmless(f"  decision {change['decision']}")
        yield from (f"  {line}" for line in _product(change))
