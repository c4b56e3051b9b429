"""What did the author write about a policy in the `# METADATA` block above its package?

Read from the text by ourselves, never with `rego.metadata.*`: regorus does not know it (DESIGN §4, Annotations).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from engine.model import Enforcement, Event, FindingCode, InputShape, Json, Severity
from engine.policy.metadata import Metadata

_STANDARD = frozenset(
    {"title", "description", "scope", "organizations", "authors", "related_resources", "entrypoint", "custom"}
)
_CUSTOM = frozenset(
    {
        *("severity", "category", "enforcement", "events", "needs", "effective_on", "parameters", "findings"),
        *("computes", "input", "review_by", "version"),
    }
)
_BRIEF = frozenset({"title", "description", "scope", "custom"})
_BRIEF_CUSTOM = frozenset({"needs", "parameters", "findings"})
_NEEDS = frozenset({"mesh", "previous", "plan"})
_CODE = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Annotations:
    """The package annotations of one policy, checked; words as in `Policy`."""

    title: str
    description: str
    owner: str
    severity: Severity
    category: str
    enforcement: Enforcement
    events: frozenset[Event]
    needs: frozenset[str]
    effective_on: datetime | None
    parameters: Mapping[str, Json]
    findings: Mapping[str, FindingCode]
    related: tuple[str, ...]
    input: InputShape


def read(block: Metadata) -> Annotations:
    """The annotations in this block; they are to be believed only where `block.flaws` stays empty."""
    block.mapping((), _STANDARD)
    block.mapping(("custom",), _CUSTOM)
    if block.at(("scope",)) not in (None, "package"):
        block.wrong(("scope",), "must be package: these lines stand above the package")
    return Annotations(
        title=block.text("title"),
        description=block.text("description"),
        owner=_owner(block),
        severity=block.one_of(Severity, "custom", "severity"),
        category=block.text("custom", "category"),
        enforcement=block.one_of(Enforcement, "custom", "enforcement"),
        events=_events(block),
        needs=_needs(block),
        effective_on=_effective_on(block),
        parameters=block.mapping(("custom", "parameters")),
        findings=_findings(block),
        related=_references(block),
        input=_input(block),
    )


def brief(block: Metadata) -> Annotations:
    """As `read`, of a policy that comes alone and holds for whoever brought it: nothing has to be said of it.

    What only a policy of the mesh has (owner, severity, enforcement, dates, events) is not known here.
    """
    block.mapping((), _BRIEF)
    block.mapping(("custom",), _BRIEF_CUSTOM)
    if block.at(("scope",)) not in (None, "package"):
        block.wrong(("scope",), "must be package: these lines stand above the package")
    return Annotations(
        title="" if block.at(("title",)) is None else block.text("title"),
        description="" if block.at(("description",)) is None else block.text("description"),
        owner="",
        severity=Severity.INFO,
        category="",
        enforcement=Enforcement.BLOCKING,
        events=frozenset(),
        needs=_needs(block),
        effective_on=None,
        parameters=block.mapping(("custom", "parameters")),
        findings=_findings(block),
        related=(),
        input=InputShape.DESCRIPTOR,
    )


def _owner(block: Metadata) -> str:
    organizations = block.texts("organizations")
    if organizations:
        return ", ".join(organizations)
    authors = block.at(("authors",))
    if not isinstance(authors, list) or not authors:
        block.wrong(("organizations",), "(or authors) must name who owns the policy")
        return ""
    return ", ".join(_author(block, author) for author in authors)


def _author(block: Metadata, author: Json) -> str:
    if isinstance(author, str) and author:
        return author
    name = (author.get("name") or author.get("email")) if isinstance(author, dict) else None
    if isinstance(name, str):
        return name
    block.wrong(("authors",), "must name each author by name or email")
    return ""


def _events(block: Metadata) -> frozenset[Event]:
    path = ("custom", "events")
    named = block.texts(*path) or list(Event)
    for one in named:
        if one not in set(Event):
            block.wrong(path, f"names {one!r}; known are {', '.join(Event)}")
    return frozenset(event for event in Event if event in named)


def _needs(block: Metadata) -> frozenset[str]:
    path = ("custom", "needs")
    named = frozenset(block.texts(*path))
    if not named <= _NEEDS:
        block.wrong(path, f"names {', '.join(sorted(named - _NEEDS))}; known are {', '.join(sorted(_NEEDS))}")
    return named


def _input(block: Metadata) -> InputShape:
    path = ("custom", "input")
    return InputShape.DESCRIPTOR if block.at(path) is None else block.one_of(InputShape, *path)


def _effective_on(block: Metadata) -> datetime | None:
    path = ("custom", "effective_on")
    if block.at(path) is None:
        return None
    try:
        moment = datetime.fromisoformat(block.text(*path))
    except ValueError:
        block.wrong(path, "must be a date or an RFC 3339 moment")
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _findings(block: Metadata) -> Mapping[str, FindingCode]:
    path = ("custom", "findings")
    return {code: _finding(block, path, code) for code in block.mapping(path)}


def _finding(block: Metadata, path: tuple[str, ...], code: str) -> FindingCode:
    if not _CODE.fullmatch(code):
        block.wrong((*path, code), "must be a code in snake_case")
    block.mapping((*path, code), frozenset({"title", "remediation"}))
    told = block.at((*path, code, "remediation"))
    return FindingCode(
        title=block.text(*path, code, "title"),
        remediation="" if told is None else block.text(*path, code, "remediation"),
    )


def _references(block: Metadata) -> tuple[str, ...]:
    path = ("related_resources",)
    listed = block.at(path)
    if listed is None:
        return ()
    refs = [one.get("ref") if isinstance(one, dict) else one for one in listed] if isinstance(listed, list) else []
    texts = tuple(ref for ref in refs if isinstance(ref, str))
    if not isinstance(listed, list) or len(texts) != len(listed):
        block.wrong(path, "must be a list of references")
    return texts
