"""Which rules hold for a catalog: those of its active release, as it is at this moment?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING

from engine.errors import GovernanceError
from engine.policy import archive
from engine.policy import bundle as bundles
from engine.policy.refusals import ReleaseUnusable
from engine.policy.rules import Rules

if TYPE_CHECKING:
    from catalog.releases import Release, Releases
    from engine.policy.archive import Archive
    from engine.policy.keys import BundleKey

KEPT = 4
"""So many loaded releases are kept: going back, and judging again what an earlier one judged, is then at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """A release that was loaded: its number, its bytes, and the rules they are."""

    number: int
    content: bytes
    rules: Rules


def loaded(content: bytes, name: str, key: BundleKey | None) -> tuple[Archive, Rules]:
    """The archive in these bytes and the rules that it is, verified, read strictly, and parsed in a process of its own.

    Raises BundleInvalid of the class that says why, GovernanceInvalid, PolicyEngineUnavailable.
    """
    read = archive.read(content, name, key=key)
    bundle = bundles.of(read.sources)
    archive.confirm(read, bundle)
    return read, Rules(bundle, archive.governance(read, bundle))


class InForce:
    """The active release of a catalog, looked up at every question by one small read, and loaded when it is another."""

    def __init__(self, releases: Releases, key: Callable[[], BundleKey | None]) -> None:
        self._releases, self._key = releases, key
        self._load = lru_cache(maxsize=KEPT)(self._loaded)
        self._turn = Lock()

    def now(self) -> Held | None:
        """What is in force now; None where nothing was ever released here.

        Raises ReleaseUnusable for a release that cannot be loaded, CatalogUnavailable.
        """
        number = self._releases.active_number()
        return None if number is None else self.held(number)

    def held(self, number: int) -> Held:
        """This release. Raises ReleaseUnusable."""
        with self._turn:  # so that requests that find a new one wait for one loading, and do not each load it
            return self._load(number)

    def of_revision(self, revision: str) -> Iterator[Rules]:
        """The rules of the kept releases of these policies, the newest first."""
        return (self.held(one.number).rules for one in self._releases.of_revision(revision))

    def _loaded(self, number: int) -> Held:
        content = self._releases.content(number)
        try:
            return Held(number, content, loaded(content, f"release {number}", self._key())[1])
        except GovernanceError as reason:
            raise ReleaseUnusable(f"{reason.detail} [{reason.code}]") from reason


def told(release: Release) -> str:
    """One release as a note names it."""
    return f"release {release.number} ({release.revision}) of {release.released:%Y-%m-%dT%H:%MZ}"
