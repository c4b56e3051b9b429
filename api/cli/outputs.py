"""Where does each asked report format go?"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from api.cli.options import Format
from engine.errors import UsageError

Render = Callable[[Format, bool], Iterable[str]]
"""Renders the report in a format, in pieces; the flag says whether colour may be used."""


Target = tuple[Format, Path | None]
"""A format and the file that it goes to; None means standard output."""


def targets(asked: Sequence[str]) -> list[Target]:
    """The formats asked for as `FORMAT` or `FORMAT=PATH`; without a path they go to standard output.

    Raises UsageError for an unknown format, an empty path, and when two formats would share one place.
    """
    found = [_target(word) for word in asked or [Format.TEXT.value]]
    places = [path for _, path in found]
    if places.count(None) > 1:
        raise UsageError("Two formats would share standard output; give all but one a path: --format json=report.json.")
    if len(set(places)) < len(places):
        raise UsageError("Two formats would share one file; give each a path of its own.")
    return found


def _target(word: str) -> Target:
    name, equals, path = word.partition("=")
    if name not in list(Format):
        raise UsageError(f"`{name}` is no report format; choose {', '.join(Format)}.")
    if equals and not path:
        raise UsageError(f"`--format {word}` names no file after the `=`.")
    return Format(name), Path(path) if path else None


def write(wanted: Sequence[Target], render: Render, *, colour: bool) -> None:
    """Write each format to its place; colour only ever goes to a terminal."""
    for form, path in wanted:
        if path is None:
            sys.stdout.writelines(render(form, colour))
            sys.stdout.flush()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("w", encoding="utf-8") as file:
                file.writelines(render(form, False))


def colour() -> bool:
    """Whether standard output may be coloured: a terminal, and nobody said NO_COLOR (no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")
