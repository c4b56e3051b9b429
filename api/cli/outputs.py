"""Where does each asked report format go?"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from api.cli.options import Format
from engine.errors import UsageError

Render = Callable[[Format, bool], str]
"""Renders the report in a format; the flag says whether colour may be used."""


def targets(asked: Sequence[str]) -> dict[Format, Path | None]:
    """The formats asked for as `FORMAT` or `FORMAT=PATH`; a missing path means standard output.

    Raises UsageError for an unknown format, and when two formats would share standard output.
    """
    found: dict[Format, Path | None] = {}
    for word in asked or [Format.TEXT.value]:
        name, _, path = word.partition("=")
        if name not in list(Format):
            raise UsageError(f"`{name}` is no report format; choose {', '.join(Format)}.")
        found[Format(name)] = Path(path) if path else None
    if sum(path is None for path in found.values()) > 1:
        raise UsageError("Two formats would share standard output; give all but one a path: --format json=report.json.")
    return found


def write(wanted: dict[Format, Path | None], render: Render, *, colour: bool) -> None:
    """Write each format to its place; colour only ever goes to a terminal."""
    for form, path in wanted.items():
        if path is None:
            sys.stdout.write(render(form, colour))
            sys.stdout.flush()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(render(form, False), encoding="utf-8")


def colour() -> bool:
    """Whether standard output may be coloured: a terminal, and nobody said NO_COLOR (no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")
