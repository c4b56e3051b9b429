"""How is foreign text shown so that it can neither command the terminal nor shift what stands beside it?"""

from __future__ import annotations

import unicodedata

_UNSHOWN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories of controls, invisible and direction marks, surrogates and line separators."""

_JOINERS = frozenset("\u200c\u200d")
"""Invisible too, but part of how some scripts and emoji are written."""


def harmless(text: str) -> str:
    """The text on one line, with control, direction and invisible characters written as escapes."""
    return text if text.isascii() and text.isprintable() else "".join(map(_shown, text))


def width(text: str) -> int:
    """How many cells of a terminal the text fills."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def _shown(character: str) -> str:
    if unicodedata.category(character) in _UNSHOWN and character not in _JOINERS:
        return character.encode("unicode_escape").decode("ascii")
    return character


def _cells(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1
