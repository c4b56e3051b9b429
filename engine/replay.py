"""What does a recorded decision look like when it is made again?

A decision records its effective input, and that holds everything the policies saw, the previous version and the
neighbours included. What the engine needs besides is in its entry of the report: the identity, and the problems that
reading, schema and semantic rules had found in the author's files. Whether the version number tells the truth is asked
again, unless definitions refer to other files: these are not in the input, so what was found then is taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.decide import decide
from engine.descriptor.codes import layer_of
from engine.descriptor.contracts.elsewhere import any_leads_elsewhere
from engine.descriptor.evolution import OWN_CODES
from engine.descriptor.identity import odm_id, parse_fqn
from engine.model import (
    Decision,
    Descriptor,
    Event,
    Facts,
    Identity,
    Json,
    Place,
    Problem,
    ProblemSeverity,
    Step,
)
from engine.policy.port import PolicyEngine
from engine.policy.rules import Rules


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was kept of a decision; `accepted_at` is since when its line existed then, None for a line's first version.

    `entry` is its entry of the report, `document` its effective input.
    """

    entry: Mapping[str, Json]
    document: Mapping[str, Json]
    moment: datetime
    accepted_at: datetime | None


def again(recorded: Recorded, *, rules: Rules, engine: PolicyEngine) -> Decision:
    """The decision on what was recorded, as of its moment, under these rules; where they are the ones of then, the
    findings and the outcome are the same (DESIGN §4, Decision)."""
    return decide(
        _descriptor(recorded), facts=_facts(recorded), bundle=rules.bundle, governance=rules.governance, engine=engine
    )


def _facts(recorded: Recorded) -> Facts:
    """What was known then, read back from what the policies saw."""
    context = recorded.document["_context"]
    mesh = context["mesh"]
    return Facts(
        event=Event(context["event"]),
        now=recorded.moment,
        environment=context["environment"],
        previous=context["previous"],
        mesh=mesh,
        plan=context.get("plan"),
        catalog_revision=None if mesh is None else mesh["revision"],
        accepted_at=recorded.accepted_at,
        authoritative=True,  # only decisions of a server are recorded
        access=context.get("access"),
        compared=_compared(recorded, context["previous"]),
    )


def _compared(recorded: Recorded, previous: Mapping[str, Json] | None) -> tuple[Problem, ...] | None:
    """What the comparison had found, where it read files that the input does not hold; None: compare again."""
    if not any(any_leads_elsewhere(one) for one in (recorded.document, previous or {})):
        return None
    return tuple(_problem(one) for one in recorded.entry["problems"] if one["code"] in OWN_CODES)


def _descriptor(recorded: Recorded) -> Descriptor:
    effective = {name: value for name, value in recorded.document.items() if name != "_context"}
    file = recorded.entry["file"]

    def locate(path: Sequence[Step]) -> Place:
        return Place(file)  # where it stood in the author's files is told by the recorded entry

    problems = tuple(_problem(one) for one in recorded.entry["problems"] if one["code"] not in OWN_CODES)
    identity = _identity(recorded.entry["product"])
    return Descriptor(file, (), effective, identity, None, problems, locate)


def _identity(product: Mapping[str, Any] | None) -> Identity | None:
    if product is None:
        return None
    named = parse_fqn(product["fqn"])
    assert named is not None, "only a product with a fully qualified name has an entry"
    return Identity(odm_id=odm_id(product["fqn"]), major=named.major or 0, **product)


def _problem(told: Mapping[str, Any]) -> Problem:
    return Problem(
        code=told["code"],
        name=told["name"],
        layer=layer_of(told["code"]),
        severity=ProblemSeverity(told["severity"]),
        msg=told["msg"],
        path=told["path"],
        place=Place(told["file"], told["line"], told["column"]),
        hint=told["hint"],
    )
