"""What is to be changed at which place of which file of the author?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from engine.model import Json, Path


class CannotFix(Exception):
    """The fix cannot be carried out; the message says why."""


class Action(StrEnum):
    """What happens at the place: a value is set, a list item is put in before it, or it goes away."""

    SET = "set"
    INSERT = "insert"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True)
class Edit:
    """One change; `steps` lead to the place in the file as its author wrote it, `file` is named by the submission."""

    file: str
    steps: Path
    action: Action
    value: Json = None

    def clashes(self, other: Edit) -> bool:
        """Whether the two cannot both be carried out in one go."""
        if self.file != other.file:
            return False
        if self._moves(other) or other._moves(self):
            return True
        shorter = min(len(self.steps), len(other.steps))
        return self.steps[:shorter] == other.steps[:shorter]

    def _moves(self, other: Edit) -> bool:
        """Whether this change gives the place of the other another index."""
        moves_items = self.action is not Action.SET and type(self.steps[-1]) is int
        return moves_items and other.steps[: len(self.steps) - 1] == self.steps[:-1]


def carried_out(value: Json, edits: list[Edit]) -> Json:
    """The value with these changes made in it; it has to be one that nobody else holds."""
    for edit in edits:
        node, last = value, edit.steps[-1]
        for step in edit.steps[:-1]:
            node = node[step]
        match edit.action:
            case Action.SET:
                node[last] = edit.value
            case Action.INSERT:
                node.insert(last, edit.value)
            case Action.REMOVE:
                del node[last]
    return value
