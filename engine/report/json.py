"""What does a report look like as JSON?"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import orjson

_STEP = "  "
_Dumped = Callable[[Any], str]


def render(report: dict[str, Any]) -> Iterator[str]:
    """The report as indented JSON with a newline at the end; always encodable as UTF-8."""
    is_unicode = all(map(_is_unicode, report["documents"]))
    told = {**report, "documents": iter(report["documents"])}
    return written(told) if is_unicode else written(told, _ascii)


def _ascii(value: Any) -> str:
    return json.dumps(value, indent=2)


def _unicode(value: Any) -> str:
    try:
        return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
    except TypeError:  # a file name that is not Unicode
        return _ascii(value)


def written(value: Any, dumped: _Dumped = _unicode) -> Iterator[str]:
    """Any value of a JSON format in pieces. An iterator in it, or in objects in it, is an array told item by item."""
    yield from _pieces(value, "", dumped)
    yield "\n"


def _is_unicode(value: Any) -> bool:
    try:
        orjson.dumps(value)
    except TypeError:
        return False
    return True


def _pieces(value: Any, margin: str, dumped: _Dumped) -> Iterator[str]:
    match value:
        case Iterator():
            yield from _enclosed("[]", (("", item) for item in value), margin, dumped)
        case dict() if _is_told_in_pieces(value):
            yield from _enclosed("{}", ((f'"{name}": ', item) for name, item in value.items()), margin, dumped)
        case _:
            # A line break inside a text is escaped: each one here begins a line of the layout.
            yield dumped(value).replace("\n", f"\n{margin}")


def _enclosed(brackets: str, items: Iterator[tuple[str, Any]], margin: str, dumped: _Dumped) -> Iterator[str]:
    between = brackets[0]
    for name, item in items:
        yield f"{between}\n{margin}{_STEP}{name}"
        yield from _pieces(item, margin + _STEP, dumped)
        between = ","
    yield f"\n{margin}{brackets[1]}" if between == "," else brackets


def _is_told_in_pieces(value: Any) -> bool:
    return isinstance(value, Iterator) or (isinstance(value, dict) and any(map(_is_told_in_pieces, value.values())))
