"""Which field of a descriptor does a steward mean, and how is it reached from Rego?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NoReturn

from engine.descriptor import fields
from engine.errors import UsageError
from engine.policy.drafting import words

_STEP = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_-]*)(?P<items>(\[\*\])*)")
_VARIABLES = "ijk"
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Place:
    """A path of fields, None for every item of a list; what stands up to the last None is one item."""

    steps: tuple[str | None, ...]

    def __str__(self) -> str:
        return fields.written(self.steps)

    @property
    def above(self) -> Place:
        """The items that the field belongs to: the steps up to the last list; none where it is of the document."""
        lists = [at for at, step in enumerate(self.steps) if step is None]
        return Place(self.steps[: lists[-1] + 1] if lists else ())

    @property
    def below(self) -> str:
        """The field as it is reached from its item, such as `.promises.slo`."""
        return "".join(words.step(step) for step in self.steps[len(self.above.steps) :] if step is not None)

    @property
    def reference(self) -> str:
        """The field as it is reached from the input, its lists by the variables `i`, `j` and `k`."""
        variables = iter(_VARIABLES)
        return "input" + "".join(words.step(one) if one else f"[{next(variables)}]" for one in self.steps)

    @property
    def path(self) -> str:
        """The path of a finding about the field, as a Rego array."""
        variables = iter(_VARIABLES)
        return "[" + ", ".join(words.rego(one) if one else next(variables) for one in self.steps) + "]"

    @property
    def kinds(self) -> frozenset[str]:
        """The JSON types that the value may have; none where DPDS leaves it open."""
        return fields.kinds(self.steps)


def place(text: str) -> Place:
    """The place that a path such as `interfaceComponents.outputPorts[*].promises.slo` names.

    Raises UsageError for what is no path, and for a field that DPDS does not have, with the fields spelt like it.
    """
    steps: list[str | None] = []
    for part in text.split("."):
        found = _STEP.fullmatch(part)
        if found is None or len(text) > _LONGEST:
            raise UsageError(
                f"{text[:_LONGEST]!r} is no path of fields; write it as info.owner.id, "
                "or interfaceComponents.outputPorts[*].name for every item of a list."
            )
        steps += [found["name"], *[None] * found["items"].count("*")]
    if steps.count(None) > len(_VARIABLES):
        raise UsageError(f"{text} goes through more than {len(_VARIABLES)} lists.")
    _refuse_unknown(tuple(steps))
    return Place(tuple(steps))


def _refuse_unknown(steps: tuple[str | None, ...]) -> None:
    found = fields.unknown(steps)
    if steps[0] == "_context":
        raise UsageError("_context is no field of a descriptor.")
    if found is not None:
        _refuse(steps, found)
    listed = next((at for at in range(1, len(steps)) if steps[at] is not None and _is_list(steps[:at])), None)
    if listed is not None:
        raise UsageError(f"{fields.written(steps[:listed])} is a list; write {fields.written(steps[:listed])}[*].")


def _is_list(steps: tuple[str | None, ...]) -> bool:
    return fields.kinds(steps) - {"null"} == {"array"}


def _refuse(steps: tuple[str | None, ...], found: fields.Unknown) -> NoReturn:
    above, here = fields.written(steps[: found.at]), fields.written(steps[: found.at + 1])
    if found.is_item:
        raise UsageError(f"{above} is no list, so it has no items.")
    if _is_list(steps[: found.at]):
        raise UsageError(f"{above} is a list; write {above}[*].")
    told = f" Did you mean {' or '.join(found.alike)}?" if found.alike else ""
    raise UsageError(f"No descriptor has {here}.{told}")


def holds_texts(target: Place) -> bool:
    """Whether DPDS has a list of texts at the place."""
    return target.kinds - {"null"} == {"array"}
