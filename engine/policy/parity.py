"""Do two engines say the same of every policy, whatever a document looks like?

One bundle judged by two engines must be one law: a difference would let a product pass here and fail there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from engine.model import Answer, Bundle, Json, PolicyFailure
from engine.policy.port import PolicyEngine


@dataclass(frozen=True, slots=True)
class Difference:
    """One policy about which two engines disagree on one document: what each of them answered."""

    document: str
    policy: str
    one: Answer
    other: Answer


def differences(
    one: PolicyEngine,
    other: PolicyEngine,
    bundle: Bundle,
    documents: Iterable[tuple[str, Mapping[str, Json]]],
    *,
    now: str,
) -> Iterator[Difference]:
    """Where the two disagree over these named documents; two failures of one policy agree, whatever they say.

    A document without `_context` gets an empty one of the day `now`; all policies of the bundle are asked. Raises
    PolicyEngineUnavailable.
    """
    asked = sorted(bundle.policies)
    for name, document in documents:
        shown = asking(document, asked, now=now)
        here, there = one.evaluate(bundle, asked, shown), other.evaluate(bundle, asked, shown)
        for policy in asked:
            if not _alike(here[policy], there[policy]):
                yield Difference(name, policy, here[policy], there[policy])


def asking(document: Mapping[str, Json], policies: list[str], *, now: str) -> dict[str, Json]:
    """The document as an effective input that asks these policies; what its own `_context` says stays."""
    nothing: dict[str, Json] = {"event": "submit", "environment": None, "domain": None, "parameters": {}}
    told = document.get("_context")
    context = {**nothing, "previous": None, "mesh": None, "now": now, **(told if isinstance(told, dict) else {})}
    return {**document, "_context": {**context, "policies": policies}}


def _alike(one: Answer, other: Answer) -> bool:
    return one == other or (isinstance(one, PolicyFailure) and isinstance(other, PolicyFailure))
