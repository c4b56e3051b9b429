"""How does a code, a message and a place become a problem?"""

from __future__ import annotations

from engine.descriptor.codes import CODES
from engine.model import Path, Place, Problem, pointer


def problem(code: str, msg: str, path: Path, place: Place, hint: str = "") -> Problem:
    """The problem of a known code; `path` leads into the effective descriptor."""
    known = CODES[code]
    return Problem(code, known.name, known.layer, known.severity, msg, pointer(path), place, hint)
