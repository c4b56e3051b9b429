"""What does the reader of the documentation learn about each policy, and about all of them?

One page for each policy and an index; the same text for the same policies, so that a stale page can be told.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.model import Event, Json, Policy
from engine.report.markdown_text import code, prose

_LINK = re.compile(r"https?://[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]+")
INDEX = "README.md"
NOTE = "<!-- Written by `meshgate policy docs`; what is changed here by hand is lost. -->"


@dataclass(frozen=True, slots=True)
class Example:
    """A document in which a policy finds something: the code, the pointer, and the part of it as YAML."""

    code: str
    path: str
    yaml: str


@dataclass(frozen=True, slots=True)
class Mandate:
    """A global policy in words that a policy computes, and where its page is, as it is linked; empty for nowhere."""

    id: str
    title: str
    link: str = ""


def pages(
    policies: Iterable[Policy],
    examples: Mapping[str, Sequence[Example]],
    mandates: Mapping[str, Sequence[Mandate]],
) -> dict[str, str]:
    """The text of every page by its name; examples and mandates are keyed by policy id."""
    every = sorted(policies, key=lambda one: one.id)
    found = {INDEX: "\n".join(_index(every, mandates))}
    for one in every:
        found[name(one)] = "\n".join(_page(one, examples.get(one.id, ()), mandates.get(one.id, ())))
    return found


def name(policy: Policy) -> str:
    """The name of a policy's page."""
    return f"{policy.id}.md"


def _index(policies: Sequence[Policy], mandates: Mapping[str, Sequence[Mandate]]) -> Iterator[str]:
    yield from ("# Policies", "", NOTE, "")
    yield f"{len(policies)} polic{'y' if len(policies) == 1 else 'ies'}, each with what it asks for and why."
    for category in sorted({one.category for one in policies}):
        yield from ("", f"## {prose(category)}", "")
        yield "| policy | asks | severity | enforcement | computes |"
        yield "|---|---|---|---|---|"
        for one in policies:
            if one.category == category:
                computed = ", ".join(prose(mandate.id) for mandate in mandates.get(one.id, ()))
                row = (_link(one), prose(one.title), one.severity.value, one.enforcement.value, computed)
                yield f"| {' | '.join(row)} |"
    yield ""


def _link(policy: Policy) -> str:
    return f"[{prose(policy.id)}]({name(policy)})"


def _page(policy: Policy, examples: Sequence[Example], mandates: Sequence[Mandate]) -> Iterator[str]:
    yield from (f"# {prose(policy.title)}", "", NOTE, "", code(policy.id), "", prose(policy.description), "")
    yield from ("| | |", "|---|---|")
    yield from (f"| {label} | {text} |" for label, text in _facts(policy, mandates) if text)
    yield ""
    if policy.findings:
        yield from ("## Findings", "")
        for one in sorted(policy.findings):
            yield from _finding(policy, one, [each for each in examples if each.code == one])
    if properties := policy.parameters_schema.get("properties"):
        yield from _parameters(policy, properties)


def _facts(policy: Policy, mandates: Sequence[Mandate]) -> Iterator[tuple[str, str]]:
    yield "owner", prose(policy.owner)
    yield "severity", policy.severity.value
    yield "category", prose(policy.category)
    yield "enforcement", f"{policy.enforcement.value}, where no assignment says otherwise"
    yield "effective on", policy.effective_on.date().isoformat() if policy.effective_on else ""
    yield "asked at", ", ".join(event.value for event in Event if event in policy.events)
    yield "needs", ", ".join(sorted(policy.needs))
    yield "computes", ", ".join(map(_mandate, mandates))
    yield "see", ", ".join(map(_resource, policy.related))


def _resource(text: str) -> str:
    """A link where it is nothing else, such as a standard on the web; else words."""
    return f"<{text}>" if _LINK.fullmatch(text) else prose(text)


def _mandate(one: Mandate) -> str:
    told = f"{prose(one.id)}: {prose(one.title)}"
    return f"[{told}]({one.link})" if one.link else told


def _finding(policy: Policy, named: str, examples: Sequence[Example]) -> Iterator[str]:
    told = policy.findings[named]
    yield from (f"### {code(named)}", "", f"{prose(told.title)}. {prose(told.remediation)}".strip(), "")
    for one in examples[:1]:
        yield from (f"Found at {code(one.path) if one.path else 'the document'} in:", "", *_fenced(one.yaml), "")


def _fenced(text: str) -> Iterator[str]:
    fence = "```"
    while fence in text:
        fence += "`"
    yield from (f"{fence}yaml", *text.rstrip("\n").split("\n"), fence)


def _parameters(policy: Policy, properties: Mapping[str, Json]) -> Iterator[str]:
    yield from ("## Parameters", "", "| parameter | default | what it says | domains may set it |", "|---|---|---|---|")
    for one in sorted(properties):
        schema = properties[one] if isinstance(properties[one], Mapping) else {}
        default = json.dumps(policy.defaults[one], ensure_ascii=False) if one in policy.defaults else ""
        local = "yes" if schema.get("local") is True else "no"
        yield f"| {prose(one)} | {prose(default)} | {prose(str(schema.get('description', '')))} | {local} |"
    yield ""
