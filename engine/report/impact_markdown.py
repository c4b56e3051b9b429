"""What does a comparison of two sets of rules look like as a comment on a pull request?

GitHub and GitLab flavoured Markdown; all foreign text goes through `markdown_text`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.impact import Kind
from engine.report.impact_text import SAID, headline
from engine.report.markdown_text import code, prose

MARK = "<!-- meshgate impact -->"
"""The first line, by which a bot finds its comment again."""

SIZE = 60_000
"""Characters of one comment at most."""

_SIGNS = {Kind.NEWLY_BLOCKED: "❌", Kind.NEWLY_UNDECIDED: "⚠️", Kind.NEWLY_PASSING: "✅", Kind.CHANGED: "📝"}
_HEADS = ("newly blocked", "undecided", "newly passing", "changed")


def render(report: Mapping[str, Any], *, size: int = SIZE) -> str:
    """The report as Markdown of at most `size` characters; products that do not fit are counted."""
    lines = [*_head(report), *_table("domain", report["by_domain"]), *_table("owner", report["by_owner"])]
    lines += [*_policies(report["by_policy"]), *_past(report["decisions"])]
    left, hidden = size - sum(len(line) + 1 for line in lines) - 200, 0
    for product in report["products"]:
        part = list(_product(product))
        left -= sum(len(line) + 1 for line in part)
        if left < 0:
            hidden += 1
        else:
            lines += part
    if hidden:
        lines += ["", f"> **{hidden} products do not fit into this comment.** `--format json` tells them all."]
    return "\n".join(lines) + "\n"


def _head(report: Mapping[str, Any]) -> Iterator[str]:
    blocked = report["summary"][Kind.NEWLY_BLOCKED.value] + report["summary"][Kind.NEWLY_UNDECIDED.value]
    yield MARK
    yield f"## {'❌' if blocked else '✅'} {headline(report)}"
    yield ""
    base, head = report["base"]["name"], report["head"]["name"]
    yield f"Policies and governance of {code(head)} compared with {code(base)}, for the event {code(report['event'])}."


def _table(name: str, groups: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    if not groups:
        return
    yield ""
    yield f"| {name} | {' | '.join(_HEADS)} |"
    yield f"| --- |{' --: |' * len(_HEADS)}"
    for group, counts in groups.items():
        yield f"| {prose(group) or '(none)'} | {' | '.join(str(counts[kind.value]) for kind in Kind)} |"


def _policies(policies: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    if not policies:
        return
    yield ""
    yield "| policy | new findings | of them waived | gone | otherwise |"
    yield "| --- | --: | --: | --: | --: |"
    for policy, counts in policies.items():
        told = " | ".join(str(counts[name]) for name in ("appeared", "waived", "gone", "shifted"))
        yield f"| {prose(policy)} | {told} |"


def _past(past: Mapping[str, Any] | None) -> Iterator[str]:
    if past is None:
        return
    counts = [f"{past[kind.value]} {said}" for kind, said in SAID.items() if past[kind.value]]
    yield ""
    yield f"Of {past['decisions']} past decisions {', '.join(counts) if counts else 'none would change'}."


def _product(told: Mapping[str, Any]) -> Iterator[str]:
    yield ""
    who = f"{told['domain']}, {told['owner'] or 'no owner'}"
    yield f"{_SIGNS[Kind(told['kind'])]} **{prose(told['product'])}** {prose(told['version'])} ({prose(who)})"
    yield ""
    for word, name in (("new", "appeared"), ("gone", "gone"), ("otherwise", "shifted")):
        for one in told[name]:
            became = f"{one['before']} → " if name == "shifted" else ""
            waiver = f", waiver {code(one['waiver'])}" if one.get("waiver") else ""
            what = f"{code(one['policy'])} {code(one['code'])}, {became}{one['disposition']}{waiver}"
            yield f"- {word}: {what}: {prose(one['msg'])}"
    for error in told["errors"]:
        yield f"- {code(error['policy'])} errs: {prose(error['reason'])}"
