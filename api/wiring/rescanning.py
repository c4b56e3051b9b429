"""Which parts decide the catalog again?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from api.part import part
from api.wiring.deciding import Deciding
from api.wiring.remembering import Remembering

if TYPE_CHECKING:
    from catalog.rescans import Rescans
    from catalog.standings import StandingsRead
    from catalog.subjects import Subjects
    from engine.model import Bundle
    from engine.policy.reading import Reading


class Rescanning(Deciding, Remembering):
    """The parts that know what policies read, how products stand, and that keep their standing up to date."""

    def readings(self, bundle: Bundle) -> Mapping[str, Reading]:
        """What each policy of this bundle can read of its input; worked out once for each bundle."""
        if bundle.revision not in self._readings:
            from engine.policy import bundle as bundles

            workers = None if self.settings.opa_url else self.embedded.workers
            self._readings[bundle.revision] = bundles.readings(bundle, workers=workers)
        return self._readings[bundle.revision]

    @part
    def _readings(self) -> dict[str, Mapping[str, Reading]]:
        return {}

    @part
    def rescans(self) -> Rescans:
        from catalog.rescans import Rescans

        return Rescans(self.database)

    @part
    def standings(self) -> StandingsRead:
        from catalog.standings import StandingsRead

        return StandingsRead(self.database)

    @part
    def subjects(self) -> Subjects:
        from catalog.subjects import Subjects

        return Subjects(self.database)
