"""How does a policy that was written for an Open Data Mesh platform become one of ours?

Its rules stay as they are; what the platform keeps beside them (name, events, whether it blocks) becomes annotations.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.errors import BundleInvalid
from engine.model import Enforcement, Event, InputShape, Json
from engine.policy import bundle, rego_v0
from engine.policy.modules import Source
from engine.policy.worker import Refused, Worker
from engine.policy.workers import Workers

_PACKAGE = re.compile(r"^[ \t]*package[ \t]+(\S+)[ \t]*$", re.MULTILINE)
_ID = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
_EVENTS: Mapping[str, tuple[Event, ...]] = {
    "DATA_PRODUCT_CREATION": (Event.SUBMIT, Event.RESCAN),
    "DATA_PRODUCT_UPDATE": (Event.SUBMIT, Event.RESCAN),
    "DATA_PRODUCT_VERSION_CREATION": (Event.SUBMIT, Event.RESCAN),
}
"""The platform's events that show a descriptor; the others show activities and tasks, which no descriptor holds."""


@dataclass(frozen=True, slots=True)
class Foreign:
    """A policy as the platform keeps it; a bare Rego file has nothing but its text."""

    text: str
    title: str = ""
    description: str = ""
    blocking: bool = False
    events: tuple[str, ...] = ()
    filter: str = ""


@dataclass(frozen=True, slots=True)
class Adopted:
    """The module under its new id, and what its new owners have to know of it."""

    path: str
    text: str
    notes: tuple[str, ...]


def foreign(told: Json, file: str) -> Foreign:
    """The policy in the platform's own JSON form. Raises BundleInvalid naming the file."""
    text = told.get("rawContent") if isinstance(told, dict) else None
    if not isinstance(text, str) or not text.strip():
        raise BundleInvalid(f"{file}: `rawContent` must hold the Rego text of the policy")
    named = [one.get("event") for one in told.get("evaluationEvents") or () if isinstance(one, dict)]
    return Foreign(
        text=text,
        title=_said(told, "displayName") or _said(told, "name"),
        description=_said(told, "description"),
        blocking=told.get("blockingFlag") is True,
        events=tuple(one for one in named if isinstance(one, str)),
        filter=_said(told, "filteringExpression"),
    )


def adopted(workers: Workers, policy: Foreign, *, id: str, owner: str, file: str, v0: bool) -> Adopted:
    """The policy as a module of ours under this id, which loads. Raises BundleInvalid for what cannot be adopted."""
    if not _ID.fullmatch(id):
        raise BundleInvalid(
            f"`{id}` is no id of a policy: write lower-case words with dots, such as mesh.legacy.prefix"
        )
    # renamed first: the platform never asked whether a package's name is one
    text = _renamed(policy.text, id, file)
    if v0:
        with workers.one(patience=rego_v0.SECONDS) as worker:
            text = rego_v0.modern(worker, file, text)
    notes = list(_notes(policy))
    head = "\n".join(f"# {line}" for line in ["METADATA", *_annotations(policy, text, id, owner)])
    path = f"{id.replace('.', '/')}/{id.rpartition('.')[2]}.rego"
    made = f"{head}\n{text.strip()}\n"
    try:
        bundle.of({path: Source(path, made, Path(path), archived=True)}, workers=workers)
    except BundleInvalid as reason:
        if v0 or not _only_v0(workers, file, text):
            raise
        raise BundleInvalid(f"{file}: {reason.detail} It is Rego from before OPA 1.0: add --rego-v0.") from None
    return Adopted(path, made, tuple(notes))


def _only_v0(workers: Workers, file: str, text: str) -> bool:
    """Whether this is no Rego of today, but Rego as it was before OPA 1.0."""
    with workers.one(patience=rego_v0.SECONDS) as worker:
        return [_reads(worker, file, text, v0=v0) for v0 in (False, True)] == [False, True]


def _reads(worker: Worker, file: str, text: str, *, v0: bool) -> bool:
    try:
        worker.syntax({file: text}, seconds=rego_v0.SECONDS, v0=v0)
    except Refused:
        return False
    return True


def _said(told: Mapping[str, Json], key: str) -> str:
    value = told.get(key)
    return " ".join(value.split()) if isinstance(value, str) else ""


def _renamed(text: str, id: str, file: str) -> str:
    """The text with the new id as package, also where its rules call it by its old name."""
    found = _PACKAGE.search(text)
    if found is None:
        raise BundleInvalid(f"{file}: names no package")
    renamed = re.sub(rf"\bdata\.{re.escape(found[1])}\b", f"data.{id}", text)
    return _PACKAGE.sub(f"package {id}", renamed, count=1)


def _events(policy: Foreign) -> Sequence[Event]:
    known = {event for one in policy.events for event in _EVENTS.get(one, ())}
    return [event for event in Event if event in known] if policy.events else [Event.SUBMIT, Event.RESCAN]


def _annotations(policy: Foreign, text: str, id: str, owner: str) -> Iterator[str]:
    """The lines of the metadata block; every text is written as JSON, which YAML reads as it stands."""
    shape = InputShape.ODM if re.search(r"\b(afterState|currentState)\b", text) else InputShape.DESCRIPTOR
    needs = ["previous"] if "currentState" in text else []
    yield f"title: {json.dumps(policy.title or id, ensure_ascii=False)}"
    yield f"description: {json.dumps(policy.description or f'Adopted as {id}.', ensure_ascii=False)}"
    yield "scope: package"
    yield f"organizations: [{json.dumps(owner, ensure_ascii=False)}]"
    yield "custom:"
    yield "  severity: medium"
    yield "  category: adopted"
    yield f"  enforcement: {_enforcement(policy)}"
    yield f"  events: [{', '.join(_events(policy))}]"
    yield f"  needs: [{', '.join(needs)}]"
    yield f"  input: {shape}"


def _enforcement(policy: Foreign) -> Enforcement:
    """As the platform held it; one that was filtered begins in the shadow, where it can harm nobody it spared."""
    if policy.filter:
        return Enforcement.SHADOW
    return Enforcement.BLOCKING if policy.blocking else Enforcement.ADVISORY


def _notes(policy: Foreign) -> Iterator[str]:
    if policy.filter:
        yield (
            f"its filter `{policy.filter}` is not translated: say in an assignment's `match` where the policy applies;"
            " until then its enforcement is shadow"
        )
    if missed := [one for one in policy.events if one not in _EVENTS]:
        yield f"it was also evaluated at {', '.join(missed)}, which show no descriptor: these are left out"
    if not _events(policy):
        raise BundleInvalid(f"it is evaluated only at {', '.join(policy.events)}: these show no descriptor to judge")
