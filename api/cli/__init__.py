"""What does the command `meshgate` do? Parse, call one flow, print one answer, exit with a number fixed for ever."""

from __future__ import annotations

import gc
import io
import sys
from collections.abc import Sequence
from typing import Final

ALLOCATIONS: Final = 20_000
"""After so many new objects Python looks for cycles; its own 700 make every descriptor pay for several searches."""


def main(arguments: Sequence[str] | None = None) -> None:
    """The entry point of the command; it always leaves by SystemExit (DESIGN §5, Exit codes)."""
    gc.set_threshold(ALLOCATIONS)
    from api.cli.commands import app

    for stream in (sys.stdout, sys.stderr):
        # A name or message that this terminal's encoding lacks is shown as an escape instead of ending the command.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    app(arguments, prog_name="meshgate")
