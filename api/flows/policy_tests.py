"""Do the tests of these policies pass?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import UsageError
from engine.policy import modules
from engine.policy.trying import running, suite
from engine.policy.trying.results import Session
from engine.policy.trying.running import Terms
from engine.policy.trying.suite import Suite
from engine.policy.workers import Workers

if TYPE_CHECKING:
    from api.wiring import House

MEMORY_MIB = 512
FIXTURES = ("policy-fixtures", "tests/policy-fixtures")
"""Where fixtures lie, seen from the folder that a folder of policies stands in."""


def tried(
    names: Sequence[str],
    *,
    house: House,
    fixtures: Sequence[Path] = (),
    terms: Terms | None = None,
    covering: bool = False,
) -> Session:
    """How the tests end that the policies and paths name; all for none.

    They always run on the embedded engine, whatever decides here. Raises UsageError for a name of nothing,
    BundleInvalid for what cannot be loaded, PolicyEngineUnavailable.
    """
    held = terms or Terms(namespace=house.settings.namespace)
    with held_workers(held.jobs) as workers:
        return running.run(read(house, fixtures, workers).named(names), workers, held, covering=covering)


@contextmanager
def held_workers(count: int) -> Iterator[Workers]:
    """Workers for tests alone: what runs away in a test takes none of those that decide."""
    workers = Workers(count, memory_mib=MEMORY_MIB)
    try:
        yield workers
    finally:
        workers.close()


def read(house: House, fixtures: Sequence[Path], workers: Workers) -> Suite:
    """Every test of the policies that hold here. Raises UsageError for a folder of fixtures that is not there."""
    folders = house.policy_sources.folders
    for one in fixtures:
        if not one.is_dir():
            raise UsageError(f"{one} is no folder of fixtures.")
    return suite.read(
        house.bundle,
        house.policy_sources.modules(),
        modules.tests(folders),
        fixtures or beside(folders),
        workers=workers,
    )


def beside(folders: Sequence[Path]) -> list[Path]:
    """The folders of fixtures beside these policies, and the one here."""
    found = [folder.absolute().parent / name for folder in folders for name in FIXTURES]
    found.append(Path.cwd() / FIXTURES[0])
    return [_shown(one) for one in dict.fromkeys(found) if one.is_dir()]


def _shown(path: Path) -> Path:
    """The path as seen from here where it lies below."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
