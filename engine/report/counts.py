"""How many policies passed, failed, warned, were waived or skipped, or erred?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

_WORST_FIRST = (("blocking", "fail"), ("advisory", "warn"), ("waived", "waived"), ("baselined", "waived"))


@dataclass(frozen=True, slots=True)
class Counts:
    """Each policy run of a report counted once, by the worst of its findings; and the problems."""

    policies: dict[str, int]
    errors: int
    warnings: int

    @property
    def problems_told(self) -> str:
        told = [f"{number} problem {word}{'' if number == 1 else 's'}" for number, word in self._problems() if number]
        return ", ".join(told) or "no problems"

    def _problems(self) -> tuple[tuple[int, str], ...]:
        return (self.errors, "error"), (self.warnings, "warning")


def counts(report: dict[str, Any]) -> Counts:
    """The counts over all documents, zeros included, in the order in which they are told."""
    ended = Counter(_ended(run, one["decision"]) for one in report["documents"] for run in one["decision"]["policies"])
    found = Counter(problem["severity"] for one in report["documents"] for problem in one["problems"])
    words = ("pass", "fail", "warn", "waived", "skipped", "error", *(["shadow"] if ended["shadow"] else []))
    return Counts({word: ended[word] for word in words}, found["error"], found["warning"])


def _ended(run: dict[str, Any], decision: dict[str, Any]) -> str:
    if run["state"] != "fail":
        return str(run["state"])
    told = {one["disposition"] for one in decision["findings"] if one["policy"] == run["policy"]}
    return next((word for disposition, word in _WORST_FIRST if disposition in told), "shadow")
