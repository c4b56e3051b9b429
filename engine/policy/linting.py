"""What is wrong with these policies, all of it at once?

The checks that loading makes (`inspection`, `defaults`), made here to the end, and what only an author wants to know.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.model import Bundle, Json
from engine.policy import bundle, defaults, lint, usage
from engine.policy.flaws import Flaw
from engine.policy.inspection import Described, Inspection, inspect
from engine.policy.modules import Source
from engine.policy.packages import RULE
from engine.policy.parsing import Parsed, parsed, refused
from engine.policy.worker import Refused, WorkerLost
from engine.policy.workers import Workers

_OTHERS = frozenset({"PL403", "PL405"})
"""Flaws that may only seem to be: what is referred to may stand in a file that could not be read."""
_TEST = re.compile(r"^test_\w+", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Linted:
    """The policies that were seen, every flaw by place, and the bundle where nothing keeps it from loading.

    `policies` names the file of each by its id; `modules` counts the files that were looked at, libraries too.
    """

    policies: Mapping[str, str]
    modules: int
    flaws: tuple[Flaw, ...]
    bundle: Bundle | None


def linted(found: Mapping[str, Source], *, workers: Workers | None = None) -> Linted:
    """Every flaw of these modules by path. Raises PolicyEngineUnavailable where no worker can run."""
    pool = workers or Workers(1, memory_mib=bundle.MEMORY_MIB)
    try:
        return _linted(pool, found)
    finally:
        if workers is None:
            pool.close()


def _linted(pool: Workers, found: Mapping[str, Source]) -> Linted:
    deep = {flaw.file: flaw for one in found.values() if (flaw := lint.at_sight(str(one.file), one.text))}
    every = [one for one in found.values() if str(one.file) not in deep]
    read, unread = parsed(pool, every)
    seen = inspect([one.module for one in read], [one.source for one in read])
    hidden = _OTHERS if deep or unread else frozenset()
    flaws = [*deep.values(), *unread, *(one for one in seen.flaws if one.code not in hidden)]
    given: Mapping[str, Json] = {}
    if not any(one.rule.stops for one in flaws):
        given, wrong = _evaluated(pool, seen, every)
        flaws += wrong
    made = None if flaws or not seen.policies else _bundle(seen, found, given)
    for policy in seen.policies:
        flaws += _authored(policy, read, given)
    policies = {one.module.package: one.module.path for one in read if one.module.package in seen.entries}
    return Linted(policies, len(found), tuple(sorted(_once(flaws))), made)


def _once(flaws: Sequence[Flaw]) -> set[Flaw]:
    """Every flaw once: a call of a function that is nowhere is a reference to nothing, too."""
    calls = {(one.file, one.line, one.column) for one in flaws if one.code == "PL403"}
    return {one for one in flaws if one.code != "PL405" or (one.file, one.line, one.column) not in calls}


def _evaluated(pool: Workers, seen: Inspection, sources: Sequence[Source]) -> tuple[Mapping[str, Json], list[Flaw]]:
    """The defaults of the policies, and what the engine has against the modules or they against their schema."""
    given: dict[str, Json] = {}
    flaws = []
    try:
        with pool.one(patience=bundle.SECONDS) as worker:
            worker.load("lint", {str(one.file): one.text for one in sources}, seconds=bundle.SECONDS)
            for policy in seen.policies:
                try:
                    given |= defaults.values(worker, "lint", [policy.package], seconds=bundle.SECONDS)
                except Refused as reason:
                    flaws.append(refused(str(reason), [policy.source], "PL307"))
    except (Refused, WorkerLost) as reason:
        return {}, [refused(str(reason), sources, "PL103")]
    return given, [*flaws, *(flaw for policy in seen.policies for flaw in defaults.unfit(policy, given))]


def _authored(policy: Described, read: Sequence[Parsed], given: Mapping[str, Json]) -> Iterator[Flaw]:
    """What loading does not ask: whether rules, annotations, input and tests fit together."""
    own = [one for one in read if one.module.package == policy.package.id]
    if RULE in policy.entries:  # the rules of conftest and ODM have codes and inputs of their own
        yield from usage.codes(policy, [(one.module, one.tree) for one in own])
        for one in own:
            yield from usage.unknown_fields(one.module, one.tree)
    for one in own:
        yield from usage.parameters(policy, one.module, given.get(policy.package.id) or {})
        yield from usage.unportable_patterns(one.module, one.tree)
    yield from _untested(policy)


def _untested(policy: Described) -> Iterator[Flaw]:
    source = policy.source
    if source.archived:  # tests stay at home
        return
    tests = source.file.with_name(f"{source.file.stem}_test.rego")
    if not tests.is_file() or not _TEST.search(tests.read_text("utf-8", "replace")):
        told = f"{policy.package.id} has no test: write {tests.name} beside it"
        module = policy.package.modules[0][0]
        yield Flaw(str(source.file), *module.place(module.start), "PL251", told)


def _bundle(seen: Inspection, found: Mapping[str, Source], given: Mapping[str, Json]) -> Bundle:
    policies = {one.package.id: bundle.policy(one, given.get(one.package.id, {})) for one in seen.policies}
    revision, texts = bundle.answering(found, seen)
    return Bundle(revision, policies, texts)
