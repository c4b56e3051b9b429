"""How does a command print: its answer on standard output, everything else beside it on standard error?

What a catalog or a file holds is foreign text: nothing of it may command the terminal or pass for a line of ours.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable

from engine.report.terminal import harmless


def show(lines: Iterable[str]) -> None:
    """Print lines for a person."""
    print("\n".join(harmless(line).rstrip() for line in lines))


def show_json(value: object) -> None:
    """Print a value for a program."""
    print(json.dumps(value, indent=2, ensure_ascii=False))


def note(line: str) -> None:
    """Print a line that is no part of the answer."""
    print(harmless(line), file=sys.stderr, flush=True)
