"""What does a report look like to a person at a terminal?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from engine.report.counts import counts
from engine.report.excerpt import excerpt
from engine.report.messages import Message, messages, run_messages, why
from engine.report.terminal import harmless

Lines = Callable[[str], Sequence[str]]
"""Answers the lines of a file by the name that the report gives it; OSError or KeyError where it has none."""

_COLOURS = {
    "error": "1;31",
    "fail": "1;31",
    "rejected": "1;31",
    "warning": "1;33",
    "warn": "1;33",
    "undecided": "1;33",
    "pass": "1;32",
    "accepted": "1;32",
    "waived": "36",
    "baselined": "36",
    "help": "36",
    "place": "1",
    "quiet": "2",
}


def render(
    report: dict[str, Any], *, source: Lines | None = None, colour: bool = False, verbose: bool = False
) -> Iterator[str]:
    """The report as text: every finding with its place, its source line and what to do; one summary line at the end.

    `source` gives the lines to show; `verbose` adds shadow findings and how every policy ended. Foreign text cannot
    command the terminal: control characters are shown as escapes.
    """
    page = _Page(source or _nothing, colour, verbose)
    is_airy = True
    for document in report["documents"]:
        told = list(page.document(document))
        # Documents with nothing to say stand close together; one with messages has air around it.
        if len(told) > 1:
            told = [*([] if is_airy else [""]), *told, ""]
        yield "".join(f"{line}\n" for line in told)
        is_airy = not told[-1]
    yield f"{page.summary(report)}\n" if is_airy else f"\n{page.summary(report)}\n"


@dataclass(frozen=True, slots=True)
class _Page:
    """Writes the lines of one report."""

    source: Lines
    colour: bool
    verbose: bool

    def document(self, document: dict[str, Any]) -> Iterator[str]:
        for message in messages(document, verbose=self.verbose):
            yield from self._message(message)
        for message in run_messages(document, verbose=self.verbose):
            told = self._paint(message.word, f"{message.word} {message.code}".strip())
            yield f"{harmless(document['file'])}: {told} [{harmless(message.origin)}] {harmless(message.msg)}".rstrip()
        yield self._outcome(document)

    def _message(self, message: Message) -> Iterator[str]:
        place = self._paint("place", f"{harmless(message.file)}:{message.line}:{message.column}:")
        head = self._paint(message.word, f"{message.word} {harmless(message.code)}")
        yield f"{place} {head} {self._paint('quiet', f'[{harmless(message.origin)}]')} {harmless(message.msg)}"
        margin = " " * len(str(message.line))
        if message.is_shown:
            yield from self._excerpt(message)
        for word, text in message.notes:
            yield f"{margin} = {self._paint('help', f'{word}:')} {harmless(text)}"
        yield ""

    def _excerpt(self, message: Message) -> Iterator[str]:
        for margin, text in excerpt(self._lines(message.file), message.line, message.column):
            painted = self._paint(message.word, text) if text.lstrip() == "^" else text
            yield f"{self._paint('quiet', f'{margin} |')} {painted}".rstrip()

    def _lines(self, file: str) -> Sequence[str]:
        try:
            return self.source(file)
        except (OSError, KeyError, UnicodeError):
            return ()

    def _outcome(self, document: dict[str, Any]) -> str:
        decision, product = document["decision"], document["product"]
        named = f" {harmless(product['name'])} {harmless(product['version'])}" if product else ""
        outcome = self._paint(decision["outcome"], decision["outcome"])
        file = self._paint("" if decision["outcome"] == "accepted" else "place", harmless(document["file"]))
        return f"{file}:{named} {outcome}{self._why(decision)}"

    def _why(self, decision: dict[str, Any]) -> str:
        if reason := why(decision):
            return f" ({reason})" if decision["provisional"] else f": {reason}"
        return ""

    def summary(self, report: dict[str, Any]) -> str:
        """One line: documents by outcome, policies by how they ended, problems."""
        told, total = report["summary"], counts(report)
        outcomes = [self._count(word, told[word]) for word in ("accepted", "rejected", "undecided") if told[word]]
        provisional = sum(one["decision"]["provisional"] for one in report["documents"])
        outcomes += [f"{provisional} of them provisional"] if provisional else []
        documents = f"{told['documents']} document{'' if told['documents'] == 1 else 's'}"
        policies = ", ".join(self._count(word, number) for word, number in total.policies.items())
        return f"{documents}: {', '.join(outcomes) or 'nothing to decide'} | policies: {policies} | {total.problems}"

    def _count(self, word: str, number: int) -> str:
        return self._paint(word if number else "quiet", f"{number} {word}")

    def _paint(self, word: str, text: str) -> str:
        return f"\x1b[{_COLOURS[word]}m{text}\x1b[0m" if self.colour and word in _COLOURS and text else text


def _nothing(_: str) -> Sequence[str]:
    return ()
