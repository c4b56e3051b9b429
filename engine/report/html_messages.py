"""How does the page of a report show what is wrong with one document, and where?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from html import escape
from typing import Any

from engine.report.excerpt import excerpt
from engine.report.messages import Message, messages, run_messages
from engine.report.rules import Rules
from engine.report.terminal import harmless

Lines = Callable[[str], Sequence[str]]
"""Answers the lines of a file by the name that the report gives it; OSError or KeyError where it has none."""

_LOUD = ("error", "warning")


def rows(document: dict[str, Any], rules: Rules, source: Lines | None) -> Iterator[str]:
    """The table of problems and findings in the order of their places; excused ones are folded away below it."""
    told = [*messages(document, verbose=False), *run_messages(document, verbose=False)]
    loud = [one for one in told if one.word in _LOUD]
    quiet = [one for one in told if one.word not in _LOUD]
    if loud:
        yield from _table(loud, rules, source)
    elif document["decision"]["outcome"] == "accepted":
        yield '<p class="fine">Nothing to object to.</p>'
    if quiet:
        words = dict.fromkeys(one.word for one in quiet)
        told_words = ", ".join(f"{sum(one.word == word for one in quiet)} {word}" for word in words)
        yield f"<details><summary>{told_words}</summary>"
        yield from _table(quiet, rules, None)
        yield "</details>"


def _table(told: Sequence[Message], rules: Rules, source: Lines | None) -> Iterator[str]:
    yield '<table class="messages">'
    yield "<thead><tr><th>Level</th><th>What, and what to do</th><th>Where</th></tr></thead>"
    yield "<tbody>"
    for message in told:
        place = f"{message.file}:{message.line}:{message.column}" if message.file else ""
        yield f'<tr class="{message.word}">'
        yield f'<td><span class="level {message.word}">{message.word}</span></td>'
        yield f"<td>{''.join(_what(message, rules, source))}</td>"
        yield f"<td><code>{_text(place)}</code></td>"
        yield "</tr>"
    yield "</tbody>"
    yield "</table>"


def _what(message: Message, rules: Rules, source: Lines | None) -> Iterator[str]:
    rule = rules.get(f"{message.origin}/{message.code}") or rules.get(message.code)
    title = rule.title.rstrip(".") if rule else message.code or message.word
    yield f"<strong>{_text(title)}</strong> <code>{_text(message.code)} {_text(message.origin)}</code>"
    yield f"<p>{_text(message.msg)}</p>"
    if source and message.file:
        yield from _quoted(message, source)
    for word, text in message.notes:
        yield f'<p class="{word}"><b>{word}</b> {_text(text)}</p>'


def _quoted(message: Message, source: Lines) -> Iterator[str]:
    try:
        lines = source(message.file)
    except (OSError, KeyError, UnicodeError):
        return
    told = [f"{margin:>{len(str(message.line))}} | {text}".rstrip() for margin, text in _marked(lines, message)]
    if told:
        yield "<pre>" + "\n".join(map(escape, told)) + "</pre>"


def _marked(lines: Sequence[str], message: Message) -> Iterator[tuple[str, str]]:
    yield from list(excerpt(lines, message.line, message.column))[1:]


def _text(text: str) -> str:
    return escape(harmless(text))
