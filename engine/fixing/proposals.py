"""Which of the fixes that a judged document was offered can be carried out, and why can the others not?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from engine.descriptor.limits import Limits
from engine.descriptor.source import Source, parse
from engine.descriptor.text import SourceRefused
from engine.fixing import placing
from engine.fixing.edits import CannotFix, Edit
from engine.model import Descriptor, Json, Path, Problem


@dataclass(frozen=True, slots=True)
class Proposal:
    """One fix: `rule` offers it for `file:line:column`; without edits it cannot be placed, and `reason` says why."""

    rule: str
    file: str
    line: int
    column: int
    edits: tuple[Edit, ...] = ()
    reason: str = ""


def offered(document: dict[str, Any]) -> bool:
    """Whether an entry of a report offers a fix for anything that counts."""
    return any(map(_offers, document["decision"]["findings"])) or any(
        one["code"] in placing.CORRECTED and "disposition" not in one for one in document["problems"]
    )


def proposals(document: dict[str, Any], descriptor: Descriptor) -> Iterator[Proposal]:
    """Every fix that the entry of this descriptor offers, in the order of the report.

    Fixes of what is waived, baselined or in shadow are left alone.
    """
    files = _Files(descriptor)
    for told in document["problems"]:
        problem = None if "disposition" in told else _problem(told, descriptor.problems)
        if problem is not None and placing.is_correctable(problem):
            yield _proposal(told, told["code"], partial(placing.of_problem, problem, files.value, files.written))
    for told in document["decision"]["findings"]:
        if _offers(told):
            rule = f"{told['policy']}/{told['code']}"
            yield _proposal(told, rule, partial(placing.of_patch, told["fix"], descriptor, files.value))


def _offers(finding: dict[str, Any]) -> bool:
    return bool(finding.get("fix")) and finding["disposition"] in ("blocking", "advisory")


def _problem(told: dict[str, Any], problems: Iterable[Problem]) -> Problem | None:
    known = (told["code"], told["path"], told["line"], told["column"])
    return next((one for one in problems if (one.code, one.path, one.place.line, one.place.column) == known), None)


def _proposal(told: dict[str, Any], rule: str, edits: Callable[[], list[Edit]]) -> Proposal:
    place = (told["file"], told["line"], told["column"])
    try:
        return Proposal(rule, *place, edits=tuple(edits()))
    except CannotFix as reason:
        return Proposal(rule, *place, reason=str(reason))


class _Files:
    """The files of a descriptor as they were written, read when they are asked for."""

    def __init__(self, descriptor: Descriptor) -> None:
        self._contents = {part.path: part.content for part in descriptor.parts}
        self._read: dict[str, Source] = {}

    def value(self, file: str) -> Json:
        return self._source(file).value

    def written(self, file: str, path: Path) -> str:
        return self._source(file).written(path)

    def _source(self, file: str) -> Source:
        if file not in self._read:
            try:
                self._read[file] = parse(file, self._contents[file], Limits())
            except (KeyError, SourceRefused):
                raise CannotFix(f"{file} is no document that could be changed") from None
        return self._read[file]
