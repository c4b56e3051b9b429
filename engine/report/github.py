"""What does a report look like as annotations of a GitHub Actions run?

Workflow commands (GitHub documentation, "Workflow commands for GitHub Actions"): one a line. All foreign text stands
inside a command and is escaped there, so that it can neither end the line nor begin a command of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.report.counts import counts
from engine.report.messages import Message, is_unjudged, messages, run_messages, why
from engine.report.rules import Rules
from engine.report.terminal import harmless

_COMMANDS = {"error": "error", "warning": "warning", "skipped": "notice"}
"""Waived, baselined and shadow messages are only counted: nobody has to change a line for them."""


def render(report: dict[str, Any], *, rules: Rules | None = None) -> Iterator[str]:
    """The report as workflow commands: a group for each document, an annotation for each message, one last line."""
    for document in report["documents"]:
        yield "".join(f"{line}\n" for line in _document(document, rules or {}))
    yield f"{_summary(report)}\n"


def _document(document: dict[str, Any], rules: Rules) -> Iterator[str]:
    yield f"::group::{_data(harmless(document['file']))}: {document['decision']['outcome']}"
    for message in messages(document, verbose=False):
        if message.word in _COMMANDS:
            yield annotation(message, _title(message, rules))
    for message in run_messages(document, verbose=False):
        yield annotation(message, f"{message.code or message.word} [{message.origin}]", file=document["file"])
    if is_unjudged(document["decision"]):
        yield annotation(Message("error", "", "", why(document["decision"])), "undecided", file=document["file"])
    yield "::endgroup::"


def annotation(message: Message, title: str, *, file: str = "") -> str:
    properties = {"file": message.file or file, "line": message.line, "col": message.column, "title": title}
    told = ",".join(f"{name}={_property(harmless(str(value)))}" for name, value in properties.items() if value)
    notes = [f"{harmless(word)}: {harmless(text)}" for word, text in message.notes]
    text = _data("\n".join([harmless(message.msg), *notes]))
    return f"::{_COMMANDS[message.word]} {told}::{text}"


def _title(message: Message, rules: Rules) -> str:
    rule = rules.get(f"{message.origin}/{message.code}") or rules.get(message.code)
    return f"{rule.title.rstrip('.')} [{rule.id}]" if rule else f"{message.code} [{message.origin}]"


def _summary(report: dict[str, Any]) -> str:
    """Only our own words and numbers, because this line is no command."""
    told, total = report["summary"], counts(report)
    documents = ", ".join(f"{told[word]} {word}" for word in ("accepted", "rejected", "undecided"))
    policies = ", ".join(f"{number} {word}" for word, number in total.policies.items())
    return f"meshgate: documents: {documents} | policies: {policies} | {total.problems}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
