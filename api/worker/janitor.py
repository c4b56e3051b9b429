"""Who looks, now and then, for what bears our labels and is known to nobody?"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from api.flows import orphans
from api.flows.deploying.site import WORKER
from api.worker.rounds import Rounds

if TYPE_CHECKING:
    from api.wiring import House

SECONDS = 60.0
log = logging.getLogger("meshgate.orphans")


class Janitor(Rounds):
    """Looks through environments whose time has come; it reports, and removes nothing."""

    def __init__(self, house: House, *, seconds: float = SECONDS) -> None:
        super().__init__("janitor", log, seconds=seconds)
        self._house = house

    def prepare(self) -> None:
        """Nothing: an environment that a dead worker began with is due again after a while."""

    def once(self) -> bool:
        """Look through one environment that is due; whether there was one."""
        house = self._house
        every = house.settings.orphans_hours * 3600.0
        return orphans.due(principal=WORKER, site=house.site, now=house.clock(), every=every)
