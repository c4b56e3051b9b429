"""Until when may reads of the catalog run? What runs longer is ended inside the database, and its thread is free again.

Nothing is added to what is sent: SQLite asks us while it works, and for PostgreSQL one thread looks after all who read.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from math import inf
from time import monotonic, sleep
from typing import Any

from sqlalchemy import Connection

from engine.errors import QueryTimeout

#: SQLite asks whether to go on after so many of its steps (some milliseconds); what is shorter is never asked
STEPS = 100_000
#: how often is looked for statements that run too long on PostgreSQL, and for how many looks after the last reader
LOOK_SECONDS = 0.1
IDLE_LOOKS = 30
CANCEL_SECONDS = 2.0

_DEADLINE: ContextVar[float] = ContextVar("deadline of reads", default=inf)


@contextmanager
def until(moment: float) -> Iterator[None]:
    """Reads of this thread end by this moment of the monotonic clock; those that do not raise QueryTimeout."""
    before = _DEADLINE.set(moment)
    try:
        yield
    finally:
        _DEADLINE.reset(before)


@contextmanager
def kept(connection: Connection) -> Iterator[None]:
    """Whatever is read on this connection meanwhile keeps the deadline, if there is one."""
    moment = _DEADLINE.get()
    if moment == inf:
        yield
        return
    if monotonic() > moment:
        raise QueryTimeout()
    with _on_sqlite(connection, moment) if connection.dialect.name == "sqlite" else _WATCH.over(connection, moment):
        yield


@contextmanager
def _on_sqlite(connection: Connection, moment: float) -> Iterator[None]:
    driver: Any = connection.connection.dbapi_connection
    driver.set_progress_handler(lambda: monotonic() > moment, STEPS)
    try:
        yield
    finally:
        driver.set_progress_handler(None, 0)


class _Reading:
    """One connection that is read on until a moment."""

    def __init__(self, driver: Any, moment: float) -> None:
        self.moment = moment
        self.cancelled = False
        self._driver = driver
        self._over = False
        self._turn = threading.Lock()

    def cancel(self) -> None:
        """End the statement that runs, if the reading is not over."""
        with self._turn, suppress(Exception):  # a server that is gone ends the statement as well
            if not self._over:
                self.cancelled = True
                self._driver.cancel_safe(timeout=CANCEL_SECONDS)

    def end(self) -> None:
        """Let nothing be cancelled any more; one that is under way ends first."""
        with self._turn:
            self._over = True


class _Watch:
    """One thread, there while anybody reads, that cancels again and again what is too late until its reader lets go."""

    def __init__(self) -> None:
        self._readings: set[_Reading] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    @contextmanager
    def over(self, connection: Connection, moment: float) -> Iterator[None]:
        reading = _Reading(connection.connection.dbapi_connection, moment)
        with self._lock:
            self._readings.add(reading)
            if self._thread is None:
                self._thread = threading.Thread(target=self._look, name="deadlines", daemon=True)
                self._thread.start()
        try:
            yield
        finally:
            with self._lock:
                self._readings.discard(reading)
            reading.end()
            if reading.cancelled:  # a cancel that arrives late must meet nobody else's statement
                connection.invalidate()

    def _look(self) -> None:
        idle = 0
        while True:
            sleep(LOOK_SECONDS)
            with self._lock:
                now, readings = monotonic(), list(self._readings)
                idle = 0 if readings else idle + 1
                if idle > IDLE_LOOKS:
                    self._thread = None
                    return
            for reading in readings:
                if reading.moment < now:
                    reading.cancel()


_WATCH = _Watch()
