"""How does a long answer get to standard output or into a file, so that half of it never passes for all of it?"""

from __future__ import annotations

import gzip
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


def poured(pieces: Iterable[bytes], to: Path | None) -> None:
    """Write the pieces as they come: to standard output, or to a file that is there only when it is whole."""
    if to is None:
        for piece in pieces:
            sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
        return
    half = to.with_name(f"{to.name}.part")
    try:
        with half.open("wb") as opened:
            _into(opened, pieces, packed=to.suffix == ".gz")
            opened.flush()
            os.fsync(opened.fileno())
        half.replace(to)
    except BaseException:
        with suppress(OSError):
            half.unlink()
        raise


def _into(opened: object, pieces: Iterable[bytes], *, packed: bool) -> None:
    if not packed:
        for piece in pieces:
            opened.write(piece)  # type: ignore[attr-defined]
        return
    with gzip.GzipFile(fileobj=opened, mode="wb", mtime=0, filename="") as packer:  # type: ignore[call-overload]
        for piece in pieces:
            packer.write(piece)
