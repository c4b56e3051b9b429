"""Which piece of the author's file is shown under a message?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from engine.report.terminal import harmless, width

_BEFORE, _AFTER = 60, 50
"""How many characters of a long line are shown before and after the column."""


def lines(text: str) -> list[str]:
    """The lines of a file as places count them: only CR and LF end one, and a byte order mark is no character."""
    return re.split("\r\n|\r|\n", text.removeprefix("\ufeff"))


def excerpt(source: Sequence[str], line: int, column: int) -> Iterator[tuple[str, str]]:
    """The source line with a caret below the column, as pairs of margin and text; nothing without that line."""
    if not 1 <= line <= len(source):
        return
    before, after = _around(source[line - 1].rstrip("\r\n"), column)
    margin = " " * len(str(line))
    yield margin, ""
    yield str(line), f"{before}{after}"
    yield margin, f"{' ' * width(before)}^"


def _around(text: str, column: int) -> tuple[str, str]:
    """What stands before the column and from it on, cut to a window and made harmless."""
    at = min(max(column - 1, 0), len(text))
    start, end = max(at - _BEFORE, 0), at + _AFTER
    before = ("…" if start else "") + text[start:at]
    after = text[at:end] + ("…" if end < len(text) else "")
    return harmless(before.replace("\t", "  ")), harmless(after.replace("\t", "  "))
