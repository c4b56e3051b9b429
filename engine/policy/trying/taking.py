"""How does a real descriptor become a fixture: its files, and what a policy finds in it today?"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.decide import effective_input
from engine.descriptor import Submission, ingest
from engine.errors import DescriptorUnreadable, UsageError
from engine.model import Bundle, Descriptor, Event, Facts, Json, Part, Policy, pointer
from engine.policy.dates import utc_day
from engine.policy.governance import Governance
from engine.policy.trying import fixture_run, fixtures
from engine.policy.trying.fixtures import EXPECT, Fixture
from engine.policy.trying.masking import masked
from engine.policy.trying.stand import Stand

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class Taken:
    """The folder that was written, and the findings (code, pointer) that are expected in it."""

    folder: Path
    findings: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be written: a fixture of this policy under this name; `source` is told in the file."""

    policy: str
    case: str
    root: Path
    source: str
    mask: bool = False

    @property
    def folder(self) -> Path:
        return self.root / self.policy / self.case


def take(
    wanted: Wanted,
    submission: Submission,
    facts: Facts,
    *,
    bundle: Bundle,
    governance: Governance,
    stand: Stand,
    namespace: str | None = None,
) -> Taken:
    """Write the fixture and give back what it expects; nothing is left where something goes wrong.

    Raises UsageError for a name that is no folder's or taken, and for what the policy needs and nobody has given;
    DescriptorUnreadable.
    """
    _refuse(wanted, facts, bundle)
    descriptor = ingest(submission, namespace=namespace)
    seen = effective_input(descriptor, facts=facts, bundle=bundle, governance=governance)
    context = _context(bundle.policies[wanted.policy], seen["_context"], facts, mask=wanted.mask)
    wanted.folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=wanted.folder.parent, prefix=".") as made:
        folder = Path(made) / wanted.policy / wanted.case
        folder.mkdir(parents=True)
        for part in _parts(descriptor, seen, mask=wanted.mask):
            _write(folder, part)
        findings = _findings(folder, context, bundle, stand, namespace)
        (folder / EXPECT).write_text(_expectation(wanted.source, context, findings), encoding="utf-8")
        shutil.move(folder, wanted.folder)
    return Taken(wanted.folder, findings)


def _refuse(wanted: Wanted, facts: Facts, bundle: Bundle) -> None:
    policy = bundle.policies.get(wanted.policy)
    if policy is None:
        raise UsageError(f"There is no policy `{wanted.policy}`.")
    if not _NAME.fullmatch(wanted.case):
        raise UsageError(f"`{wanted.case}` is no name of a case: use letters, digits, `.`, `_` and `-`.")
    if wanted.folder.exists():
        raise UsageError(f"{wanted.folder} is there already, and nothing is overwritten; give another --case.")
    if facts.event not in policy.events:
        raise UsageError(f"{policy.id} is not asked at {facts.event}; name one of its events with --event.")
    if facts.event is Event.ACCESS:
        raise UsageError(f"{policy.id} judges requests for access: write its `context: access:` by hand.")
    if "mesh" in policy.needs:
        raise UsageError(f"{policy.id} needs the mesh, which is not taken along: write its `context: mesh:` by hand.")
    if "previous" in policy.needs and facts.previous is None:
        raise UsageError(f"{policy.id} needs the previous version, and this is the first one.")


def _context(policy: Policy, seen: Mapping[str, Json], facts: Facts, *, mask: bool) -> dict[str, Json]:
    """What the policy sees besides the descriptor, as far as it is not what every fixture has."""
    context: dict[str, Json] = {"now": utc_day(facts.now)}
    context |= {"event": str(facts.event)} if facts.event != "submit" else {}
    context |= {"environment": facts.environment} if facts.environment else {}
    context |= {"plan": dict(facts.plan)} if facts.plan is not None else {}
    context |= {"parameters": {policy.id: given}} if (given := seen["parameters"].get(policy.id)) else {}
    if "previous" not in policy.needs or facts.previous is None:
        return context
    previous = dict(facts.previous)
    return context | {"previous": masked(previous) if mask else previous}


def _parts(descriptor: Descriptor, seen: Mapping[str, Json], *, mask: bool) -> tuple[Part, ...]:
    """The files as they were submitted; masked, the one document that they make."""
    if not mask:
        return descriptor.parts
    document = {key: value for key, value in seen.items() if key != "_context"}
    text = json.dumps(masked(document), indent=2, ensure_ascii=False) + "\n"
    return (Part("descriptor.json", text.encode()),)


def _write(folder: Path, part: Part) -> None:
    file = folder / part.path
    if not file.resolve().is_relative_to(folder.resolve()):
        raise DescriptorUnreadable(f"the file {part.path} lies outside the folder of the document")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(part.content)


def _findings(
    folder: Path, context: Mapping[str, Json], bundle: Bundle, stand: Stand, namespace: str | None
) -> tuple[tuple[str, str], ...]:
    """What is found in the files as they were written. Raises DescriptorUnreadable where that cannot be known."""
    (folder / EXPECT).write_text(_expectation("", context, ()), encoding="utf-8")
    fixture = fixtures.one(folder, bundle.policies)
    if not isinstance(fixture, Fixture):
        raise DescriptorUnreadable("; ".join(map(str, fixture.breaches)))
    made = fixture_run.decided(fixture, bundle, stand, namespace=namespace)
    if made.reason:
        raise DescriptorUnreadable(made.reason)
    found = made.decision.findings
    return tuple(sorted((one.finding.code, pointer(one.finding.path)) for one in found))


def _expectation(source: str, context: Mapping[str, Json], findings: tuple[tuple[str, str], ...]) -> str:
    """The text of the file: YAML whose values are written as JSON, which is YAML too."""
    lines = [f"# Taken from {json.dumps(source)}."] if source else []
    lines += ["context:", *(f"  {key}: {json.dumps(value, ensure_ascii=False)}" for key, value in context.items())]
    found = [f"  - {{code: {json.dumps(code)}, path: {json.dumps(path)}}}" for code, path in findings]
    return "\n".join([*lines, *(["findings:", *found] if found else ["findings: []"])]) + "\n"
