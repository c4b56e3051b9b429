"""Which packages do the modules form, and which of their rules give findings?"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.policy.flaws import Flaw
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
_OF_OPA = "system"
"""An OPA server takes `system.authz`, `system.log` and their like for rules about itself."""


@dataclass(frozen=True, slots=True)
class Package:
    """All modules of one package."""

    id: str
    modules: Sequence[tuple[Module, Source]]

    @property
    def definitions(self) -> Sequence[tuple[Module, Definition]]:
        return [(module, one) for module, _ in self.modules for one in module.definitions]


def group(parsed: Sequence[Module], sources: Sequence[Source]) -> list[Package]:
    """The packages of the modules, in the order of their ids."""
    grouped: dict[str, list[tuple[Module, Source]]] = {}
    for module, source in zip(parsed, sources, strict=True):
        grouped.setdefault(module.package, []).append((module, source))
    return [Package(id, grouped[id]) for id in sorted(grouped)]


def plain_name(id: str) -> bool:
    """Whether a policy may have this id, which is the name of its package."""
    steps = id.split(".")
    return steps[0] != _OF_OPA and all(_STEP.fullmatch(step) and step not in _RESERVED for step in steps)


def misnamed(module: Module) -> Iterator[Flaw]:
    """Whether the package has a name that no policy may have."""
    if not plain_name(module.package):
        told = f"a package may not be named {module.package!r}"
        yield Flaw(module.path, *module.place(module.start), "PL205", told)


def entries(package: Package) -> tuple[str, ...]:
    """The rules that give this package's findings; none for a library."""
    named = {one.name for _, one in package.definitions}
    allows = any(one.name == "allow" and not one.arity for _, one in package.definitions)
    return (*sorted(filter(gives_findings, named)), *(("allow",) if allows else ()))


def misspelt(package: Package) -> Iterator[Flaw]:
    """Rules that look as if they gave findings, and give none, or in another form."""
    for module, one in package.definitions:
        if told := _misspelling(one):
            yield Flaw(module.path, *module.place(one.start), *told)


def _misspelling(one: Definition) -> tuple[str, str] | None:
    if one.name in _NEARLY or _is_like_the_rule(one):
        return "PL202", f"nothing would ask the rule {one.name}; findings are `{RULE} contains …`"
    if gives_findings(one.name) and one.shape != "Set":
        return "PL203", f"{one.name} must be a set: `{one.name} contains finding if {{…}}`"
    if one.name == "allow" and not one.arity and (one.keyed or one.shape == "Set" or one.values & _NO_BOOLEAN):
        return "PL204", "allow must be true or false"
    return None


def _is_like_the_rule(one: Definition) -> bool:
    """Whether a set of something is named as if a hand had slipped: `violaton contains …`."""
    if one.shape != "Set" or _IMPORTED.fullmatch(one.name) or one.name.startswith("_"):
        return False
    return _is_a_slip(one.name.lower(), RULE)


def _is_a_slip(written: str, meant: str) -> bool:
    """Whether one letter is missing, too many or another, or two have changed places."""
    if len(written) == len(meant):
        other = sum(one != right for one, right in zip(written, meant, strict=True))
        return other <= 1 or (other == 2 and sorted(written) == sorted(meant))
    longer, shorter = sorted((written, meant), key=len, reverse=True)
    return any(longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer)))


def gives_findings(rule: str) -> bool:
    """Whether a set of this name holds findings of its package."""
    return _IMPORTED.fullmatch(rule) is not None


def strange_folder(package: Package) -> Iterator[Flaw]:
    """Modules of a policy that lie in another folder than its package says: nobody looks for its rules there."""
    steps = package.id.split(".")
    for module, source in package.modules:
        if not source.archived and not any(_ends_with(file, steps) for file in _places(source.file)):
            told = f"package {package.id} must lie in a folder {'/'.join(steps)}"
            yield Flaw(str(source.file), *module.place(module.start), "PL206", told)


def _places(file: Path) -> tuple[Path, Path]:
    """Where a file is named, and where it really lies: a mounted folder may be made of links."""
    return Path(os.path.abspath(file)), file.resolve()


def _ends_with(file: Path, steps: Sequence[str]) -> bool:
    return list(file.parent.parts[-len(steps) :]) == steps
