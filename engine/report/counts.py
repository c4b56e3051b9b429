"""How many policies passed, failed, warned, were waived, set aside by a baseline or skipped, or erred?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

_WORST_FIRST = (("blocking", "fail"), ("advisory", "warn"), ("waived", "waived"), ("baselined", "baselined"))
_WORDS = ("pass", "fail", "warn", "waived", "baselined", "skipped", "error", "shadow")
_SELDOM = ("baselined", "shadow")
"""Told only where there are some."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Each policy run of a report counted once, by the worst of its findings; and the problems in words."""

    policies: dict[str, int]
    problems: str


def counts(report: dict[str, Any]) -> Counts:
    """The counts over all documents, zeros of the usual words included, in the order in which they are told."""
    ended = Counter(_ended(run, one["decision"]) for one in report["documents"] for run in one["decision"]["policies"])
    words = [word for word in _WORDS if word not in _SELDOM or ended[word]]
    found = Counter(_word(problem) for one in report["documents"] for problem in one["problems"])
    told = [f"{found[word]} {word}{'' if found[word] == 1 else 's'}" for word in ("error", "warning") if found[word]]
    told += [f"{found['baselined']} baselined"] if found["baselined"] else []
    return Counts({word: ended[word] for word in words}, f"problems: {', '.join(told)}" if told else "no problems")


def _word(problem: dict[str, Any]) -> str:
    return str(problem.get("disposition", problem["severity"]))


def _ended(run: dict[str, Any], decision: dict[str, Any]) -> str:
    if run["state"] != "fail":
        return str(run["state"])
    told = {one["disposition"] for one in decision["findings"] if one["policy"] == run["policy"]}
    return next((word for disposition, word in _WORST_FIRST if disposition in told), "shadow")
