"""How do several processes judge many documents at the same time?

Processes and not threads: reading descriptors keeps one Python interpreter as busy as the policies keep their worker.
"""

from __future__ import annotations

import multiprocessing
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from engine.errors import GovernanceError

Entry = dict[str, Any]
Judge = Callable[[Path], Entry]
AHEAD = 2
"""How many documents each process has at hand, so that none waits for its next one."""
WAITING = 64
"""How many answers may wait for an earlier one before no further documents are handed out."""


class Processes:
    """A few processes that judge, each with a judge of its own from `made`, a function of a module (it is pickled)."""

    def __init__(self, count: int, made: Callable[..., AbstractContextManager[Judge]], *arguments: object) -> None:
        # Forking takes no time; elsewhere than on Linux the platform's libraries do not survive it.
        context: Any = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
        self._processes = []
        self._at_hand: dict[Connection, deque[int]] = {}
        for _ in range(count):
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(theirs, made, *arguments), daemon=True)
            process.start()
            theirs.close()
            self._processes.append(process)
            self._at_hand[ours] = deque()

    def __enter__(self) -> Processes:
        return self

    def __exit__(self, kind: type | None, *_: object) -> None:
        for connection in self._at_hand:
            with suppress(OSError):
                connection.send(None)
        for process in self._processes:
            if kind is not None:
                process.terminate()
            process.join()
        for connection in self._at_hand:
            connection.close()

    def judged(self, paths: Sequence[Path]) -> Iterator[Entry]:
        """The entries in the order of the paths. Raises what a judge raised, or GovernanceError for a lost process."""
        left = iter(enumerate(paths))
        done: dict[int, Entry] = {}
        for number in range(len(paths)):
            while number not in done:
                if len(done) < WAITING:
                    self._hand_out(left)
                for connection in self._answering():
                    done[self._at_hand[connection].popleft()] = _told(connection)
            yield done.pop(number)

    def _answering(self) -> list[Connection]:
        """The connections on which an answer is waiting, one of them at least."""
        asked = [one for one, at_hand in self._at_hand.items() if at_hand]
        ready = wait(asked)
        return [one for one in asked if one in ready]

    def _hand_out(self, left: Iterator[tuple[int, Path]]) -> None:
        """Give every process as many documents as it should have at hand, one to each in turn."""
        for full in range(1, AHEAD + 1):
            for connection, at_hand in self._at_hand.items():
                if len(at_hand) < full:
                    self._hand(connection, left)

    def _hand(self, connection: Connection, left: Iterator[tuple[int, Path]]) -> None:
        number, path = next(left, (None, None))
        if number is not None:
            self._at_hand[connection].append(number)
            with suppress(OSError):  # a process that is gone is noticed where its answer is missing
                connection.send(path)


def _told(connection: Connection) -> Entry:
    try:
        answer = connection.recv()
    except (EOFError, OSError):
        raise GovernanceError("A process that judged documents ended without an answer.") from None
    if isinstance(answer, Exception):
        raise answer
    entry: Entry = answer
    return entry


def _serve(connection: Connection, made: Callable[..., AbstractContextManager[Judge]], *arguments: object) -> None:
    """Judge what comes until None comes; Ctrl-C is for the process that asked."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(EOFError, OSError):
        try:
            with made(*arguments) as judge:
                while (path := connection.recv()) is not None:
                    connection.send(judge(path))
        except GovernanceError as error:
            connection.send(error)
