"""What does a report look like as one page for a browser?

Self-contained: no script, no font, picture or style from elsewhere, and a content security policy that would refuse
them. Every foreign text is escaped by `html.escape` after `harmless`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from itertools import chain
from pathlib import Path
from typing import Any

from engine.report.counts import counts
from engine.report.entries import Entries
from engine.report.html_messages import Lines, rows
from engine.report.messages import why
from engine.report.rules import Rules
from engine.report.terminal import harmless

_STYLE = Path(__file__).with_name("page.css")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_MARKS = {"accepted": "✓", "rejected": "✗", "undecided": "?"}


def render(report: dict[str, Any], *, rules: Rules | None = None, source: Lines | None = None) -> Iterator[str]:
    """The report as one HTML page; `source` gives the lines of the files to quote."""
    numbered = enumerate(report["documents"], 1)
    sections = (part for number, one in numbered for part in _document(one, f"document-{number}", rules or {}, source))
    for line in chain(_head(report), _summary(report), sections, _foot(report)):
        yield f"{line}\n"


def _head(report: dict[str, Any]) -> Iterator[str]:
    told = report["summary"]
    yield "<!DOCTYPE html>"
    yield '<html lang="en">'
    yield "<head>"
    yield '<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="color-scheme" content="light dark">'
    yield f"<title>meshgate: {told['documents']} checked, {told['accepted']} accepted</title>"
    yield f"<style>\n{_STYLE.read_text('utf-8')}</style>"
    yield "</head>"
    yield "<body>"


def _summary(report: dict[str, Any]) -> Iterator[str]:
    told, total = report["summary"], counts(report)
    yield "<header>"
    yield '<h1><span class="brand">mesh<b>gate</b></span> report</h1>'
    yield '<ul class="tiles">'
    yield from _tiles([("documents", told["documents"]), *((word, told[word]) for word in _MARKS)])
    yield "</ul>"
    yield "<p>Policies: " + ", ".join(_count(word, number) for word, number in total.policies.items())
    yield f" · {escape(total.problems)}</p>"
    yield "</header>"
    yield "<main>"
    if len(report["documents"]) > 1:
        yield from _contents(report["documents"])


def _tiles(tiles: Iterable[tuple[str, int]]) -> Iterator[str]:
    for word, number in tiles:
        yield f'<li class="{word}{"" if number else " none"}"><b>{number}</b> {word}</li>'


def _count(word: str, number: int) -> str:
    return f'<span class="{word}">{number} {word}</span>' if number else f"{number} {word}"


def _contents(documents: Entries) -> Iterator[str]:
    yield '<table class="contents">'
    yield "<thead><tr><th>Document</th><th>Product</th><th>Domain</th><th>Outcome</th></tr></thead>"
    yield "<tbody>"
    for number, document in enumerate(documents, 1):
        product = document["product"]
        named = f"{_text(product['name'])} {_text(product['version'])}" if product else ""
        domain = _text(product["domain"]) if product else ""
        link = f'<a href="#document-{number}">{_text(document["file"])}</a>'
        yield f"<tr><td>{link}</td><td>{named}</td><td>{domain}</td><td>{_badge(document['decision'])}</td></tr>"
    yield "</tbody>"
    yield "</table>"


def _document(document: dict[str, Any], anchor: str, rules: Rules, source: Lines | None) -> Iterator[str]:
    decision, product = document["decision"], document["product"]
    yield f'<section id="{anchor}">'
    yield f"<h2>{_text(document['file'])} {_badge(decision)}</h2>"
    if product:
        facts = (f"{product['name']} {product['version']}", product["domain"], product["fqn"])
        yield '<p class="facts">' + " · ".join(_text(fact) for fact in facts if fact) + "</p>"
    if reason := why(decision):
        yield f'<p class="why">{_text(reason[:1].upper() + reason[1:])}.</p>'
    yield from rows(document, rules, source)
    yield from _policies(decision)
    yield "</section>"


def _policies(decision: dict[str, Any]) -> Iterator[str]:
    runs = decision["policies"]
    if not runs:
        return
    yield f"<details><summary>{len(runs)} {'policy' if len(runs) == 1 else 'policies'} asked</summary>"
    yield '<table class="policies">'
    yield "<thead><tr><th>Policy</th><th>Ended</th><th>Enforcement</th><th>Severity</th></tr></thead>"
    yield "<tbody>"
    for run in runs:
        reason = f" <small>{_text(run['reason'])}</small>" if run.get("reason") else ""
        ended = f'<td><span class="{run["state"]}">{run["state"]}</span>{reason}</td>'
        yield f"<tr><td><code>{_text(run['policy'])}</code></td>{ended}<td>{run['enforcement']}</td>"
        yield f"<td>{run['severity']}</td></tr>"
    yield "</tbody>"
    yield "</table>"
    yield from _digests(decision)
    yield "</details>"


def _digests(decision: dict[str, Any]) -> Iterator[str]:
    yield '<dl class="digests">'
    for name in ("id", "engine", "now", "input_digest", "bundle_revision", "assignments_digest", "waivers_digest"):
        if decision[name]:
            yield f"<dt>{name.replace('_', ' ')}</dt><dd><code>{_text(decision[name])}</code></dd>"
    yield "</dl>"


def _foot(report: dict[str, Any]) -> Iterator[str]:
    if not len(report["documents"]):
        yield '<p class="why">There was nothing to decide.</p>'
    yield "</main>"
    yield "</body>"
    yield "</html>"


def _badge(decision: dict[str, Any]) -> str:
    outcome = decision["outcome"]
    provisional = " (provisional)" if decision["provisional"] else ""
    return f'<span class="badge {outcome}">{_MARKS[outcome]} {outcome}{provisional}</span>'


def _text(text: str) -> str:
    return escape(harmless(text))
