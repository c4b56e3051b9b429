"""Who brings grants about in the background, and ends those whose time is over?"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from api.flows.access.granting import Granting
from api.worker.rounds import Rounds

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from api.flows.deploying.site import Site

SECONDS = 1.0
log = logging.getLogger("meshgate.access")


class Granter(Rounds):
    """Gives the sets of grants that are due; what a dead worker was giving is given again once its claim is over."""

    def __init__(self, site: Site, clock: Callable[[], datetime], *, seconds: float = SECONDS) -> None:
        super().__init__("granter", log, seconds=seconds)
        self._granting = Granting(site, clock)

    def prepare(self) -> None:
        """Nothing: claims of the dead run out by themselves."""

    def once(self) -> bool:
        """Give what is due; whether there was anything."""
        return self._granting.round()
