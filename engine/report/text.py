"""What does a report look like to a person at a terminal?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from engine.report.counts import Counts, counts
from engine.report.excerpt import excerpt
from engine.report.terminal import harmless

Lines = Callable[[str], Sequence[str]]
"""Answers the lines of a file by the name that the report gives it; OSError or KeyError where it has none."""

_COLOURS = {
    "error": "1;31",
    "warning": "1;33",
    "waived": "36",
    "shadow": "2",
    "good": "1;32",
    "quiet": "2",
    "hint": "36",
}
_WORDS = {"blocking": "error", "advisory": "warning", "waived": "waived", "baselined": "waived", "shadow": "shadow"}
_OUTCOMES = {"accepted": "good", "rejected": "error", "undecided": "warning"}


def render(report: dict[str, Any], *, source: Lines | None = None, colour: bool = False, verbose: bool = False) -> str:
    """The report as text: every finding with its place, its source line and what to do; one summary line at the end.

    `source` gives the lines to show; `verbose` adds shadow findings and how every policy ended. Foreign text cannot
    command the terminal: control characters are shown as escapes.
    """
    painter = _Painter(colour, source, verbose)
    lines = [line for document in report["documents"] for line in painter.document(document)]
    return "\n".join([*lines, painter.summary(report)]) + "\n"


class _Painter:
    """Writes the lines of one report."""

    def __init__(self, colour: bool, source: Lines | None, verbose: bool) -> None:
        self._colour, self._source, self._verbose = colour, source, verbose

    def document(self, document: dict[str, Any]) -> Iterator[str]:
        decision = document["decision"]
        for problem in sorted(document["problems"], key=_place):
            yield from self._message(problem, problem["severity"], problem["name"], problem["hint"])
        for finding in sorted(decision["findings"], key=_place):
            if finding["disposition"] != "shadow" or self._verbose:
                yield from self._finding(finding)
        for run in decision["policies"]:
            yield from self._run(document["file"], run, decision["provisional"])
        yield self._outcome(document)
        yield ""

    def _finding(self, finding: dict[str, Any]) -> Iterator[str]:
        word = _WORDS[finding["disposition"]]
        waiver = f"waived by {finding['waiver']}" if finding.get("waiver") else ""
        yield from self._message(finding, word, finding["policy"], waiver or finding.get("remediation", ""))

    def _message(self, told: dict[str, Any], word: str, origin: str, hint: str) -> Iterator[str]:
        place = f"{harmless(told['file'])}:{told['line']}:{told['column']}:"
        head = self._paint(word, f"{word} {harmless(told['code'])}")
        yield f"{place} {head} [{harmless(origin)}] {harmless(told['msg'])}"
        margin = " " * len(str(told["line"]))
        if word in ("error", "warning"):
            for line in excerpt(self._lines(told["file"]), told["line"], told["column"]):
                yield self._paint("quiet", line)
        for reference in told.get("via", ()):
            yield f"{margin} = {self._paint('hint', 'through:')} {harmless(reference)}"
        if hint:
            yield f"{margin} = {self._paint('hint', 'help:')} {harmless(hint)}"

    def _run(self, file: str, run: dict[str, Any], provisional: bool) -> Iterator[str]:
        reason = harmless(run.get("reason", ""))
        if run["state"] == "error":
            word = "error" if run["enforcement"] in ("blocking", "mandatory") else "warning"
            yield f"{harmless(file)}: {self._paint(word, f'{word} policy-error')} [{harmless(run['policy'])}] {reason}"
        elif self._verbose or (provisional and run["state"] == "skipped"):
            because = f": {reason}" if reason else ""
            yield f"{harmless(file)}: {self._paint('quiet', run['state'])} [{harmless(run['policy'])}]{because}"

    def _outcome(self, document: dict[str, Any]) -> str:
        decision, product = document["decision"], document["product"]
        named = f" {harmless(product['name'])} {harmless(product['version'])}" if product else ""
        word = self._paint(_OUTCOMES[decision["outcome"]], decision["outcome"])
        return f"{harmless(document['file'])}:{named} {word}{' (provisional)' if decision['provisional'] else ''}"

    def summary(self, report: dict[str, Any]) -> str:
        told, total = report["summary"], counts(report)
        outcomes = ", ".join(f"{told[word]} {word}" for word in ("accepted", "rejected", "undecided") if told[word])
        documents = f"{told['documents']} document{'' if told['documents'] == 1 else 's'}"
        return f"{documents}{': ' if outcomes else ''}{outcomes} | {self._policies(total)} | {total.problems_told}"

    def _policies(self, total: Counts) -> str:
        colours = {"pass": "good", "fail": "error", "warn": "warning", "error": "error"}
        return ", ".join(
            self._paint(colours[word], f"{number} {word}") if number and word in colours else f"{number} {word}"
            for word, number in total.policies.items()
        )

    def _lines(self, file: str) -> Sequence[str]:
        if self._source is None:
            return ()
        try:
            return self._source(file)
        except (OSError, KeyError, UnicodeError):
            return ()

    def _paint(self, word: str, text: str) -> str:
        return f"\x1b[{_COLOURS[word]}m{text}\x1b[0m" if self._colour else text


def _place(told: dict[str, Any]) -> tuple[str, int, int]:
    return told["file"], told["line"], told["column"]
