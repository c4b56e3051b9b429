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
from engine.policy import entries, environments, global_policies
from engine.policy.assignments import Assignment
from engine.policy.environments import Environment
from engine.policy.global_policies import GlobalPolicy
from engine.policy.sheets import Breach, Sheet, refused, sheet
from engine.policy.suspensions import Suspension
from engine.policy.waivers import Waiver

KINDS = ("assignments", "waivers", "environments")
"""Which lists are read of the folder: a file or a folder of each name. Beside them is the folder `global`."""


@dataclass(frozen=True, slots=True)
class Governance:
    """The governance folder as values, with what the catalog adds to it (`joined`).

    The digests name what a decision was made under: who is judged how hard (assignments and suspensions), and what is
    excused (waivers). The policies in words and the environments decide nothing.
    """

    assignments: tuple[Assignment, ...]
    waivers: tuple[Waiver, ...]
    assignments_digest: str
    waivers_digest: str
    environments: dict[str, Environment]
    suspensions: tuple[Suspension, ...] = ()
    global_policies: tuple[GlobalPolicy, ...] = ()


def load(folder: Path | None, bundle: Bundle) -> Governance:
    """Everything that holds beside the policies of this bundle; no folder means nothing but environment `dev`.

    Reads every YAML or JSON file below `assignments/` and `waivers/`, in the order of their names, `environments.yaml`,
    and every policy in words below `global/`; other files there are refused, but for notes (`*.md`) and hidden ones.
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
    words, found = global_policies.load(folder, bundle)
    if breaches := [*breaches, *found]:
        raise refused(breaches)
    return of(assignments, waivers, places, words=words)


def places(folder: Path) -> dict[str, Environment]:
    """The environments of the folder alone, which no policy is needed for; `dev` where it names none.

    Raises GovernanceInvalid that names every breach.
    """
    if not folder.is_dir():
        raise GovernanceInvalid(f"the governance folder {folder} does not exist", file=str(folder), line=0)
    breaches = _misnamed(folder)
    found, wrong = entries.environments(_sheets(folder, "environments", breaches))
    if breaches := [*breaches, *wrong]:
        raise refused(breaches)
    return of(places=found).environments


def of(
    assignments: Sequence[Assignment] = (),
    waivers: Sequence[Waiver] = (),
    places: Mapping[str, Environment] | None = None,
    *,
    suspensions: Sequence[Suspension] = (),
    words: Sequence[GlobalPolicy] = (),
) -> Governance:
    """The governance that these values make, with their digests."""
    return Governance(
        assignments=tuple(assignments),
        waivers=tuple(waivers),
        assignments_digest=digest_of(plain([*assignments, *suspensions])),
        waivers_digest=digest_of(plain(waivers)),
        environments=dict(places or {environments.DEFAULT.name: environments.DEFAULT}),
        suspensions=tuple(suspensions),
        global_policies=tuple(words),
    )


def joined(
    base: Governance, bundle: Bundle, *, waivers: Sequence[Waiver], suspensions: Sequence[Suspension]
) -> Governance:
    """The governance with what the catalog grants; what this bundle has no policy or code for is left out.

    Of two waivers with one id, that of the folder holds; a suspension that came with a bundle counts once.
    """
    known = {one.id for one in base.waivers}
    more = [one for one in waivers if one.id not in known and _finds(bundle, one)]
    aside = [one for one in suspensions if one not in base.suspensions and one.policy in bundle.policies]
    return of(
        base.assignments,
        (*base.waivers, *more),
        base.environments,
        suspensions=(*base.suspensions, *aside),
        words=base.global_policies,
    )


def _finds(bundle: Bundle, waiver: Waiver) -> bool:
    policy = bundle.policies.get(waiver.policy)
    return policy is not None and (not waiver.code or not policy.findings or waiver.code in policy.findings)


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
        near = difflib.get_close_matches(path.stem.lower(), (*KINDS, global_policies.FOLDER), cutoff=0.8)
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
