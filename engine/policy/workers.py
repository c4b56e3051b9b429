"""How do many threads share a few workers, and how is a lost one replaced?"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from engine.errors import GovernanceError, PolicyEngineUnavailable
from engine.policy.worker import NotLoaded, Overtime, Refused, Worker, WorkerLost

ELSEWHERE = "Where no wheel of gordon-to-regorus fits, run an OPA server and set opa_url (`meshgate doctor`)."
_HARMLESS = (Refused, NotLoaded, GovernanceError)
_CLOSED = "the embedded engine is closed"
_PAUSE, _LONGEST_PAUSE = 0.05, 2.0


class Workers:
    """A few workers for many threads: a worker belongs to one call at a time, and a lost one is replaced."""

    def __init__(self, count: int, *, memory_mib: int) -> None:
        self._memory_mib = memory_mib
        self._idle: queue.LifoQueue[Worker | None] = queue.LifoQueue()
        for _ in range(count):
            self._idle.put(None)
        self._lock = threading.RLock()
        self._alive: set[Worker] = set()
        self._losses = 0
        self._not_before = 0.0
        self._closed = False

    @contextmanager
    def one(self, *, patience: float) -> Iterator[Worker]:
        """A worker for this call alone. Raises PolicyEngineUnavailable when none is free or none can be started.

        A WorkerLost (or anything unforeseen) that leaves the block takes the worker with it; the next call gets a new
        one, after a pause that doubles while workers keep getting lost (but not for those that we stopped in time).
        """
        worker = self._taken(patience)
        try:
            yield worker
        except BaseException as error:
            self._give_back(worker, usable=isinstance(error, _HARMLESS), stopped=isinstance(error, Overtime))
            if self._closed and isinstance(error, WorkerLost):
                raise PolicyEngineUnavailable(_CLOSED) from None
            raise
        self._give_back(worker, usable=True)

    def start(self) -> None:
        """Start one process now without waiting for it, so that the first question finds it up."""
        try:
            worker = self._idle.get_nowait()
        except queue.Empty:  # all are busy, so all are started
            return
        with suppress(OSError, PolicyEngineUnavailable):  # whoever asks first tries again, and is told
            worker = worker or self._started()
        with self._lock:
            if self._closed and worker is not None:  # closed meanwhile, and this one was in nobody's hands
                self._drop(worker)
                worker = None
            self._idle.put(worker)

    def close(self) -> None:
        """Kill every worker; a call that is under way ends as PolicyEngineUnavailable."""
        with self._lock:
            self._closed = True
            for worker in self._alive:
                worker.kill()
            with suppress(queue.Empty):
                while True:
                    self._drop(self._idle.get_nowait())

    def pids(self) -> list[int]:
        """The process ids of the workers alive now."""
        with self._lock:
            return sorted(worker.pid for worker in self._alive)

    def _taken(self, patience: float) -> Worker:
        if self._closed:
            raise PolicyEngineUnavailable(_CLOSED)
        try:
            worker = self._idle.get(timeout=patience)
        except queue.Empty:
            raise PolicyEngineUnavailable(f"no embedded worker became free within {patience:g} s") from None
        try:
            if worker is not None and not worker.alive:
                self._drop(worker)
                worker = None
            worker = worker or self._started()
            worker.settle()
        except BaseException as error:
            self._give_back(worker, usable=False)
            if not isinstance(error, (WorkerLost, OSError)):
                raise
            raise PolicyEngineUnavailable(f"the embedded engine cannot start: {error}. {ELSEWHERE}") from error
        return worker

    def _give_back(self, worker: Worker | None, *, usable: bool, stopped: bool = False) -> None:
        with self._lock:
            if not usable or self._closed or not (worker is None or worker.even):
                self._drop(worker, lost=not stopped)
                worker = None
            else:
                self._losses = 0
            self._idle.put(worker)

    def _started(self) -> Worker:
        pause = self._not_before - time.monotonic()
        if pause > 0:
            time.sleep(pause)
        with self._lock:
            if self._closed:
                raise PolicyEngineUnavailable(_CLOSED)
            worker = Worker(memory_mib=self._memory_mib)
            self._alive.add(worker)
            return worker

    def _drop(self, worker: Worker | None, *, lost: bool = True) -> None:
        """Bury a worker (None: one that could not be started); after a lost one, let the next one wait the longer."""
        with self._lock:
            if worker is not None:
                worker.stop()
                self._alive.discard(worker)
            if not lost:
                return
            pause = min(_LONGEST_PAUSE, _PAUSE * 2 ** min(self._losses, 10)) if self._losses else 0.0
            self._losses += 1
            self._not_before = time.monotonic() + pause
