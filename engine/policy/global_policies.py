"""Which rules does the mesh have in words, and which policies compute each of them?

A global policy is a page of Markdown below `global/` whose front matter says whose it is, what computes it, or who
vouches for it as long as nothing does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path as FilePath

from engine.model import Bundle, Json, Path
from engine.policy import dates
from engine.policy.front_matter import page
from engine.policy.sheets import Breach, Sheet

FOLDER = "global"


class Status(StrEnum):
    """How far a rule in words has come."""

    DRAFT = "draft"
    ACTIVE = "active"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Attestation:
    """Somebody's word that the mesh keeps a rule that nothing computes; it holds to the end of the day `until`."""

    by: str
    on: datetime
    until: datetime
    evidence: str

    def in_force(self, now: datetime) -> bool:
        return self.on <= now < self.until


@dataclass(frozen=True, slots=True)
class GlobalPolicy:
    """One rule of the mesh in words; `text` is the page below its front matter."""

    id: str
    title: str
    owner: str
    scope: str
    status: Status
    rationale: str
    review_by: datetime
    policies: tuple[str, ...] = ()
    attestation: Attestation | None = None
    text: str = ""
    file: str = ""
    line: int = 0


def load(folder: FilePath, bundle: Bundle) -> tuple[list[GlobalPolicy], list[Breach]]:
    """The pages below `global/` in the order of their names, and what is wrong with them; `README.md` is none."""
    read, breaches = pages(folder)
    made, wrong = checked(read, bundle)
    return made, [*breaches, *wrong]


def pages(folder: FilePath) -> tuple[list[Sheet], list[Breach]]:
    """Every page that is whole by itself, whether or not its policies are there, and what is wrong with the others."""
    read: list[Sheet] = []
    breaches: list[Breach] = []
    for path in sorted((folder / FOLDER).glob("**/*")):
        parts = path.relative_to(folder).parts
        if path.is_file() and path.name != "README.md" and not any(part.startswith(".") for part in parts):
            found, wrong = page(path, "/".join(parts), kind=FOLDER)
            read += [found] if found is not None else []
            breaches += wrong
    return read, breaches


def checked(pages: Iterable[Sheet], bundle: Bundle) -> tuple[list[GlobalPolicy], list[Breach]]:
    """The values of checked entries, and what a schema cannot say of them: unknown policies, dates, ids used twice."""
    made: list[GlobalPolicy] = []
    breaches: list[Breach] = []
    first: dict[str, str] = {}
    for sheet in pages:
        for position, entry in enumerate(sheet.items):
            wrong = [sheet.breach((position, *path), msg) for path, msg in _wrong(entry, bundle)]
            place = f"{sheet.file}:{sheet.line((position, 'id'))}"
            if (other := first.setdefault(entry["id"], place)) != place:
                told = f"the global policy `{entry['id']}` is there before, at {other}"
                wrong.append(sheet.breach((position, "id"), told))
            breaches += wrong
            made += [] if wrong else [_made(entry, sheet.file, sheet.line((position,)))]
    return made, breaches


def plain(one: GlobalPolicy) -> dict[str, Json]:
    """The entry as it travels in a bundle; `checked` makes the same value of it again."""
    texts = {key: getattr(one, key) for key in ("id", "title", "owner", "scope", "rationale", "text")}
    told: dict[str, Json] = {**texts, "status": one.status.value, "review_by": _last_day(one.review_by)}
    if one.policies:
        told["policies"] = list(one.policies)
    if (word := one.attestation) is not None:
        days = {"on": _day(word.on), "until": _last_day(word.until)}
        told["attestation"] = {"by": word.by, **days, "evidence": word.evidence}
    return {key: value for key, value in told.items() if value != ""}


def _wrong(entry: dict[str, Json], bundle: Bundle) -> Iterator[tuple[Path, str]]:
    for position, policy in enumerate(entry.get("policies", ())):
        if policy not in bundle.policies:
            yield ("policies", position), f"the bundle has no policy `{policy}`"
    yield from _wrong_day(entry, ("review_by",))
    if "attestation" in entry:
        wrong = [*_wrong_day(entry, ("attestation", "on")), *_wrong_day(entry, ("attestation", "until"))]
        yield from wrong
        if not wrong and dates.beginning(entry["attestation"]["until"]) < dates.beginning(entry["attestation"]["on"]):
            yield ("attestation", "until"), "the attestation ends before it was given"


def _wrong_day(entry: dict[str, Json], path: tuple[str, ...]) -> Iterator[tuple[Path, str]]:
    value: Json = entry
    for step in path:
        value = value[step]
    try:
        moment = dates.beginning(value)
    except ValueError as reason:
        yield path, str(reason)
        return
    if len(value) != len("2027-01-31"):
        yield path, f"`{value}` is no day: write {moment:%Y-%m-%d}"


def _made(entry: dict[str, Json], file: str, line: int) -> GlobalPolicy:
    texts = {key: entry[key] for key in ("id", "title", "owner", "scope", "rationale")}
    word = entry.get("attestation")
    return GlobalPolicy(
        **texts,
        status=Status(entry["status"]),
        review_by=dates.end(entry["review_by"]),
        policies=tuple(entry.get("policies", ())),
        attestation=_attestation(word) if word else None,
        text=entry.get("text", ""),
        file=file,
        line=line,
    )


def _attestation(word: dict[str, str]) -> Attestation:
    return Attestation(word["by"], dates.beginning(word["on"]), dates.end(word["until"]), word["evidence"])


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"


def _last_day(end: datetime) -> str:
    return _day(end - timedelta(microseconds=1))
