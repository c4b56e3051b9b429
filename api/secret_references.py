"""What does a reference to a secret stand for: `env:NAME`, or `file:PATH`?

The environment holds secrets under names that the operator chose, so these are read here, and not as configuration.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

LARGEST = 64 << 10


def resolved(reference: str, environ: Mapping[str, str] | None = None) -> str:
    """The secret, without the line end of its file, of which there are at most `LARGEST` bytes.

    Raises LookupError, which never tells the secret."""
    kind, _, name = reference.partition(":")
    found = _of_file(name) if kind == "file" else (os.environ if environ is None else environ).get(name)
    if not found:
        raise LookupError(f"the secret `{reference}` is not there")
    return found


def _of_file(path: str) -> str | None:
    try:
        with Path(path).open("rb") as opened:
            read = opened.read(LARGEST + 1)
        return None if len(read) > LARGEST else read.decode("utf-8").removesuffix("\n")
    except (OSError, ValueError):
        return None
