"""Which rules hold for what this installation remembers: its active release, or what is configured?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

from api.part import part
from api.wiring.deciding import Deciding
from api.wiring.remembering import Remembering

if TYPE_CHECKING:
    from api.in_force import Held, InForce
    from engine.policy.environments import Environment
    from engine.policy.rules import Rules


class Ruling(Deciding, Remembering):
    """The parts that decide for a catalog.

    A house decides by what is configured until it is told to follow releases: commands that know no catalog never are.
    `bundle` and `governance` always are what is configured; `rules` is what holds.
    """

    _follows = False

    def follow_releases(self) -> None:
        """From now on the catalog's active release holds, unless the configuration says to ignore releases."""
        self._follows = self.settings.releases == "follow"

    @part
    def in_force(self) -> InForce:
        from api.in_force import InForce
        from api.policy_sources import verify_key

        return InForce(self.releases, partial(verify_key, self.settings))

    @property
    def rules(self) -> Rules:
        """The bundle and the governance that hold now; a flow takes them once, so that both are of one moment.

        Raises ReleaseUnusable or CatalogUnavailable where a release holds and cannot be had: nothing else is used then.
        """
        held = self.held()
        return super().rules if held is None else held.rules

    def ruling(self, release: int | None) -> Rules:
        """The rules of this release of the catalog, else the configured ones. Raises ReleaseUnusable."""
        return super().rules if release is None or not self._follows else self.in_force.held(release).rules

    def rules_of(self, revision: str) -> Iterator[Rules]:
        """The rules with policies of this revision that are known here: the configured ones, and releases kept."""
        if (configured := super().rules).bundle.revision == revision:
            yield configured
        yield from self.in_force.of_revision(revision)

    def released_number(self) -> int | None:
        """The number of the release that is in force, by one small read; None where what is configured holds."""
        return self.releases.active_number() if self._follows else None

    @property
    def environments(self) -> Mapping[str, Environment]:
        """Environments by name. A release brings only names, so that those of one's own come first."""
        held = self.held()
        if held is None:
            return super().environments
        own = self.settings.environments or self.settings.governance
        return self.own_environments if own else held.rules.governance.environments

    @part
    def own_environments(self) -> Mapping[str, Environment]:
        """The environments that this installation knows how to reach, whatever is released."""
        from engine.policy import governance

        if self._follows and self.settings.environments is None:
            folder = self.settings.governance
            return governance.of().environments if folder is None else governance.places(folder)
        return super().environments

    def notes(self) -> Iterator[str]:
        """What the user should know of where the rules come from."""
        from api.in_force import told

        active = self.releases.active() if self._follows else None
        if active is None:
            yield from self.policy_sources.notes
            return
        yield f"{told(active)} holds since {active.active_since:%Y-%m-%dT%H:%MZ}; configured policies are not used"

    def held(self) -> Held | None:
        """The release that is in force, loaded; None where what is configured holds."""
        return self.in_force.now() if self._follows else None
