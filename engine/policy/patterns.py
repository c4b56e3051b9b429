"""Do OPA (Go's RE2) and regorus (Rust's regex) read a regular expression alike?

Allowed is what both know and mean the same by. `\\d`, `\\w`, `\\s` and `\\b` are ASCII in one and Unicode in the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_UNICODE = frozenset("dDwWsSbB")
_ESCAPES = frozenset("AztnrfvpPx")
_ASCII = {"d": "[0-9]", "w": "[0-9A-Za-z_]", "s": "[\\t\\n\\f\\r ]"}
_MOST_REPEATED = 1000
_SCRIPTS = "Arabic|Armenian|Cyrillic|Georgian|Greek|Han|Hangul|Hebrew|Hiragana|Katakana|Latin|Thai"
_CLASS = re.compile(rf"[A-Z][a-z]?|{_SCRIPTS}")
_PIECE = re.compile(
    r"(?P<again>(?:[*+?]|\{\d+(?:,\d*)?\})\??(?=[*+?]|\{\d))"
    r"|\\[pP]\{\^?(?P<class>[^}]*)\}|\\(?P<escape>.)|\(\?(?P<group>[^)]{0,3})"
    r"|\{(?P<least>\d+)(,(?P<most>\d*))?\}|\[\^?\]?(?P<set>(?:\\.|\[:\^?[a-z]+:\]|[^\]\\])*)\]",
    re.DOTALL,
)
_GROUPS = re.compile(r":|P<[A-Za-z_]|[imsU-]")


def unportable(pattern: str) -> str:
    """Why the two engines would not read this pattern alike; `""` where nothing of that kind is found."""
    return next(_reasons(pattern), "")


def _reasons(pattern: str) -> Iterator[str]:
    for found in _PIECE.finditer(pattern):
        if found["again"]:
            yield f"`{found['again']}` repeats what is repeated, which one engine refuses"
        elif (named := found["class"]) is not None:
            if not _CLASS.fullmatch(named):
                yield f"\\p{{{named}}} is not known to both engines"
        elif (escaped := found["escape"]) is not None:
            yield from _escape(escaped)
        elif (group := found["group"]) is not None and not _GROUPS.match(group):
            yield f"(?{group}…) is not known to both engines"
        elif found["set"] is not None:
            yield from _set(found["set"])
        elif any(int(times) > _MOST_REPEATED for times in (found["least"], found["most"]) if times):
            yield f"{found.group()} repeats more than {_MOST_REPEATED} times"


def _set(inner: str) -> Iterator[str]:
    for operation in ("&&", "--", "~~"):
        if operation in inner:
            yield f"`{operation}` in brackets is an operation to one engine and two characters to the other"
    if re.search(r"\[(?!:)", re.sub(r"\\.", "", inner)):
        yield "`[` inside brackets is a set to one engine and a character to the other: write `\\[`"
    for escaped in re.findall(r"\\(.)", inner, re.DOTALL):
        yield from _escape(escaped)


def _escape(escaped: str) -> Iterator[str]:
    if escaped in _UNICODE:
        instead = f": write {_ASCII[escaped]}" if escaped in _ASCII else ""
        yield f"\\{escaped} is ASCII to one engine and Unicode to the other{instead}"
    elif escaped.isalnum() and escaped not in _ESCAPES:
        yield f"\\{escaped} is not known to both engines"
