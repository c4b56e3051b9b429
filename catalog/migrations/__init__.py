"""Which schema does this meshgate need? (Steps are numbered files in `versions/`; Alembic runs them.)"""

from __future__ import annotations

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


@cache
def revisions() -> tuple[str, ...]:
    """The revisions of all steps, oldest first: the numbers that their file names start with.

    So they are known without loading Alembic.
    """
    return tuple(sorted(step.name.partition("_")[0] for step in (FOLDER / "versions").glob("[0-9]*_*.py")))


def head_revision() -> str:
    """The revision of the newest step."""
    return revisions()[-1]
