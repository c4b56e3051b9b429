"""How does foreign text stand in Markdown so that it is only ever text?

Neither CommonMark nor HTML, nor what GitHub and GitLab make of text afterwards: mentions, references, links.
"""

from __future__ import annotations

import re

from engine.report.terminal import harmless

_LONGEST = 600
"""Characters of one foreign text at most."""

_MARKUP = re.compile(r"[\\`*_\[\]<>|~$&]")
_CALLS = re.compile(r"([@#!%~]|:(?=//)|\b(?:www|GH)(?=[.-]))(?=[\w/.-])", re.IGNORECASE)
"""Where a mention, a reference (`#1`, `!1`, `GH-1`) or a link that nobody wrote as one would begin."""


def prose(text: str) -> str:
    """Foreign words inside a paragraph, a list item or a cell, on one line."""
    escaped = _MARKUP.sub(r"\\\g<0>", _CALLS.sub("\\1\0", clipped(text)))
    return escaped.replace("\0", "&#8203;")


def code(text: str) -> str:
    """Foreign words as code, in a fence longer than every run of backticks inside; not for cells of a table, where
    a `|` would end it.
    """
    told = clipped(text)
    fence = "`" * (max(map(len, re.findall("`+", told)), default=0) + 1)
    space = " " if told[:1] in ("`", " ") or told[-1:] in ("`", " ") or not told.strip() else ""
    return f"{fence}{space}{told}{space}{fence}"


def clipped(text: str) -> str:
    """The text on one line, cut where it is too long."""
    plain = harmless(text)
    return plain if len(plain) <= _LONGEST else plain[: _LONGEST - 1] + "…"
