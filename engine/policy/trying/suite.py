"""Which tests of which policies are to be run?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from engine.errors import UsageError
from engine.model import Bundle
from engine.policy import query
from engine.policy.modules import Source
from engine.policy.trying import fixtures, rego_tests
from engine.policy.trying.fixtures import Fixture, Unfit
from engine.policy.trying.rego_tests import RegoTest, TestFile
from engine.policy.trying.stand import parse
from engine.policy.workers import Workers

Wanted = Callable[[Iterable[str], str], bool]
"""Whether a test of these policies, in this file or folder, is to be run."""


@dataclass(frozen=True)
class Suite:
    """The policies as they are loaded, where they lie, and their tests; `asked` are the policies it is about."""

    bundle: Bundle
    sources: Mapping[str, Source]
    files: tuple[TestFile, ...]
    tests: tuple[RegoTest, ...]
    fixtures: tuple[Fixture | Unfit, ...]
    asked: tuple[str, ...]

    @cached_property
    def texts(self) -> dict[str, str]:
        """The modules of the policies by the name of their file, with the one that asks them all."""
        return texts_of(self.bundle, self.sources)

    @cached_property
    def test_texts(self) -> dict[str, str]:
        """The test files, changed so that each test can be asked alone."""
        return {one.file: one.text for one in self.files}

    def about(self, policy: str) -> Suite:
        """The tests of one policy alone."""
        return self._of((policy,), lambda policies, _: policy in policies)

    def named(self, names: Sequence[str]) -> Suite:
        """The tests that these ids and paths name; all for none. Raises UsageError for a name of nothing."""
        if not names:
            return self
        places = [Path(name).resolve() for name in names if not self._ids(name)]
        for name in names:
            if not self._ids(name) and not Path(name).exists():
                raise UsageError(f"`{name}` is neither a policy here nor a file or folder.")

        def within(file: str) -> bool:
            return any(Path(file).resolve().is_relative_to(one) for one in places)

        ids = {one for name in names for one in self._ids(name)}
        ids |= {id for id, one in self.bundle.policies.items() if within(one.file)}
        return self._of(tuple(sorted(ids)), lambda policies, file: not ids.isdisjoint(policies) or within(file))

    def _ids(self, name: str) -> list[str]:
        return [id for id in self.bundle.policies if name in (id, id.rpartition(".")[2])]

    def _of(self, asked: tuple[str, ...], wanted: Wanted) -> Suite:
        return replace(
            self,
            asked=asked,
            tests=tuple(one for one in self.tests if wanted(one.policies, one.file)),
            fixtures=tuple(one for one in self.fixtures if wanted((one.policy,), fixtures.place(one))),
        )


def texts_of(bundle: Bundle, sources: Mapping[str, Source]) -> dict[str, str]:
    """The modules of a bundle by the name of their file, with the one that asks them all."""
    return {**{str(one.file): one.text for one in sources.values()}, query.PATH: bundle.modules[query.PATH]}


def read(
    bundle: Bundle,
    sources: Mapping[str, Source],
    tests: Mapping[str, Source],
    fixture_folders: Sequence[Path],
    *,
    workers: Workers,
) -> Suite:
    """Every test of these policies. Raises BundleInvalid for a test file that cannot be parsed."""
    policies = sorted(bundle.policies)
    files = tuple(rego_tests.read(one, policies) for one in parse(workers, tests.values()))
    return Suite(
        bundle=bundle,
        sources=sources,
        files=files,
        tests=tuple(test for one in files for test in one.tests),
        fixtures=tuple(fixtures.collect(fixture_folders, bundle.policies)),
        asked=tuple(policies),
    )
