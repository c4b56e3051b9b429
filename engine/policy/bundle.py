"""Which policies do these folders hold, and may they be loaded?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import jsonschema_rs

from engine.errors import BundleInvalid
from engine.model import Bundle, Json, Policy
from engine.policy import lint, metadata, modules, needs, packages, query, reach, syntax
from engine.policy.annotations import Annotations, read
from engine.policy.modules import Source
from engine.policy.packages import Package
from engine.policy.worker import NotLoaded, Refused, Worker, WorkerLost
from engine.policy.workers import Workers

SECONDS = 20.0
MEMORY_MIB = 512


def load(sources: Sequence[Path], *, workers: Workers | None = None) -> Bundle:
    """The bundle of all policies and libraries below these folders, under one revision.

    Tests (`*_test.rego`) are left out. Raises as `of` does.
    """
    return of(modules.collect(sources), workers=workers)


def of(found: Mapping[str, Source], *, workers: Workers | None = None) -> Bundle:
    """The bundle of these modules by path; a module without entry rule is a library.

    They are parsed in a worker process: a pool given here (an engine's, which then holds the bundle already) or one of
    its own for this call. Raises BundleInvalid naming file and line for what DESIGN §4 does not allow,
    PolicyEngineUnavailable where no worker can run.
    """
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
    uses = reach.check(parsed)
    every = packages.group(parsed, list(found.values()))
    entries = {one.id: rules for one in every if (rules := packages.entries(one))}
    if not entries:
        raise BundleInvalid(f"no package has a rule {packages.RULE}: there is no policy among {len(found)} modules")
    asked = [one for one in every if one.id in entries]
    for one in every:
        if one.id not in entries:
            _refuse_unasked(one)
    texts = {path: source.text for path, source in found.items()}
    revision = query.revision(texts, query.write("", entries))
    texts[query.PATH] = query.write(revision, entries)
    worker.load(revision, texts, seconds=SECONDS)
    defaults = _defaults(worker, revision, asked)
    policies = {one.id: _policy(one, entries[one.id], defaults.get(one.id, {})) for one in asked}
    needs.check(policies.values(), reads=needs.reads(parsed), uses=uses)
    return Bundle(revision=revision, policies=policies, modules=texts)


def _refuse_unasked(package: Package) -> None:
    """Refuse a library that says how hard it holds: its rule is missing or misspelt, and nothing would ask it."""
    for _, source in package.modules:
        block = metadata.find(source.text, str(source.file))
        if block is not None and block.at(("custom", "enforcement")) is not None:
            told = f"makes {package.id} a policy, but nothing would ask it: it has no rule `{packages.RULE}`"
            raise block.refuse(("custom", "enforcement"), told)


def _policy(package: Package, entries: Sequence[str], defaults: Mapping[str, Json]) -> Policy:
    source, told = _annotated(package)
    packages.refuse_strange_folder(package, source)
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


def _annotated(package: Package) -> tuple[Source, Annotations]:
    """The one module of the package that carries its annotations."""
    every = [(source, read(source.text, str(source.file))) for _, source in package.modules]
    found = [(source, told) for source, told in every if told is not None]
    if len(found) != 1:
        module, source = package.modules[0]
        what = "no `# METADATA` stands above" if not found else "several `# METADATA` describe"
        raise BundleInvalid(f"{source.file}:{module.line}: {what} package {package.id}")
    return found[0]


def _defaults(worker: Worker, revision: str, packages: Sequence[Package]) -> Mapping[str, Mapping[str, Json]]:
    """The value of every rule `defaults`, as regorus evaluates it."""
    holders = [one for one in packages if any(definition.name == "defaults" for _, definition in one.definitions)]
    if not holders:
        return {}
    question = "{" + ",\n".join(f'"{one.id}": data.{one.id}.defaults' for one in holders) + "}"
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
