"""How does whoever writes an adapter try it in their own tests? (A plug-in of pytest; nothing of ours is imported.)

`pytest --upp-case CASE.yaml` collects one test for each promise of upp/1, and each case that is given. The plug-in
comes with meshgate: `pytest -p api.cli.adapter.pytest_plugin` where it is not found by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.provision.kit.case import Case
from engine.provision.kit.trying import EVERY, Kept, one


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("upp", "the promises of provisioning adapters")
    group.addoption("--upp-case", action="append", default=[], metavar="CASE", help="a case file, or an adapter's name")


def pytest_collection(session: pytest.Session) -> None:
    """Cases are named, not found: they become arguments of the collection."""
    session.config.args.extend(str(Path(case).resolve()) for case in session.config.getoption("--upp-case"))


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    named = {Path(one).resolve() for one in parent.config.getoption("--upp-case")}
    return CaseFile.from_parent(parent, path=file_path) if file_path.resolve() in named else None


class CaseFile(pytest.File):
    """A case file, with one test for each promise."""

    def collect(self) -> Iterator[pytest.Item]:
        for says in EVERY:
            yield PromiseItem.from_parent(self, name=says)


class PromiseItem(pytest.Item):
    """One promise of the adapter of a case."""

    def runtest(self) -> None:
        result = one(self.name, self._case())
        if result.kept is Kept.SKIPPED:
            pytest.skip(result.reason)
        assert result.kept is Kept.KEPT, result.reason

    def _case(self) -> Case:
        from api.flows.adapter_cases import case_of
        from engine.provision.registry import Registry

        return case_of(str(self.path), None, registry=Registry.installed())

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, f"{self.path.name}: {self.name}"
