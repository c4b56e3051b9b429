"""What does a consumer need, as one Rego policy of their own?

It has the shape of every policy (`violation contains finding if {…}`) and is held to the same lint, list of built-ins,
sandbox and limits; only its `# METADATA` may be left out, because it holds for nobody but whoever brought it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import orjson

from engine.errors import BundleInvalid, RequirementInvalid
from engine.model import Bundle, Json, Policy
from engine.policy import alone, bundle, defaults, metadata, needs, packages
from engine.policy.alone import Alone, Bounds
from engine.policy.annotations import brief
from engine.policy.flaws import Flaw, refuse_first
from engine.policy.inspection import Described, Inspection
from engine.policy.metadata import Metadata
from engine.policy.names import Names
from engine.policy.worker import Refused, Worker, WorkerLost
from engine.policy.workers import Workers

FILE = "requirement.rego"
BOUNDS = Bounds(largest=64 << 10, rules=300, file=FILE)
LARGEST_PARAMETERS = 16 << 10
"""Characters of the parameters, written as JSON."""
PATIENCE = 10.0


@dataclass(frozen=True, slots=True)
class Requirement:
    """A need that may be asked of products: `bundle` holds the one `policy` and the question that it answers.

    `parameters` are the consumer's, over the `defaults` of the text.
    """

    bundle: Bundle
    policy: Policy
    parameters: Mapping[str, Json] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """The revision of the text and of how it is asked; parameters are not in it."""
        return self.bundle.revision

    @property
    def needs_mesh(self) -> bool:
        """Whether it declares that it reads the neighbours of a product."""
        return "mesh" in self.policy.needs


def read(workers: Workers, text: str, parameters: Mapping[str, Json] | None = None) -> Requirement:
    """The requirement in this text. Raises RequirementInvalid naming line and flaw, PolicyEngineUnavailable."""
    given = dict(parameters or {})
    try:
        alone.glanced(text, BOUNDS)
        with workers.one(patience=PATIENCE) as worker:
            found = _read(worker, alone.understood(worker, text, BOUNDS))
        _refuse_parameters(found, given)
    except (BundleInvalid, Refused, ValueError) as reason:
        raise RequirementInvalid(str(reason)) from None
    except WorkerLost as reason:
        raise RequirementInvalid(f"{FILE}: it was stopped while it was read: {reason}") from None
    except RecursionError:
        raise RequirementInvalid(f"{FILE}: its expressions are nested too deeply") from None
    return Requirement(found.bundle, found.policy, given)


def _read(worker: Worker, found: Alone) -> Requirement:
    block = metadata.find(found.source.text, FILE) or metadata.nothing(FILE)
    described = Described(found.package, found.entries, found.source, block, brief(block))
    refuse_first(_flaws(found, block, described))
    seen = Inspection([described], {found.package.id: found.entries}, ())
    revision, texts = bundle.answering({FILE: found.source}, seen)
    worker.load(revision, texts, seconds=alone.SECONDS)
    own = defaults.values(worker, revision, [found.package], seconds=alone.SECONDS).get(found.package.id, {})
    if not isinstance(own, dict):
        raise BundleInvalid(f"{FILE}: the rule defaults must be an object that needs no input")
    policy = bundle.policy(described, own)
    return Requirement(Bundle(revision, {policy.id: policy}, texts), policy)


def _flaws(found: Alone, block: Metadata, described: Described) -> Iterator[Flaw]:
    yield from block.flaws
    place = found.module.place(found.module.start)
    if not found.entries:
        told = f"package {found.package.id} has no rule `{packages.RULE} contains finding if {{…}}`: nothing to ask"
        yield Flaw(FILE, *place, "PL201", told)
    if warning := next((rule for rule in found.entries if rule.startswith("warn")), None):
        told = f"{warning} says what only would be nice; a requirement says what has to hold: write `{packages.RULE}`"
        yield Flaw(FILE, *place, "PL207", told)
    if "previous" in described.told.needs:
        yield Flaw(FILE, *place, "PL304", "custom.needs: the previous version is not shown to a requirement")
    read_of = needs.reads([found.module])
    yield from needs.undeclared(
        found.package.id, described.told, reads=read_of, uses=found.uses, names=Names(found.uses)
    )


def _refuse_parameters(found: Requirement, given: Mapping[str, Json]) -> None:
    try:
        size = len(orjson.dumps(given))
    except TypeError as reason:
        raise RequirementInvalid(f"the parameters cannot be written as JSON: {reason}") from None
    if size > LARGEST_PARAMETERS:
        raise RequirementInvalid(f"the parameters are longer than {LARGEST_PARAMETERS >> 10} KiB")
    merged = {**found.policy.defaults, **given}
    wrong = next(defaults.misfits(found.policy.parameters_schema, merged), None)
    if wrong is not None:
        raise RequirementInvalid(f"the parameters do not fit custom.parameters at {wrong}")
