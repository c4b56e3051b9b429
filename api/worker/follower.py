"""Who deploys in the background what was accepted, where an environment wants that?"""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from api.flows import on_accept
from api.worker.rounds import SECONDS, Rounds
from engine.errors import GovernanceError

if TYPE_CHECKING:
    from api.wiring import House

REST_SECONDS = 30.0
"""How long it rests after what was no answer."""

log = logging.getLogger("meshgate.follower")


class Follower(Rounds):
    """Follows the feed for environments with `on_accept: deploy`; any number of processes may, each change counts once.

    What is accepted from its start on is deployed: `start` notes where that is, before anything can be submitted.
    """

    def __init__(self, house: House, *, seconds: float = SECONDS) -> None:
        super().__init__("follower", log, seconds=seconds)
        self._house = house
        self._rests_until = 0.0

    def start(self) -> None:
        with suppress(GovernanceError):  # a catalog that cannot be asked now is asked in the first round
            self.prepare()
        super().start()

    def prepare(self) -> None:
        """Note where the environments begin that did not follow before."""
        on_accept.begin(self._house)

    def once(self) -> bool:
        """Deploy what is next in each environment; whether there was anything."""
        if time.monotonic() < self._rests_until:
            return False
        try:
            return on_accept.follow(self._house)
        except GovernanceError as reason:
            log.warning("what was accepted waits for a while: %s", reason)
            self._rests_until = time.monotonic() + REST_SECONDS
            return False
