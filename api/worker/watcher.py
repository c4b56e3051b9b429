"""Who asks saved requirements again in the background?"""

from __future__ import annotations

import logging
import uuid
from typing import TYPE_CHECKING

from api.flows.watching import follow
from api.worker.rounds import SECONDS, Rounds

if TYPE_CHECKING:
    from api.wiring import House

log = logging.getLogger("meshgate.requirements")


class Watcher(Rounds):
    """Asks requirements that are due.

    `sole` says that this process owns the data: then every claim is one of a dead process, and void at once.
    """

    def __init__(self, house: House, *, sole: bool, seconds: float = SECONDS) -> None:
        super().__init__("watcher", log, seconds=seconds)
        self._house, self._sole = house, sole
        self._holder = uuid.uuid4().hex

    def prepare(self) -> None:
        """Void the claims of the dead."""
        if self._sole:
            self._house.watches.free_all()

    def once(self) -> bool:
        """Ask one requirement that is due; whether there was one."""
        return follow(self._house, self._holder)
