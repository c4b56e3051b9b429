"""What does a run of policy tests look like: as one value for programs, as text, and with which number does it end?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine.policy.trying.results import Coverage, Result, Session, State
from engine.report.exits import FAILED, NOT_DECIDED, NOTHING_EVALUATED, PASSED
from engine.report.terminal import harmless, width

SCHEMA = "meshgate/policy-tests/1"
_WORDS = {State.FAILED.value: "FAIL", State.ERROR.value: "ERROR", State.SKIPPED.value: "SKIPPED"}
_COLOURS = {"FAIL": "1;31", "ERROR": "1;31", "SKIPPED": "1;33"}
_LISTED = 8
"""How many lines that no test reached are named."""


def record(session: Session, *, threshold: float | None = None, folder: str = "") -> dict[str, Any]:
    """The run as one value; `below` are the policies that miss the threshold, in percent of lines and of codes.

    Files below `folder` are named as seen from there.
    """
    coverage = [_covered(session.coverage[id], folder) for id in sorted(session.coverage)]
    below = [one["policy"] for one in coverage if threshold is not None and _least(one) < threshold]
    return {
        "schema": SCHEMA,
        "summary": {state.value: session.count(state) for state in State},
        "tests": [_told(one, folder) for one in session.results],
        "untested": list(session.untested),
        "coverage": coverage,
        "threshold": threshold,
        "below": below,
    }


def exit_code(report: Mapping[str, Any]) -> int:
    """2 where a test could not be carried out, 1 where one failed or the threshold is missed, 3 where none ran."""
    summary = report["summary"]
    if summary["error"]:
        return NOT_DECIDED
    if summary["failed"] or report["below"]:
        return FAILED
    return PASSED if summary["passed"] else NOTHING_EVALUATED


def text(report: Mapping[str, Any], *, colour: bool = False) -> str:
    """A line or more for every test that did not pass, then a table with a line for every policy, then the sum."""
    lines = [line for one in report["tests"] if one["state"] != "passed" for line in _test(one, colour)]
    table = list(_table(report))
    cover = [line for one in report["coverage"] for line in _unseen(one)]
    below = [f"{id} is below {report['threshold']:g} % of its lines or codes" for id in report["below"]]
    parts = [part for part in (lines, table, cover, [*below, _sum(report)]) if part]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _told(one: Result, folder: str) -> dict[str, Any]:
    return {
        "kind": one.kind.value,
        "name": one.name,
        "policies": list(one.policies),
        "file": seen_from(folder, one.file),
        "line": one.line,
        "state": one.state.value,
        "reason": seen_from(folder, one.reason),
        "because": list(one.because),
        "printed": [seen_from(folder, line) for line in one.printed],
    }


def seen_from(folder: str, text: str) -> str:
    """The text with files below the folder named as seen from there."""
    return text.replace(f"{folder}/", "") if folder.strip("/") else text


def _covered(one: Coverage, folder: str) -> dict[str, Any]:
    return {
        "policy": one.policy,
        "lines": one.lines,
        "line_share": round(one.line_share, 1),
        "missed": [{"file": seen_from(folder, file), "line": line} for file, line in one.missed],
        "codes": one.codes,
        "code_share": round(one.code_share, 1),
        "never_fired": list(one.unfired),
        "never_silent": list(one.unsilent),
    }


def _least(one: Mapping[str, Any]) -> float:
    return float(min(one["line_share"], one["code_share"]))


def _test(one: Mapping[str, Any], colour: bool) -> Iterator[str]:
    word = _WORDS[one["state"]]
    shown = f"\x1b[{_COLOURS[word]}m{word}\x1b[0m" if colour else word
    reason = f": {harmless(one['reason'])}" if one["reason"] else ""
    yield f"{harmless(one['file'])}:{one['line']}: {shown} {harmless(one['name'])}{reason}"
    yield from (f"  {harmless(line)}" for line in one["because"])
    if one["state"] != "skipped":
        yield from (f"  printed {harmless(line)}" for line in one["printed"])


def _table(report: Mapping[str, Any]) -> Iterator[str]:
    counted = _counts(report)
    if not counted:
        return
    shares = {one["policy"]: [f"{one['line_share']:g} %", f"{one['code_share']:g} %"] for one in report["coverage"]}
    head = ["policy", "rego", "fixtures", "passed", "failed", "error", "skipped"]
    rows = [[*head, *(["lines", "codes"] if shares else [])]]
    rows += [[id, *map(str, told), *shares.get(id, ["-", "-"] if shares else [])] for id, told in counted.items()]
    widths = [max(width(harmless(row[at])) for row in rows) for at in range(len(rows[0]))]
    for id, *cells in rows:
        first = harmless(id) + " " * (widths[0] - width(harmless(id)))
        yield "  ".join([first, *(cell.rjust(size) for cell, size in zip(cells, widths[1:], strict=True))])


def _counts(report: Mapping[str, Any]) -> dict[str, list[int]]:
    """By policy: tests in Rego, fixtures, and how they ended; a policy without any has a line of zeros."""
    found: dict[str, list[int]] = {id: [0] * 6 for id in report["untested"]}
    states = [state.value for state in State]
    for one in report["tests"]:
        for id in one["policies"] or ["(no policy)"]:
            row = found.setdefault(id, [0] * 6)
            row[0 if one["kind"] == "rego" else 1] += 1
            row[2 + states.index(one["state"])] += 1
    return dict(sorted(found.items()))


def _unseen(one: Mapping[str, Any]) -> Iterator[str]:
    missed: Sequence[Mapping[str, Any]] = one["missed"]
    for place in missed[:_LISTED]:
        yield f"{harmless(place['file'])}:{place['line']}: no test reaches this line"
    if len(missed) > _LISTED:
        yield f"  and {len(missed) - _LISTED} more lines of {one['policy']}"
    for code in one["never_fired"]:
        yield f"{one['policy']}: no test has seen {harmless(code)} fire"
    for code in one["never_silent"]:
        yield f"{one['policy']}: no test has seen {harmless(code)} not fire"


def _sum(report: Mapping[str, Any]) -> str:
    summary = report["summary"]
    told = [f"{summary[state.value]} {state.value}" for state in State if summary[state.value]]
    untested = len(report["untested"])
    told += [f"{untested} polic{'y' if untested == 1 else 'ies'} without a test"] if untested else []
    return ", ".join(told) or "no test found"
