"""Which rules hold at this moment: those that were read at the start, with what the catalog grants since?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from api.wiring.ruling import Ruling

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from api.flows.bundles import Released
    from catalog.granted import Mark
    from engine.policy.rules import Rules


class _Standing(NamedTuple):
    """Rules that were put together once; `seen` is a revision of the catalog at or after which they were looked at."""

    base: Rules
    mark: Mark
    rules: Rules
    seen: int | None


class Governing(Ruling):
    """The rules of every decision that a catalog is at hand for."""

    _standing: _Standing | None = None

    def rules_on(self, connection: Connection, *, revision: int | None = None) -> Rules:
        """The rules that hold on this connection; `revision` is one that the catalog had reached before this call.

        While the head is held and nothing happened since they were last looked at they are known already; else it
        costs one statement, and the reading of all waivers only where one took a step. Raises ReleaseUnusable.
        """
        known = self._standing
        if known is not None and known.seen == revision is not None and self._is_as_it_was(known):
            return known.rules
        return self._looked_up(connection, revision)

    def _is_as_it_was(self, known: _Standing) -> bool:
        """Whether what this process reads itself (configured rules, a release) is still what the rules rest on."""
        return _same(known.base, self.ruling(known.mark.release))

    def _looked_up(self, connection: Connection, revision: int | None) -> Rules:
        """The rules as the catalog has them now, put together anew only where something of them is another."""
        from catalog.granted import mark_on

        # The mark comes first: what changes while the rest is read makes it look older, and it is read again.
        mark = mark_on(connection)
        base, known = self.ruling(mark.release), self._standing
        same = known is not None and _same(known.base, base) and known.mark == mark
        rules = known.rules if known is not None and same else self._joined(base, connection)
        self._standing = _Standing(base, mark, rules, revision)
        return rules

    def _joined(self, base: Rules, connection: Connection, *, at: int | None = None) -> Rules:
        from catalog.granted import granted_on
        from engine.policy.governance import joined
        from engine.policy.rules import Rules

        waivers, suspensions = granted_on(connection, at=at)
        return Rules(base.bundle, joined(base.governance, base.bundle, waivers=waivers, suspensions=suspensions))

    def rules_then(self, digests: tuple[str, str, str], *, revision: int) -> Rules | None:
        """The rules that a decision with these digests was made under, when the catalog had reached this revision.

        None where nobody kept them: policies are kept by releases, waivers and suspensions by the catalog.
        """
        with self.database.reading() as connection:
            for base in self.rules_of(digests[0]):
                for rules in (base, self._joined(base, connection, at=revision)):
                    if rules.digests == digests:
                        return rules
        return None

    def rules_now(self) -> Rules:
        """The rules that hold now, for who has no connection open."""
        with self.database.reading() as connection:
            return self.rules_on(connection)

    @property
    def released(self) -> Released:
        """The bundle that others can pull: the active release byte for byte, else what holds now.

        It is made again only when a waiver, a suspension, or what it was made from, is another.
        """
        from api.flows.bundles import Released

        if (release := self.held()) is not None:
            return Released.holding(release.content)
        rules = self.rules_now()
        with self.building:
            made: tuple[Rules, Released] | None = self.__dict__.get("_released")
            if made is None or made[0] is not rules:
                held = replace(rules.governance, environments=dict(self.environments))
                made = (rules, Released.of(rules.bundle, held, taken=self.clock()))
                self.__dict__["_released"] = made
        return made[1]


def _same(one: Rules, other: Rules) -> bool:
    return one.bundle is other.bundle and one.governance is other.governance
