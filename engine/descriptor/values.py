"""Are versions, entity types and numbers what DPDS says they are?"""

from __future__ import annotations

from collections.abc import Iterator

from engine.descriptor.digest import large_integers as holds_large_integers
from engine.descriptor.grammar import STANDARD_SHAPES
from engine.descriptor.numbers import PORTABLE
from engine.descriptor.positions import walk
from engine.descriptor.subject import Subject
from engine.descriptor.versions import is_semver
from engine.model import Json, Path, Problem, pointer

_REQUIRED = frozenset(
    (
        *("dataProductDescriptor", "info", "interfaceComponents", "outputPorts", "name", "version"),
        *("domain", "owner", "specification", "definition", "$ref", "$href"),
    )
)
_DEFINED = {"api": "api", "template": "template"}


def specification_version(subject: Subject) -> Iterator[Problem]:
    """Only the minor counts: patches of the specification are not considered by tools."""
    found = subject.document.get("dataProductDescriptor")
    if type(found) is str and not (is_semver(found) and found.startswith("1.0.")):
        yield subject.problem(
            "DP402", f"DPDS {found} is not supported", ("dataProductDescriptor",), "write dataProductDescriptor: 1.0.0"
        )


def versions(subject: Subject) -> Iterator[Problem]:
    yield from _version(subject, subject.info, ("info",))
    for one in subject.components:
        yield from _version(subject, one.value, one.path)
    for path, value, shape in subject.objects:
        if shape in STANDARD_SHAPES:
            yield from _version(subject, value, path)


def _version(subject: Subject, value: dict[str, Json], path: Path) -> Iterator[Problem]:
    version = value.get("version")
    if type(version) is str and version and not is_semver(version):
        yield subject.problem(
            "DP401", f"the version {version!r} is not MAJOR.MINOR.PATCH", (*path, "version"), _suggestion(version)
        )


def _suggestion(version: str) -> str:
    numbers = version.lstrip("vV").split(".")
    if len(numbers) <= 3 and all(one.isascii() and one.isdigit() and len(one) < 10 for one in numbers):
        padded = [str(int(one)) for one in numbers] + ["0", "0"]
        return f'write version: "{".".join(padded[:3])}"'
    return ""


def entity_types(subject: Subject) -> Iterator[Problem]:
    yield from _entity_type(subject, subject.info, "dataproduct", ("info",))
    for one in subject.components:
        yield from _entity_type(subject, one.value, one.kind, one.path)
    for path, value, shape in subject.objects:
        if shape in STANDARD_SHAPES and (kind := _DEFINED.get(str(path[-1]))) is not None:
            yield from _entity_type(subject, value, kind, path)


def _entity_type(subject: Subject, value: dict[str, Json], kind: str, path: Path) -> Iterator[Problem]:
    found = value.get("entityType")
    if type(found) is str and found != kind:
        yield subject.problem("DP403", f"entityType is {found!r}, not {kind!r}", (*path, "entityType"), "leave it out")


def large_integers(subject: Subject) -> Iterator[Problem]:
    if not holds_large_integers(subject.document):
        return
    for path, value, is_key in walk(subject.document):
        if not is_key and type(value) is int and not -PORTABLE <= value <= PORTABLE:
            yield subject.problem("DP356", f"{value} lies outside ±(2^53-1)", path, f"write '{value}' quoted")


def nulls(subject: Subject) -> Iterator[Problem]:
    """One problem for all: serialisers write hundreds of them."""
    found = [
        (*path, key)
        for path, value, _ in subject.objects
        if None in value.values()
        for key, item in value.items()
        if item is None and key not in _REQUIRED and not key.startswith("x-")
    ]
    if found:
        first = min(found, key=lambda path: tuple(map(str, path)))
        others = f", and {len(found) - 1} more" if len(found) > 1 else ""
        yield subject.problem("DP351", f"{pointer(first)} is null{others}", first, "leave fields out that are not set")
