"""Who owns the data directory? On SQLite exactly one meshgate process does (DESIGN §5, Where commands run)."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from engine.errors import DataDirectoryBusy

LOCK = "meshgate.lock"
_PAUSE = 0.05


@contextmanager
def owned(data_dir: Path, *, address: str = "", patience: float = 5.0) -> Iterator[None]:
    """Own the data directory inside the block; `address` is where others reach the owner, empty for a command.

    The lock is the operating system's, so it ends with the process, however that ends. A command that holds it is
    waited for; a server is not. Raises DataDirectoryBusy naming the holder.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / LOCK).open("a+", encoding="utf-8") as file:
        _take(file, data_dir, time.monotonic() + patience)
        _write(file, {"pid": os.getpid(), "address": address})
        try:
            yield
        finally:
            _write(file, {})


def _take(file: TextIO, data_dir: Path, deadline: float) -> None:
    while not _taken(file):
        holder = _holder(file)
        if holder.get("address") or time.monotonic() > deadline:
            raise _busy(data_dir, holder)
        time.sleep(_PAUSE)


def _taken(file: TextIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as reason:
        if reason.errno in (errno.EWOULDBLOCK, errno.EACCES):
            return False
        raise
    return True


def _write(file: TextIO, holder: dict[str, object]) -> None:
    file.seek(0)
    file.truncate()
    file.write(json.dumps(holder) + "\n")
    file.flush()


def _holder(file: TextIO) -> dict[str, object]:
    """What the holder wrote, or nothing where it has not got so far."""
    file.seek(0)
    try:
        told = json.loads(file.read())
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _busy(data_dir: Path, holder: dict[str, object]) -> DataDirectoryBusy:
    address, pid = holder.get("address"), holder.get("pid")
    who = f"the meshgate server at {address}" if address else f"another meshgate process ({pid or 'just starting'})"
    return DataDirectoryBusy(
        f"{data_dir} is in use by {who}.", data_dir=str(data_dir), address=address or None, pid=pid or None
    )
