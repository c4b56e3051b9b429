"""How is a source read in a process of its own, and ended when its time is over?"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.sampling.cells import Cell
from engine.sampling.contract import Caps, Failure, Place, SourceFailed

PROGRAM = (
    "import json, sys; first = json.loads(sys.stdin.readline()); sys.path[:] = first['path']; "
    "from engine.sampling.reader import serve; serve(first)"
)
HOUSE = str(Path(__file__).resolve().parents[2])
LARGEST = 32 << 20
"""Bytes of one line that are read: one row of what a connector gives, or all its columns."""
MOST_COLUMNS = 2_000
GRACE = 0.5
"""Seconds between the end that the source is told and the end that is made of it."""


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """One column as the source tells it."""

    name: str
    type: str


class Reading:
    """One source that is being read; everything raises SourceFailed."""

    def __init__(self, process: subprocess.Popen[bytes], ends: float) -> None:
        self._process, self._ends = process, ends

    def columns(self) -> tuple[SourceColumn, ...]:
        """Its columns."""
        told = self._heard().get("columns")
        if not isinstance(told, list) or len(told) > MOST_COLUMNS:
            raise SourceFailed(Failure.FAILED)
        found = tuple(SourceColumn(**one) for one in told)
        if len({one.name for one in found}) < len(found):
            raise SourceFailed(Failure.FAILED)  # a mask goes by names
        return found

    def rows(self, names: Sequence[str], *, rows: int, cell: int) -> Iterator[list[Cell]]:
        """Its first rows with these columns."""
        self.say({"columns": list(names), "rows": rows, "cell": cell})
        while "row" in (told := self._heard()):
            if not isinstance(told["row"], list) or len(told["row"]) != len(names):
                raise SourceFailed(Failure.FAILED)
            yield told["row"]

    def say(self, value: Mapping[str, Any]) -> None:
        """Tell the process something; one that has gone is heard of at the next answer."""
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.write(json.dumps(value).encode() + b"\n")
            self._process.stdin.flush()

    def _heard(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline(LARGEST)
        if not line.endswith(b"\n"):
            raise SourceFailed(Failure.SECONDS if time.monotonic() >= self._ends else Failure.FAILED)
        told: dict[str, Any] = json.loads(line)
        if "failed" in told:
            raise SourceFailed(Failure(told["failed"]), told["told"])
        return told


@contextmanager
def reading(place: Place, caps: Caps) -> Iterator[Reading]:
    """Read this place for the time of the block. Whatever happens, no process is left, and the thread is free in time.

    The place goes by standard input: secrets stand in no list of processes and in no environment.
    """
    ends = time.monotonic() + caps.seconds
    process = subprocess.Popen(
        [sys.executable, "-I", "-c", PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},
        cwd="/",
    )
    end = threading.Timer(caps.seconds + GRACE, process.kill)
    end.daemon = True
    try:
        end.start()
        read = Reading(process, ends)
        read.say({"path": [HOUSE, *sys.path], "connector": place.connector, "place": _told(place, caps)})
        yield read
    finally:
        end.cancel()
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()


def _told(place: Place, caps: Caps) -> dict[str, Any]:
    return {
        "configuration": dict(place.configuration),
        "dataset": place.dataset,
        "port": place.port,
        "seconds": caps.seconds,
        "memory_mib": caps.memory_mib,
    }
