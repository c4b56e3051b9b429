"""What does a report look like as a comment on a pull request?

GitHub and GitLab flavoured Markdown. All foreign text goes through `markdown_text`; what does not fit into the size
of a comment (65,536 characters on GitHub) is counted in a note.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from engine.report.counts import counts
from engine.report.entries import Entries, Entry
from engine.report.markdown_text import code, prose
from engine.report.messages import Message, messages, run_messages, why
from engine.report.rules import Rules

MARK = "<!-- meshgate report -->"
"""The first line, by which a bot finds its comment again."""

SIZE = 60_000
"""Characters of one comment at most."""

_MOST = 50
"""Messages of one document that are shown; the worst come first."""

_ROWS = 100
"""Rows of the table at most."""

_SIGNS = {"accepted": "✅", "rejected": "❌", "undecided": "⚠️"}
_MESSAGE_SIGNS = {"error": "❌", "warning": "⚠️", "waived": "📝", "baselined": "📝", "skipped": "⏭️"}
_LOUD = ("error", "warning")


def render(report: dict[str, Any], *, rules: Rules | None = None, size: int = SIZE) -> Iterator[str]:
    """The report as Markdown of at most `size` characters: a heading, a table, and the messages of each document."""
    foot = _foot(report)
    page = _Page(size - sum(map(len, foot)) - 200)
    page.add(MARK, f"## {_heading(report)}", "")
    page.add("| document | product | outcome | errors | warnings | waived |", "| --- | --- | --- | --: | --: | --: |")
    documents: Entries = report["documents"]
    for document in documents if len(documents) <= _ROWS else islice(_worst_first(documents), _ROWS):
        page.add(_row(document))
    if len(documents) > _ROWS:
        page.add(f"| … and {len(documents) - _ROWS} more | | | | | |")
    for document in _worst_first(documents):
        for part in _document(document, rules or {}):
            page.add(*part)
    note = ["", f"> **{page.left_out} parts do not fit into this comment.** The JSON and HTML reports hold everything."]
    yield "\n".join([*page.lines, *(note if page.left_out else []), *foot]) + "\n"


def _worst_first(documents: Entries) -> Iterator[Entry]:
    """Those that were not accepted, then the others, each in their order."""
    for is_accepted in (False, True):
        yield from (one for one in documents if (one["decision"]["outcome"] == "accepted") is is_accepted)


class _Page:
    """Takes parts as long as they fit; a part that does not is counted, and smaller ones may still follow."""

    def __init__(self, size: int) -> None:
        self.lines: list[str] = []
        self.left_out = 0
        self._left = size

    def add(self, *part: str) -> None:
        length = sum(len(line) + 1 for line in part)
        if length > self._left:
            self.left_out += 1
            return
        self._left -= length
        self.lines += part


def _heading(report: dict[str, Any]) -> str:
    told = report["summary"]
    outcomes = [word for word in ("undecided", "rejected", "accepted") if told[word]]
    if not outcomes:
        return "meshgate: nothing to decide"
    if told["documents"] == 1:
        return f"{_SIGNS[outcomes[0]]} meshgate: {outcomes[0]}"
    return f"{_SIGNS[outcomes[0]]} meshgate: " + ", ".join(f"{told[word]} {word}" for word in reversed(outcomes))


def _row(document: dict[str, Any]) -> str:
    told = [one.word for one in _told(document)]
    product, outcome = document["product"], document["decision"]["outcome"]
    named = prose(f"{product['name']} {product['version']}") if product else ""
    quiet = told.count("waived") + told.count("baselined")
    numbers = f"{told.count('error')} | {told.count('warning')} | {quiet}"
    return f"| {prose(document['file'])} | {named} | {_SIGNS[outcome]} {outcome} | {numbers} |"


def _told(document: dict[str, Any]) -> list[Message]:
    return [*messages(document, verbose=False), *run_messages(document, verbose=False)]


def _document(document: dict[str, Any], rules: Rules) -> Iterator[tuple[str, ...]]:
    """What is to be said of one document, as parts that may be left out one by one."""
    told = _told(document)
    loud = sorted((one for one in told if one.word in _LOUD), key=lambda one: _LOUD.index(one.word))
    quiet = [one for one in told if one.word not in _LOUD]
    reason = why(document["decision"])
    if not (told or reason):
        return
    yield "", f"### {code(document['file'])}{': ' + reason if reason else ''}", ""
    for message in loud[:_MOST]:
        yield (_item(message, rules),)
    if len(loud) > _MOST:
        yield (f"- … and {len(loud) - _MOST} more",)
    if quiet:
        yield tuple(_folded(quiet, rules))


def _item(message: Message, rules: Rules) -> str:
    rule = rules.get(f"{message.origin}/{message.code}") or rules.get(message.code)
    title = f"**{prose(rule.title.rstrip('.'))}**" if rule else f"**{prose(message.code or message.word)}**"
    place = f" at {code(f'{message.file}:{message.line}:{message.column}')}" if message.file else ""
    notes = [f"{word}: {code(text) if word == 'through' else prose(text)}" for word, text in message.notes]
    name = f"{message.origin}/{message.code}" if message.code and "." in message.origin else message.code
    origin = f"<sub>{code(name if message.file else message.origin)}</sub>"
    return f"- {_MESSAGE_SIGNS[message.word]} " + "<br>".join([title + place, prose(message.msg), *notes, origin])


def _folded(quiet: list[Message], rules: Rules) -> Iterator[str]:
    words = [word for word in ("waived", "baselined", "skipped") if any(one.word == word for one in quiet)]
    told = ", ".join(f"{sum(one.word == word for one in quiet)} {word}" for word in words)
    yield from ("", f"<details><summary>{told}</summary>", "")
    yield from (_item(one, rules) for one in quiet[:_MOST])
    if len(quiet) > _MOST:
        yield f"- … and {len(quiet) - _MOST} more"
    yield from ("", "</details>")


def _foot(report: dict[str, Any]) -> list[str]:
    """What the policies said in numbers, and by which bundle."""
    total = counts(report)
    policies = ", ".join(f"{number} {word}" for word, number in total.policies.items())
    bundles = {one["decision"]["bundle_revision"] for one in report["documents"]} - {None}
    named = f" · bundle {code(min(bundles)[:19])}" if len(bundles) == 1 else ""
    return ["", f"<sub>policies: {policies} · {total.problems}{named}</sub>"]
