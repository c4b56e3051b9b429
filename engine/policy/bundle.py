"""Which policies do these folders hold, and may they be loaded?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from engine.errors import BundleInvalid, PolicyEngineUnavailable
from engine.model import Bundle, InputShape, Json, Policy
from engine.policy import defaults, lint, modules, packages, query, reading, syntax
from engine.policy.flaws import refuse_first
from engine.policy.inspection import Described, Inspection, inspect
from engine.policy.modules import Source
from engine.policy.reading import Reading
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
    its own for this call. Raises BundleInvalid naming file and line of the first flaw that `linting` would list,
    PolicyEngineUnavailable where no worker can run.
    """
    refuse_first(filter(None, (lint.at_sight(str(source.file), source.text) for source in found.values())))
    pool = workers or Workers(1, memory_mib=MEMORY_MIB)
    try:
        with pool.one(patience=SECONDS) as worker:
            return _loaded(worker, found)
    except (Refused, WorkerLost, NotLoaded) as reason:
        raise BundleInvalid(f"the policies cannot be read: {reason}") from None
    finally:
        if workers is None:
            pool.close()


def readings(bundle: Bundle, *, workers: Workers | None = None) -> Mapping[str, Reading]:
    """What each policy of a loaded bundle can read of its input; its modules are parsed once more for that.

    It is asked only by those who reuse answers, so that a single check does not pay for it.
    Raises PolicyEngineUnavailable where no worker can run.
    """
    sources = [Source(path, text, Path(path)) for path, text in bundle.modules.items() if path != query.PATH]
    pool = workers or Workers(1, memory_mib=MEMORY_MIB)
    try:
        with pool.one(patience=SECONDS) as worker:
            trees = worker.syntax({source.path: source.text for source in sources}, seconds=SECONDS)
    except (Refused, WorkerLost, NotLoaded) as reason:
        raise PolicyEngineUnavailable(f"the policies cannot be read again: {reason}") from None
    finally:
        if workers is None:
            pool.close()
    odm = {id for id, one in bundle.policies.items() if one.input is InputShape.ODM}
    return reading.readings(trees, sources, odm=odm)


def _loaded(worker: Worker, found: Mapping[str, Source]) -> Bundle:
    trees = worker.syntax({str(source.file): source.text for source in found.values()}, seconds=SECONDS)
    seen = inspect([syntax.module(tree) for tree in trees], list(found.values()))
    refuse_first(seen.flaws)
    if not seen.policies:
        raise BundleInvalid(f"no package has a rule {packages.RULE}: there is no policy among {len(found)} modules")
    revision, texts = answering(found, seen)
    worker.load(revision, texts, seconds=SECONDS)
    given = defaults.values(worker, revision, [one.package for one in seen.policies], seconds=SECONDS)
    for one in seen.policies:
        refuse_first(defaults.unfit(one, given))
    policies = {one.package.id: policy(one, given.get(one.package.id, {})) for one in seen.policies}
    return Bundle(revision=revision, policies=policies, modules=texts)


def answering(found: Mapping[str, Source], seen: Inspection) -> tuple[str, dict[str, str]]:
    """The revision of these modules, and their texts by path with the generated one that answers for them."""
    texts = {path: source.text for path, source in found.items()}
    odm = [one.package.id for one in seen.policies if one.told.input is InputShape.ODM]
    revision = query.revision(texts, query.write("", seen.entries, odm))
    texts[query.PATH] = query.write(revision, seen.entries, odm)
    return revision, texts


def policy(one: Described, given: Mapping[str, Json]) -> Policy:
    """The policy with these annotations and defaults."""
    told = one.told
    return Policy(
        id=one.package.id,
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
        defaults=given,
        findings=told.findings,
        related=told.related,
        input=told.input,
        file=str(one.source.file),
        path=one.source.path,
        digest=modules.revision({source.path: source.text for _, source in one.package.modules}),
    )
