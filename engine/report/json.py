"""What does a report look like as JSON?"""

from __future__ import annotations

import json
from typing import Any


def render(report: dict[str, Any]) -> str:
    """The report as indented JSON with a newline at the end; always encodable as UTF-8."""
    told = json.dumps(report, indent=2, ensure_ascii=False)
    try:
        told.encode("utf-8")
    except UnicodeEncodeError:  # a file name that is not Unicode
        told = json.dumps(report, indent=2)
    return told + "\n"
