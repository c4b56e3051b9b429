"""What is a sentence: as somebody says it, and as it was checked and can become a policy?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from engine.model import Json
from engine.policy.drafting.places import Place
from engine.policy.drafting.rules import Rules


class Template(StrEnum):
    """The sentences: what is said of a field."""

    REQUIRED = "required"
    MATCH = "match"
    ONE_OF = "one-of"
    PRESENT_WHEN = "present-when"
    NOT_FLOW_TO = "not-flow-to"
    AT_LEAST = "at-least"


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence as somebody said it, not yet checked; empty is what was not said."""

    template: Template
    field: str
    pattern: str = ""
    value: tuple[str, ...] = ()
    when: str = ""
    to: tuple[str, ...] = ()
    platform: tuple[str, ...] = ()
    minimum: float | None = None
    required: bool = False
    example: str = ""
    counterexample: str = ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A checked sentence: its title, its rules, the field, and what a document holds there that passes and fails.

    `good` and `bad` are settings of a document: pairs of place and value, None for a field that is to be missing; `bad`
    is keyed by the code that is to be found. `context` is what both need of the mesh.
    """

    title: str
    place: Place
    rules: Rules
    good: Sequence[tuple[Place, Json]]
    bad: Mapping[str, Sequence[tuple[Place, Json]]]
    found_at: Place
    context: Mapping[str, Json]
