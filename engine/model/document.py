"""What is a JSON document, and how is a place inside it named?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Json = Any
"""A JSON value: dict with string keys, list, str, int, float, bool or None."""

Step = str | int
"""One step of a path: a key or a list index."""

Path = tuple[Step, ...]
"""Steps from the root of a document; `()` is the document itself."""


def pointer(path: Sequence[Step]) -> str:
    """The path as an RFC 6901 JSON Pointer (`""` for the whole document)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)
