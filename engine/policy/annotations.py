"""What did the author write about a policy in the `# METADATA` block above its package?

Read from the text by ourselves, never with `rego.metadata.*`: regorus does not know it (DESIGN §4, Annotations).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

from engine.descriptor import yaml_source
from engine.descriptor.limits import Limits
from engine.descriptor.positions import Index
from engine.descriptor.text import Lines, SourceRefused
from engine.errors import BundleInvalid
from engine.model import Enforcement, Event, FindingCode, Json, Path, Severity

_PACKAGE = re.compile(r"^package\s", re.MULTILINE)
_STANDARD = frozenset(
    {"title", "description", "scope", "organizations", "authors", "related_resources", "entrypoint", "custom"}
)
_CUSTOM = frozenset(
    {
        *("severity", "category", "enforcement", "events", "needs", "effective_on", "parameters", "findings"),
        *("computes", "review_by", "version"),
    }
)
_NEEDS = frozenset({"mesh", "previous"})
_CODE = re.compile(r"[a-z][a-z0-9_]*")


Kind = TypeVar("Kind", bound=StrEnum)


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


def read(text: str, file: str) -> Annotations | None:
    """The annotations of the package, None where there is no block. Raises BundleInvalid naming file and line."""
    found = _block(text)
    if found is None:
        return None
    first, block = found
    try:
        written, marks = yaml_source.read(block, Limits())
    except SourceRefused as refusal:
        line = first + Lines(block).at(refusal.offset or 0)[0] - 1
        raise BundleInvalid(f"{file}:{line}: the metadata is not readable YAML: {refusal.msg}") from None
    return _annotations(_Block(written, Index(written, marks), Lines(block), first, file))


def _block(text: str) -> tuple[int, str] | None:
    """The number of the first line below `# METADATA` right above `package`, and those lines without their `#`."""
    package = _PACKAGE.search(text)
    lines = text[: package.start()].splitlines() if package else []
    while lines and not lines[-1].strip():
        lines.pop()
    block: list[str] = []
    while lines and lines[-1].startswith("#"):
        line = lines.pop()
        if line[1:].strip() == "METADATA":
            return len(lines) + 2, "\n".join(block) + "\n"
        block.insert(0, line[2:] if line.startswith("# ") else line[1:])
    return None


class _Block:
    """The parsed metadata, with the line of every key for messages."""

    def __init__(self, written: Json, index: Index, lines: Lines, first: int, file: str) -> None:
        self.written, self._index, self._lines, self._first, self.file = written, index, lines, first, file

    def refuse(self, path: Path, reason: str) -> BundleInvalid:
        line = self._first + self._lines.at(self._index.key(path))[0] - 1
        return BundleInvalid(f"{self.file}:{line}: {'.'.join(map(str, path)) or 'the metadata'} {reason}")

    def at(self, path: Path) -> Json:
        """The value at a path of keys; None where there is none."""
        value = self.written
        for step in path:
            value = value.get(step) if isinstance(value, dict) else None
        return value

    def mapping(self, path: Path, known: frozenset[str] | None = None) -> Mapping[str, Json]:
        value = self.at(path)
        if value is None and path:
            return {}
        if not isinstance(value, dict):
            raise self.refuse(path, "must be a mapping")
        for key in value:
            if known is not None and key not in known:
                raise self.refuse((*path, key), f"is not known here; known are {', '.join(sorted(known))}")
        return value

    def text(self, *path: str) -> str:
        value = self.at(path)
        if not isinstance(value, str) or not value.strip():
            raise self.refuse(path, "must be a text")
        return value.strip()

    def texts(self, *path: str) -> Sequence[str]:
        value = self.at(path)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self.refuse(path, "must be a list of texts")
        return value

    def one_of(self, kind: type[Kind], *path: str) -> Kind:
        value = self.text(*path)
        if value not in set(kind):
            raise self.refuse(path, f"is {value!r}; known are {', '.join(kind)}")
        return kind(value)


def _annotations(block: _Block) -> Annotations:
    block.mapping((), _STANDARD)
    block.mapping(("custom",), _CUSTOM)
    if block.at(("scope",)) not in (None, "package"):
        raise block.refuse(("scope",), "must be package: these lines stand above the package")
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
    )


def _owner(block: _Block) -> str:
    organizations = block.texts("organizations")
    if organizations:
        return ", ".join(organizations)
    authors = block.at(("authors",))
    if not isinstance(authors, list) or not authors:
        raise block.refuse(("organizations",), "(or authors) must name who owns the policy")
    return ", ".join(_author(block, author) for author in authors)


def _author(block: _Block, author: Json) -> str:
    if isinstance(author, str) and author:
        return author
    name = (author.get("name") or author.get("email")) if isinstance(author, dict) else None
    if not isinstance(name, str):
        raise block.refuse(("authors",), "must name each author by name or email")
    return name


def _events(block: _Block) -> frozenset[Event]:
    path = ("custom", "events")
    named = block.texts(*path) or list(Event)
    for one in named:
        if one not in set(Event):
            raise block.refuse(path, f"names {one!r}; known are {', '.join(Event)}")
    return frozenset(Event(one) for one in named)


def _needs(block: _Block) -> frozenset[str]:
    path = ("custom", "needs")
    named = frozenset(block.texts(*path))
    if not named <= _NEEDS:
        raise block.refuse(path, f"names {', '.join(sorted(named - _NEEDS))}; known are {', '.join(sorted(_NEEDS))}")
    return named


def _effective_on(block: _Block) -> datetime | None:
    path = ("custom", "effective_on")
    if block.at(path) is None:
        return None
    try:
        moment = datetime.fromisoformat(block.text(*path))
    except ValueError:
        raise block.refuse(path, "must be a date or an RFC 3339 moment") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _findings(block: _Block) -> Mapping[str, FindingCode]:
    path = ("custom", "findings")
    return {code: _finding(block, path, code) for code in block.mapping(path)}


def _finding(block: _Block, path: tuple[str, ...], code: str) -> FindingCode:
    if not _CODE.fullmatch(code):
        raise block.refuse((*path, code), "must be a code in snake_case")
    block.mapping((*path, code), frozenset({"title", "remediation"}))
    told = block.at((*path, code, "remediation"))
    return FindingCode(
        title=block.text(*path, code, "title"),
        remediation="" if told is None else block.text(*path, code, "remediation"),
    )


def _references(block: _Block) -> tuple[str, ...]:
    path = ("related_resources",)
    listed = block.at(path)
    if listed is None:
        return ()
    refs = [one.get("ref") if isinstance(one, dict) else one for one in listed] if isinstance(listed, list) else []
    texts = tuple(ref for ref in refs if isinstance(ref, str))
    if len(texts) != len(listed):
        raise block.refuse(path, "must be a list of references")
    return texts
