"""Which policies do these folders hold, and may they be loaded?"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import jsonschema_rs

from engine.errors import BundleInvalid
from engine.model import Bundle, Json, Policy
from engine.policy import lint, modules, query, syntax
from engine.policy.annotations import Annotations, read
from engine.policy.modules import Source
from engine.policy.syntax import Definition, Module
from engine.policy.workers import NotLoaded, Refused, Worker, WorkerLost, Workers

SECONDS = 20.0
MEMORY_MIB = 512
RULE = "violation"

_IMPORTED = re.compile(r"(violation|deny|warn)(_[a-zA-Z0-9]+)*")
_NEARLY = frozenset({"violations", "denies", "denied", "failures", "failure", "warnings", "warns", "error", "errors"})
_STEP = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RESERVED = frozenset(
    {
        *("as", "contains", "default", "else", "every", "false", "if", "import", "in", "not", "null", "package"),
        *("some", "true", "with", "data", "input", "meshgate"),
    }
)


def load(sources: Sequence[Path], *, workers: Workers | None = None) -> Bundle:
    """The bundle of all policies and libraries below these folders, under one revision.

    Tests (`*_test.rego`) are left out; a module without entry rule is a library. The modules are parsed in a worker
    process: a pool given here (an engine's, which then holds the bundle already) or one of its own for this call.
    Raises BundleInvalid naming file and line for what DESIGN §4 does not allow, PolicyEngineUnavailable where no
    worker can run.
    """
    found = modules.collect(sources)
    for source in found.values():
        lint.refuse_nesting(str(source.file), source.text)
    pool = workers or Workers(1, memory_mib=MEMORY_MIB)
    try:
        with pool.one(patience=SECONDS) as worker:
            return _loaded(worker, found)
    except (Refused, WorkerLost, NotLoaded) as reason:
        raise BundleInvalid(f"the policies cannot be read: {reason}") from None
    finally:
        if workers is None:
            pool.close()


def _loaded(worker: Worker, found: Mapping[str, Source]) -> Bundle:
    trees = worker.syntax({str(source.file): source.text for source in found.values()}, seconds=SECONDS)
    parsed = [syntax.module(tree) for tree in trees]
    allowed = lint.Calls(parsed)
    for module in parsed:
        allowed.check(module)
    packages = _packages(parsed, list(found.values()))
    entries = {package.id: rules for package in packages if (rules := _entries(package))}
    texts = {path: source.text for path, source in found.items()}
    revision = modules.revision(texts)
    texts[query.PATH] = query.write(revision, entries)
    worker.load(revision, texts, seconds=SECONDS)
    defaults = _defaults(worker, revision, [package for package in packages if package.id in entries])
    policies = {p.id: _policy(p, entries[p.id], defaults.get(p.id, {})) for p in packages if p.id in entries}
    if not policies:
        raise BundleInvalid(f"no package has a rule {RULE}: there is no policy among {len(found)} modules")
    return Bundle(revision=revision, policies=policies, modules=texts)


@dataclass(frozen=True, slots=True)
class _Package:
    """All modules of one package."""

    id: str
    modules: Sequence[tuple[Module, Source]]

    @property
    def definitions(self) -> Sequence[tuple[Module, Definition]]:
        return [(module, one) for module, _ in self.modules for one in module.definitions]


def _packages(parsed: Sequence[Module], sources: Sequence[Source]) -> list[_Package]:
    grouped: dict[str, list[tuple[Module, Source]]] = {}
    for module, source in zip(parsed, sources, strict=True):
        for step in module.package.split("."):
            if not _STEP.fullmatch(step) or step in _RESERVED:
                raise BundleInvalid(f"{module.path}:{module.line}: a package may not be named {module.package!r}")
        grouped.setdefault(module.package, []).append((module, source))
    return [_Package(id, grouped[id]) for id in sorted(grouped)]


def _entries(package: _Package) -> tuple[str, ...]:
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
        allows = allows or one.name == "allow"
    return tuple(sorted(sets)) or (("allow",) if allows else ())


def _policy(package: _Package, entries: Sequence[str], defaults: Mapping[str, Json]) -> Policy:
    source, told = _annotated(package)
    _refuse_strange_folder(package, source)
    if all(rule.startswith("warn") for rule in entries) and told.enforcement.rejects:
        raise BundleInvalid(f"{source.file}: a policy that only warns cannot be {told.enforcement}")
    _check_defaults(source, told.parameters, defaults)
    return Policy(
        id=package.id,
        title=told.title,
        description=told.description,
        owner=told.owner,
        severity=told.severity,
        category=told.category,
        enforcement=told.enforcement,
        events=told.events,
        needs=told.needs,
        effective_on=told.effective_on,
        parameters_schema=told.parameters,
        defaults=defaults,
        findings=told.findings,
        related=told.related,
        file=str(source.file),
        digest=modules.revision({one.path: one.text for _, one in package.modules}),
    )


def _annotated(package: _Package) -> tuple[Source, Annotations]:
    """The one module of the package that carries its annotations."""
    every = [(source, read(source.text, str(source.file))) for _, source in package.modules]
    found = [(source, told) for source, told in every if told is not None]
    if len(found) != 1:
        module, source = package.modules[0]
        what = "no `# METADATA` stands above" if not found else "several `# METADATA` describe"
        raise BundleInvalid(f"{source.file}:{module.line}: {what} package {package.id}")
    return found[0]


def _refuse_strange_folder(package: _Package, source: Source) -> None:
    steps = package.id.split(".")
    folder = source.file.resolve().parent
    if list(folder.parts[-len(steps) :]) != steps:
        line = package.modules[0][0].line
        raise BundleInvalid(f"{source.file}:{line}: package {package.id} must lie in a folder {'/'.join(steps)}")


def _defaults(worker: Worker, revision: str, packages: Sequence[_Package]) -> Mapping[str, Mapping[str, Json]]:
    """The value of every rule `defaults`, as regorus evaluates it."""
    holders = [one for one in packages if any(definition.name == "defaults" for _, definition in one.definitions)]
    if not holders:
        return {}
    question = "{" + ", ".join(f'"{one.id}": data.{one.id}.defaults' for one in holders) + "}"
    values = worker.evaluate(revision, question, b"{}", seconds=SECONDS)
    for one in holders:
        if values is None or not isinstance(values[one.id], dict):
            raise BundleInvalid(f"{one.modules[0][1].file}: the rule defaults must be an object that needs no input")
    return values  # type: ignore[no-any-return]


def _check_defaults(source: Source, schema: Mapping[str, Json], defaults: Mapping[str, Json]) -> None:
    try:
        validator = jsonschema_rs.validator_for(dict(schema), retriever=_refuse)
    except (ValueError, jsonschema_rs.ValidationError) as reason:
        raise BundleInvalid(f"{source.file}: custom.parameters is no JSON Schema: {reason}") from None
    for error in validator.iter_errors(dict(defaults)):
        where = "/".join(map(str, error.instance_path))
        raise BundleInvalid(f"{source.file}: defaults do not fit custom.parameters at /{where}: {error.message}")


def _refuse(uri: str) -> Json:
    raise ValueError(f"{uri} is not fetched")
