"""Which rules hold for what this installation remembers: its active release, or what is configured?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

from api.part import part
from api.wiring.deciding import Deciding
from api.wiring.remembering import Remembering

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from api.flows.bundles import Released
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
        held = self._held()
        return super().rules if held is None else held.rules

    def rules_hold(self, rules: Rules, connection: Connection) -> bool:
        """Whether these rules hold at this point of a unit of work, whose head has to be locked already."""
        if not self._follows:
            return rules.digests == super().rules.digests
        return self.in_force.still(rules, connection, configured=lambda: super(Ruling, self).rules)

    def bundles_by_revision(self, digests: tuple[str, str, str]) -> Rules | None:
        """The rules that a decision with these digests (bundle revision, assignments, waivers) was made under.

        Those that hold now, those that are configured, or a release that is kept; None for rules that nobody kept.
        """
        for rules in (self.rules, super().rules):
            if rules.digests == digests:
                return rules
        return self.in_force.under(digests)

    @property
    def released(self) -> Released:
        """The bundle that others can pull: the active release byte for byte, or what is configured."""
        from api.flows.bundles import Released

        held = self._held()
        return super().released if held is None else Released.holding(held.content)

    def released_number(self) -> int | None:
        """The number of the release that is in force, by one small read; None where what is configured holds."""
        return self.releases.active_number() if self._follows else None

    @property
    def environments(self) -> Mapping[str, Environment]:
        """Environments by name. A release brings only names, so that those of one's own come first."""
        held = self._held()
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

    def _held(self) -> Held | None:
        return self.in_force.now() if self._follows else None
