"""What does a report look like as JSON?"""

from __future__ import annotations

import json
from typing import Any


def render(report: dict[str, Any]) -> str:
    """The report as indented JSON with a newline at the end; always encodable as UTF-8."""
    return written(report)


def written(value: Any) -> str:
    """Any value of a JSON format, written so."""
    told = json.dumps(value, indent=2, ensure_ascii=False)
    try:
        told.encode("utf-8")
    except UnicodeEncodeError:  # a file name that is not Unicode
        told = json.dumps(value, indent=2)
    return told + "\n"
