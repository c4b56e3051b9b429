"""What changed between two versions of a product, and how much does it mean to its consumers?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from engine.model.document import Path


class ChangeLevel(IntEnum):
    """By which number of the version a change must show, from nothing that consumers notice to what breaks them."""

    PATCH = 1
    MINOR = 2
    BREAKING = 3


@dataclass(frozen=True, slots=True)
class Change:
    """One difference to the previous version; `path` leads into the new effective descriptor.

    What was removed points to the nearest place that still exists. `kind` and `port` name the port, `column` the
    column as `dataset.path`; they are empty where the change is not of one.
    """

    level: ChangeLevel
    msg: str
    path: Path
    kind: str = ""
    port: str = ""
    column: str = ""
