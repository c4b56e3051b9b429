"""Which packages do the modules form, and which of their rules give findings?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from engine.errors import BundleInvalid
from engine.policy.modules import Source
from engine.policy.syntax import Definition, Module

RULE = "violation"
_IMPORTED = re.compile(r"(violation|deny|warn)(_[a-zA-Z0-9]+)*")
_NEARLY = frozenset({"violations", "denies", "denied", "failures", "failure", "warnings", "warns", "error", "errors"})
_NO_BOOLEAN = frozenset(
    {
        *("String", "RawString", "Number", "Null", "Array", "Object", "Set", "ArrayCompr", "ObjectCompr", "SetCompr"),
        "ArithExpr",
    }
)
_STEP = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RESERVED = frozenset(
    {
        *("as", "contains", "default", "else", "every", "false", "if", "import", "in", "not", "null", "package"),
        *("some", "true", "with", "data", "input", "meshgate"),
    }
)


@dataclass(frozen=True, slots=True)
class Package:
    """All modules of one package."""

    id: str
    modules: Sequence[tuple[Module, Source]]

    @property
    def definitions(self) -> Sequence[tuple[Module, Definition]]:
        return [(module, one) for module, _ in self.modules for one in module.definitions]


def group(parsed: Sequence[Module], sources: Sequence[Source]) -> list[Package]:
    grouped: dict[str, list[tuple[Module, Source]]] = {}
    for module, source in zip(parsed, sources, strict=True):
        for step in module.package.split("."):
            if not _STEP.fullmatch(step) or step in _RESERVED:
                raise BundleInvalid(f"{module.path}:{module.line}: a package may not be named {module.package!r}")
        grouped.setdefault(module.package, []).append((module, source))
    return [Package(id, grouped[id]) for id in sorted(grouped)]


def entries(package: Package) -> tuple[str, ...]:
    """The rules that give this package's findings; none for a library."""
    sets, allows = set(), False
    for module, one in package.definitions:
        where = f"{module.path}:{one.line}"
        if one.name in _NEARLY:
            raise BundleInvalid(f"{where}: nothing would ask the rule {one.name}; findings are `{RULE} contains …`")
        if _IMPORTED.fullmatch(one.name):
            if one.shape != "Set":
                raise BundleInvalid(f"{where}: {one.name} must be a set: `{one.name} contains finding if {{…}}`")
            sets.add(one.name)
        if one.name == "allow" and not one.arity and (one.keyed or one.shape == "Set" or one.values & _NO_BOOLEAN):
            raise BundleInvalid(f"{where}: allow must be true or false")
        allows = allows or (one.name == "allow" and not one.arity)
    return (*sorted(sets), *(("allow",) if allows else ()))


def refuse_strange_folder(package: Package, source: Source) -> None:
    if source.archived:
        return
    steps = package.id.split(".")
    folder = source.file.resolve().parent
    if list(folder.parts[-len(steps) :]) != steps:
        line = package.modules[0][0].line
        raise BundleInvalid(f"{source.file}:{line}: package {package.id} must lie in a folder {'/'.join(steps)}")
