"""What does a run of mutants look like: as one value for programs, as text, and with which number does it end?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine.policy.trying.mutants import Mutant
from engine.policy.trying.mutating import Fate, Mutation
from engine.report.exits import FAILED, NOT_DECIDED, NOTHING_EVALUATED, PASSED
from engine.report.policy_tests import seen_from
from engine.report.terminal import harmless, width

SCHEMA = "meshgate/policy-mutants/1"


def record(mutations: Sequence[Mutation], *, threshold: float | None = None, folder: str = "") -> dict[str, Any]:
    """The run as one value; `below` are the policies whose score, in percent, misses the threshold.

    Files below `folder` are named as seen from there.
    """
    below = [
        one.policy for one in mutations if threshold is not None and one.score is not None and one.score < threshold
    ]
    return {
        "schema": SCHEMA,
        "policies": [_told(one, folder) for one in mutations],
        "threshold": threshold,
        "below": below,
    }


def exit_code(report: Mapping[str, Any]) -> int:
    """2 where a policy's tests fail as it is, 1 where the threshold is missed, 3 where no mutant was tried."""
    policies = report["policies"]
    if any(one["reason"] and one["score"] is None and one["has_tests"] for one in policies):
        return NOT_DECIDED
    if report["below"]:
        return FAILED
    return PASSED if any(one["score"] is not None for one in policies) else NOTHING_EVALUATED


def text(report: Mapping[str, Any]) -> str:
    """Every survivor with its place and its diff, then a table with a line for every policy."""
    survivors = [line for one in report["policies"] for mutant in one["survivors"] for line in _survivor(mutant)]
    told = [f"{one['policy']}: no mutant was tried: {one['reason']}" for one in report["policies"] if one["reason"]]
    told += [
        f"{one['policy']}: {one['left_out']} more mutants were not tried"
        for one in report["policies"]
        if one["left_out"]
    ]
    below = [f"{id} is below {report['threshold']:g} %" for id in report["below"]]
    parts = [part for part in (survivors, list(_table(report)), [*told, *below]) if part]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _told(one: Mutation, folder: str) -> dict[str, Any]:
    return {
        "policy": one.policy,
        "score": None if one.score is None else round(one.score, 1),
        **{fate.value: one.count(fate) for fate in Fate},
        "left_out": one.left_out,
        "reason": one.reason,
        "has_tests": one.tested,
        "survivors": [_place(mutant, folder) for mutant in one.survivors],
    }


def _place(one: Mutant, folder: str) -> dict[str, Any]:
    return {
        "file": seen_from(folder, one.file),
        "line": one.line,
        "column": one.column,
        "change": one.change.value,
        "diff": list(one.diff),
    }


def _survivor(one: Mapping[str, Any]) -> Iterator[str]:
    yield f"{harmless(one['file'])}:{one['line']}:{one['column']}: no test notices: {one['change']}"
    for line in one["diff"]:
        yield f"  {line[0]} {harmless(line[1:].strip())}"


def _table(report: Mapping[str, Any]) -> Iterator[str]:
    rows = [["policy", "mutants", "killed", "survived", "invalid", "score"]]
    for one in report["policies"]:
        counts = [one[fate.value] for fate in Fate]
        score = "-" if one["score"] is None else f"{one['score']:g} %"
        rows.append([harmless(one["policy"]), *map(str, [sum(counts), *counts]), score])
    widths = [max(width(row[at]) for row in rows) for at in range(len(rows[0]))]
    for id, *cells in rows:
        first = id + " " * (widths[0] - width(id))
        yield "  ".join([first, *(cell.rjust(size) for cell, size in zip(cells, widths[1:], strict=True))])
