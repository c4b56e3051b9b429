"""How does a command print: its answer on standard output, everything else beside it on standard error?

What a catalog or a file holds is foreign text: nothing of it may command the terminal or pass for a line of ours.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time, timedelta

from engine.report.terminal import harmless


def show(lines: Iterable[str]) -> None:
    """Print lines for a person."""
    print("\n".join(harmless(line).rstrip() for line in lines))


def show_json(noun: str, told: Mapping[str, object]) -> None:
    """Print a document for a program; its `schema` says what it is, and what changes its shape raises the number."""
    print(json.dumps({"schema": f"meshgate/{noun}/1", **told}, indent=2, ensure_ascii=False))


def last(ends: str) -> str:
    """The end of what holds until a moment, told as it is written: a whole day by its last day, else the moment."""
    moment = datetime.fromisoformat(ends).astimezone(UTC)
    if moment.time() == time():
        return f"{moment - timedelta(days=1):%Y-%m-%d}"
    return f"{moment:%Y-%m-%dT%H:%MZ}"


def note(line: str) -> None:
    """Print a line that is no part of the answer."""
    print(harmless(line), file=sys.stderr, flush=True)
