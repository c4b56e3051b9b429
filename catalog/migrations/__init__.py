"""Which schema does this meshgate need? (Steps are numbered files in `versions/`; Alembic runs them.)"""

from __future__ import annotations

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


@cache
def head_revision() -> str:
    """The revision of the newest step: the number that its file name starts with (known without loading Alembic)."""
    return max(step.name.partition("_")[0] for step in (FOLDER / "versions").glob("[0-9]*_*.py"))
