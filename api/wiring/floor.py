"""What does every part of a running meshgate stand on: its settings, its clock, and the order in which it is let go?"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from threading import Event, RLock

from api import settings as configuration
from api.settings import Settings


def moment() -> datetime:
    return datetime.now(UTC)


class Floor:
    """The ground of a house. Close it, or use it as a context manager."""

    def __init__(self, settings: Settings | None = None, *, clock: Callable[[], datetime] = moment) -> None:
        self.settings = settings or configuration.read()
        self.clock = clock
        self.building = RLock()
        self.ending = Event()
        """Set when the process is about to end, so that whoever waits for something lets go."""
        self._closing = ExitStack()

    def close(self) -> None:
        """Let go of every part that was built: policy workers, connections."""
        self._closing.close()
