"""Does a version number tell the truth about what changed since the previous accepted version?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from engine.descriptor.components import components, text
from engine.descriptor.problems import problem
from engine.descriptor.submission import Parts, Submission
from engine.descriptor.versions import compare, is_semver, numbers
from engine.model import Change, ChangeLevel, Descriptor, Json, Part, Path, Problem

if TYPE_CHECKING:
    from engine.descriptor.changes import Schemas

_SHOWN = 3
_LIES = {
    ChangeLevel.BREAKING: ("DP409", "major"),
    ChangeLevel.MINOR: ("DP457", "minor"),
    ChangeLevel.PATCH: ("DP458", "patch"),
}

OWN_CODES = frozenset({*(code for code, _ in _LIES.values()), "DP459"})
"""The problems that only a comparison with the previous version reports."""


def evolution(
    previous_effective: Mapping[str, Json], descriptor: Descriptor, previous_parts: Sequence[Part] = ()
) -> tuple[Problem, ...]:
    """Whether the versions of product and ports rose as far as their changes ask (DESIGN §3.4, SemVer 2.0.0).

    While a version is 0.x, which promises nothing yet, a breaking change asks for the minor only. A previous
    pre-release promised nothing at all: from there any higher version is honest. `previous_parts` are the files of
    the previous version, the root first: columns behind references inside definitions are compared with them.
    """
    before = text(previous_effective.get("info"), "version")
    identity = descriptor.identity
    if descriptor.effective is None or identity is None or not is_semver(before):
        return ()
    from engine.descriptor.changes import changes  # only a document with a previous version pays for comparing

    found = changes(dict(previous_effective), descriptor.effective, _schemas(previous_parts, descriptor))
    return (
        *_lie(descriptor, before, identity.version, ("info", "version"), found),
        *_port_lies(dict(previous_effective), descriptor, found),
    )


def _schemas(previous_parts: Sequence[Part], descriptor: Descriptor) -> Schemas:
    from engine.descriptor.changes import Schemas
    from engine.descriptor.contracts.port_schemas import SchemaReader, reader_of

    if not previous_parts:
        return Schemas(SchemaReader(), reader_of(descriptor))
    from engine.descriptor.ingestion import ingest  # which asks this module

    contents = {part.path: part.content for part in previous_parts}
    before = ingest(Submission(previous_parts[0].path, Parts(contents)))
    return Schemas(reader_of(before), reader_of(descriptor))


def _lie(
    descriptor: Descriptor, before: str, now: str, path: Path, found: Sequence[Change], code: str = ""
) -> Iterator[Problem]:
    asked = max((one.level for one in found), default=None)
    if asked is None:
        yield from _fall(descriptor, before, now, path, code)
        return
    if rises(before, now) >= asked:
        return
    # What the number owns up to needs no telling.
    telling = [one for one in found if one.level is asked]
    usual, number = _LIES[asked]
    what = _listed(telling)
    msg = f"{what}, but {before} -> {now} does not raise the {_asked(before, number)}"
    hint = f"write version: {smallest(before, asked)}"
    yield problem(code or usual, msg, path, descriptor.locate(path), hint)


def _fall(descriptor: Descriptor, before: str, now: str, path: Path, code: str) -> Iterator[Problem]:
    """A version below the previous one takes back what was promised, also where nothing else changed."""
    if compare(now, before) < 0:
        msg = f"the version went down from {before} to {now}"
        yield problem(code or "DP458", msg, path, descriptor.locate(path), f"write version: {before}, or a higher one")


def _asked(before: str, number: str) -> str:
    if numbers(before)[0] != 0:
        return number
    return {"major": "minor", "minor": "patch"}.get(number, number)


def _listed(found: Sequence[Change]) -> str:
    told = [f"{one.kind} {one.port!r}: {one.msg}" if one.port else one.msg for one in found[:_SHOWN]]
    more = f" (and {len(found) - _SHOWN} more)" if len(found) > _SHOWN else ""
    return "; ".join(told) + more


def _port_lies(before: dict[str, Json], descriptor: Descriptor, found: Sequence[Change]) -> Iterator[Problem]:
    """Ports that changed more than their own version says; a raised major of a port is no lie of the port."""
    own: dict[tuple[str, str], list[Change]] = {}
    for change in found:
        if change.level > ChangeLevel.PATCH:
            own.setdefault((change.kind, change.port), []).append(change)
    old = {(one.kind, one.name): text(one.value, "version") for one in components(before) if one.is_port}
    for one in components(descriptor.effective or {}):
        key = (one.kind, one.name)
        was, is_now = old.get(key, ""), text(one.value, "version")
        if one.is_port and is_semver(was) and is_semver(is_now):
            yield from _lie(descriptor, was, is_now, (*one.path, "version"), own.get(key, ()), "DP459")


def rises(before: str, now: str) -> int:
    """How far a version rises above another: 0 for not at all, else the ChangeLevel that it owns up to."""
    if compare(now, before) <= 0:
        return 0
    old, new = numbers(before), numbers(now)
    if "-" in before.partition("+")[0] or new[0] > old[0] or (old[0] == 0 and new[1] > old[1]):
        return ChangeLevel.BREAKING
    if old[0] == 0 or new[1] > old[1]:
        return ChangeLevel.MINOR
    return ChangeLevel.PATCH


def smallest(before: str, level: ChangeLevel) -> str:
    """The smallest released version above another that owns up to a change."""
    major, minor, patch = numbers(before)
    if "-" in before.partition("+")[0]:
        return f"{major}.{minor}.{patch}"
    if level is ChangeLevel.BREAKING:
        return f"{major + 1}.0.0" if major else f"0.{minor + 1}.0"
    if level is ChangeLevel.MINOR and major:
        return f"{major}.{minor + 1}.0"
    return f"{major}.{minor}.{patch + 1}"
