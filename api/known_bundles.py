"""Which bundles were loaded before on this machine? Parsing thirty policies is half the time of a short command."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import BundleInvalid
from engine.policy import recall

if TYPE_CHECKING:
    from engine.model import Bundle
    from engine.policy.modules import Source

KEPT = 32
"""So many are kept; the one that was written longest ago goes first."""


def known(folder: Path | None, found: Mapping[str, Source], load: Callable[[], Bundle]) -> Bundle:
    """The bundle of these modules: as it was kept in the folder, else loaded, and kept there where that can be done.

    Raises what `load` raises.
    """
    if folder is None:
        return load()
    file = folder / "bundles" / f"{recall.key(found)}.json"
    with suppress(OSError, BundleInvalid):
        return recall.recalled(file.read_bytes(), found)
    made = load()
    with suppress(OSError):  # a home that cannot be written to makes the next command slower, and nothing else
        _keep(file, recall.written(made))
    return made


def _keep(file: Path, content: bytes) -> None:
    """Written beside and moved there, so that nobody reads half of it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_suffix(f".{os.getpid()}")
    beside.write_bytes(content)
    beside.replace(file)
    every = sorted(file.parent.glob("*.json"), key=lambda one: one.stat().st_mtime)
    for old in every[:-KEPT]:
        old.unlink(missing_ok=True)
