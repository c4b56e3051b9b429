"""What has the governance team set down beside the policies: assignments, waivers, environments?"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from engine.descriptor.digest import digest_of
from engine.errors import GovernanceInvalid
from engine.model import Bundle, Json
from engine.policy import entries, environments
from engine.policy.assignments import Assignment
from engine.policy.environments import Environment
from engine.policy.sheets import Breach, Sheet, refused, sheet
from engine.policy.waivers import Waiver

KINDS = ("assignments", "waivers", "environments")
"""What is read of the folder: a file or a folder of each name."""


@dataclass(frozen=True, slots=True)
class Governance:
    """The governance folder as values; the digests name what a decision was made under."""

    assignments: tuple[Assignment, ...]
    waivers: tuple[Waiver, ...]
    assignments_digest: str
    waivers_digest: str
    environments: dict[str, Environment]


def load(folder: Path | None, bundle: Bundle) -> Governance:
    """Everything that holds beside the policies of this bundle; no folder means nothing but environment `dev`.

    Reads every YAML or JSON file below `assignments/` and `waivers/`, in the order of their names, and
    `environments.yaml`; other files there are refused, but for notes (`*.md`) and hidden ones.
    Raises GovernanceInvalid that names every breach with file and line.
    """
    if folder is None:
        return of()
    if not folder.is_dir():
        raise GovernanceInvalid(f"the governance folder {folder} does not exist", file=str(folder), line=0)
    breaches = _misnamed(folder)
    assignments, found = entries.assignments(_sheets(folder, "assignments", breaches), bundle)
    breaches += found
    waivers, found = entries.waivers(_sheets(folder, "waivers", breaches), bundle)
    breaches += found
    places, found = entries.environments(_sheets(folder, "environments", breaches))
    breaches += found
    if breaches:
        raise refused(breaches)
    return of(assignments, waivers, places)


def of(
    assignments: Sequence[Assignment] = (),
    waivers: Sequence[Waiver] = (),
    places: Mapping[str, Environment] | None = None,
) -> Governance:
    """The governance that these values make, with their digests."""
    return Governance(
        assignments=tuple(assignments),
        waivers=tuple(waivers),
        assignments_digest=digest_of([plain(one) for one in assignments]),
        waivers_digest=digest_of([plain(one) for one in waivers]),
        environments=dict(places or {environments.DEFAULT.name: environments.DEFAULT}),
    )


def _sheets(folder: Path, kind: str, breaches: list[Breach]) -> list[Sheet]:
    """The readable files of a kind; what is wrong with the others is added to `breaches`."""
    found = []
    for path in sorted([*folder.glob(f"{kind}.*"), *folder.glob(f"{kind}/**/*")]):
        parts = path.relative_to(folder).parts
        if not path.is_file() or path.suffix == ".md" or any(part.startswith(".") for part in parts):
            continue
        read, wrong = sheet(path, folder, kind=kind)
        breaches += wrong
        found += [read] if read is not None else []
    return found


def _misnamed(folder: Path) -> list[Breach]:
    """Names so near to those that are read that their content would be missed in silence."""
    found = []
    for path in sorted(folder.iterdir()):
        near = difflib.get_close_matches(path.stem.lower(), KINDS, cutoff=0.8)
        if near and path.stem != near[0]:
            found.append(Breach(path.name, 1, f"`{path.name}` is not read; did you mean `{near[0]}`?"))
    return found


def plain(value: object) -> Json:
    """A value of ours as JSON, without where it was written; moments in RFC 3339, lengths of time in seconds."""
    match value:
        case datetime():
            return value.isoformat()
        case timedelta():
            return int(value.total_seconds())
        case Assignment() | Waiver():
            told = {one.name: plain(getattr(value, one.name)) for one in dataclasses.fields(value)}
            return {name: one for name, one in told.items() if name not in ("file", "line")}
        case _ if dataclasses.is_dataclass(value):
            return {one.name: plain(getattr(value, one.name)) for one in dataclasses.fields(value)}
        case Mapping():
            return {str(key): plain(one) for key, one in value.items()}
        case list() | tuple():
            return [plain(one) for one in value]
        case _:
            return value
