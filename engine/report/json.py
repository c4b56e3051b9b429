"""What does a report look like as JSON?"""

from __future__ import annotations

import json
from typing import Any

import orjson


def render(report: dict[str, Any]) -> str:
    """The report as indented JSON with a newline at the end; always encodable as UTF-8."""
    return written(report)


def written(value: Any) -> str:
    """Any value of a JSON format, written so."""
    try:
        return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()
    except TypeError:  # a file name that is not Unicode
        return json.dumps(value, indent=2) + "\n"
