"""Who keeps trust scores up to date in the background?"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from api.flows.scoring import keep_up
from api.worker.rounds import SECONDS, Rounds

if TYPE_CHECKING:
    from api.wiring import House

log = logging.getLogger("meshgate.trust")


class Scorer(Rounds):
    """Computes the scores that are due; what was due when a round failed stays due."""

    def __init__(self, house: House, *, seconds: float = SECONDS) -> None:
        super().__init__("scorer", log, seconds=seconds)
        self._house = house

    def prepare(self) -> None:
        """Nothing: scores have no claims that a dead process could hold."""

    def once(self) -> bool:
        """Compute some of the scores that are due; whether there were any."""
        return keep_up(self._house)
