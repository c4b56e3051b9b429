"""How is a value of a source told: as null, true, false, a number, or text?

Numbers that JSON readers would round, and those that JSON does not have, are told as text; so are moments. Bytes are
told in hexadecimal, values within values as JSON text.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

EXACT = 2**53 - 1
"""The largest whole number that every reader of JSON keeps as it is."""
DEEPEST = 20

Cell = None | bool | int | float | str


def cell(value: Any, most: int) -> Cell:
    """The value as one cell; a text has at most one character more than `most`, which tells that it has to be cut."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value) if abs(value) <= EXACT else _text(str(value) if value.bit_length() < 10_000 else "…", most)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(value)
    return _text(_told(value, most), most)


def _told(value: Any, most: int) -> str:
    match value:
        case str():
            return value
        case bytes() | bytearray() | memoryview():
            return "0x" + bytes(value[: most + 1]).hex()
        case datetime() | date() | time():
            return value.isoformat()
        case Mapping() | list() | tuple() | set():
            return json.dumps(_plain(value, most, DEEPEST), ensure_ascii=False)
        case _:
            return str(value)


def _plain(value: Any, most: int, deep: int) -> Any:
    if deep == 0:
        return "…"
    if isinstance(value, Mapping):
        return {str(key)[:most]: _plain(one, most, deep - 1) for key, one in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(one, most, deep - 1) for one in value]
    return str(value) if isinstance(value, Decimal | timedelta) else cell(value, most)


def _text(text: str, most: int) -> str:
    """The text as UTF-8 can hold it, cut where it is longer than anybody is shown."""
    return text[: most + 1].encode("utf-8", "replace").decode("utf-8")
