"""Does this mesh's OPA server say the same of its policies as the embedded engine?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from engine.descriptor import Submission, ingest
from engine.errors import GovernanceError, UsageError
from engine.model import Answer, Json, PolicyFailure, pointer
from engine.policy import mutations
from engine.policy.dates import utc_day
from engine.policy.parity import Difference, differences
from engine.policy.port import PolicyEngine

if TYPE_CHECKING:
    from api.wiring import House

SEED = 20261126
SHOWN = 10
"""So many differences are told; where there are more, the first ones tell enough."""


class EnginesDiffer(GovernanceError):
    """The two engines give different findings for the same policies and document."""

    code = "engines-differ"
    hint = "Keep the policies to the portable subset (engine/policy/capabilities.json), and OPA to the tested version."


@dataclass(frozen=True, slots=True)
class Compared:
    """Over how much the engines agreed, and their names with versions."""

    documents: int
    policies: int
    engines: tuple[str, str]


def parity(submissions: Sequence[Submission], *, house: House, count: int) -> Compared:
    """Ask both engines about these descriptors, about `count` mutations of them, and about an empty one.

    Raises UsageError where no OPA server is configured or no descriptor can be read, EnginesDiffer naming the first
    differences, PolicyEngineUnavailable.
    """
    if not house.settings.opa_url:
        raise UsageError("Parity compares with an OPA server: name one with `opa_url` or --opa-url.")
    server = house.engine
    known = _effective([replace(one, remote=house.remote()) for one in submissions], namespace=house.settings.namespace)
    if not known:
        raise UsageError("None of the descriptors to compare on can be read.")
    documents = [("an empty descriptor", {}), *known.items(), *mutations.chosen(known, count, seed=SEED)]
    now = utc_day(house.clock())
    found = list(islice(differences(house.embedded, server, house.bundle, documents, now=now), SHOWN))
    if found:
        raise EnginesDiffer("\n".join(_told(one) for one in found))
    return Compared(len(documents), len(house.bundle.policies), (_called(house.embedded), _called(server)))


def _effective(submissions: Sequence[Submission], *, namespace: str | None) -> Mapping[str, Mapping[str, Json]]:
    """The effective descriptors by file; those that cannot be read are left out: no engine would be asked."""
    read = ((one.root, ingest(one, namespace=namespace).effective) for one in submissions)
    return {f"{number}:{root}": document for number, (root, document) in enumerate(read, 1) if document is not None}


def _called(engine: PolicyEngine) -> str:
    return f"{engine.name} {engine.version}".strip()


def _told(found: Difference) -> str:
    return f"{found.policy} on {found.document}: embedded {_answer(found.one)}, OPA {_answer(found.other)}"


def _answer(answer: Answer) -> str:
    if isinstance(answer, PolicyFailure):
        return f"fails ({answer.reason})"
    return ", ".join(f"{one.code} at {pointer(one.path) or '/'}: {one.msg}" for one in answer) or "finds nothing"
