"""What does one file of the governance folder, or of a fixture, say, and on which line?"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path as FilePath
from typing import Any

import jsonschema_rs

from engine.descriptor import source
from engine.descriptor.limits import Limits
from engine.descriptor.text import SourceRefused
from engine.errors import GovernanceInvalid
from engine.model import Json, Path, Step

SCHEMAS = FilePath(__file__).with_name("schemas")
"""The folder of the JSON Schemas of these files, one for each kind."""

READ = (".yaml", ".yml", ".json")
"""The endings of the files that are read."""


@dataclass(frozen=True, slots=True)
class Breach:
    """One thing wrong in the governance folder, and where."""

    file: str
    line: int
    msg: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.msg}"


def refused(breaches: Sequence[Breach]) -> GovernanceInvalid:
    """The error that names every breach; `file` and `line` of its context are those of the first."""
    ordered = sorted(breaches, key=lambda one: (one.file, one.line))
    told = "\n".join(map(str, ordered))
    return GovernanceInvalid(told, file=ordered[0].file, line=ordered[0].line, breaches=tuple(ordered))


def validator(schema: Mapping[str, Json]) -> jsonschema_rs.Draft202012Validator:
    """A validator that never fetches; raises ValueError for a wrong schema."""
    return jsonschema_rs.Draft202012Validator(dict(schema), retriever=_refuse_to_fetch)


def _refuse_to_fetch(address: str) -> Json:
    raise ValueError(f"the schema refers to {address}, and nothing is fetched")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One file: its name in messages, the value it holds, and on which line each path of it stands."""

    file: str
    value: Json
    line: Callable[[Sequence[Step]], int]

    @property
    def items(self) -> list[dict[str, Json]]:
        """The list that a file of the governance folder holds."""
        items: list[dict[str, Json]] = self.value
        return items

    def breach(self, path: Sequence[Step], msg: str) -> Breach:
        return Breach(self.file, self.line(path), msg)


def sheet(path: FilePath, folder: FilePath, *, kind: str) -> tuple[Sheet | None, list[Breach]]:
    """One file checked against the schema of its kind (`assignments`, `expect`, …); None if wrong."""
    file = path.relative_to(folder).as_posix()
    if path.suffix not in READ:
        return None, [Breach(file, 1, f"only {', '.join(READ)} files are read here")]
    try:
        content = path.read_bytes()
    except OSError as reason:
        return None, [Breach(file, 1, f"cannot be read: {reason.strerror}")]
    try:
        read = source.parse(file, content, Limits())
    except SourceRefused as refusal:
        place, msg = source.refused(file, content, refusal)
        return None, [Breach(file, place.line, msg)]
    return checked(file, read.value, lambda path: read.place(tuple(path), of_key=True).line, kind=kind)


def checked(
    file: str, value: Json, line: Callable[[Sequence[Step]], int], *, kind: str
) -> tuple[Sheet | None, list[Breach]]:
    """A value that was read, checked against the schema of its kind; None if wrong."""
    found = Sheet(file, value, line)
    breaches = [found.breach(*_told(error)) for error in _schema(kind).iter_errors(value)]
    return (None if breaches else found), breaches


def _told(error: Any) -> tuple[Path, str]:
    """Where a schema error stands (an unknown key at the key itself), and its message."""
    path = tuple(error.instance_path)
    unexpected = getattr(error.kind, "unexpected", None)
    return (*path, unexpected[0]) if unexpected else path, error.message


@cache
def _schema(kind: str) -> jsonschema_rs.Draft202012Validator:
    return validator(json.loads((SCHEMAS / f"{kind}.json").read_text("utf-8")))
