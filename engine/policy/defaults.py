"""Which parameters does each policy have by itself, and do they fit what its author says of them?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import jsonschema_rs

from engine.model import Json
from engine.policy.flaws import Flaw
from engine.policy.inspection import Described
from engine.policy.packages import Package
from engine.policy.worker import Worker

RULE = "defaults"
_REFERENCES = frozenset({"$ref", "$dynamicRef", "$recursiveRef"})


def values(worker: Worker, revision: str, packages: Sequence[Package], *, seconds: float) -> Mapping[str, Json]:
    """The value of every rule `defaults` by policy id, as regorus evaluates it: None where it is undefined.

    Raises Refused where one of them cannot be evaluated without an input.
    """
    asked = [one.id for one in packages if any(definition.name == RULE for _, definition in one.definitions)]
    if not asked:
        return {}
    # A comprehension for each, so that one that is undefined does not leave all of them undefined.
    question = "{" + ",\n".join(f'"{id}": [x | x := data.{id}.{RULE}]' for id in asked) + "}"
    found = worker.evaluate(revision, question, b"{}", seconds=seconds) or {}
    return {id: next(iter(found.get(id, ())), None) for id in asked}


def unfit(policy: Described, given: Mapping[str, Json]) -> Iterator[Flaw]:
    """What of the defaults is no object, or not as the schema of the parameters says."""
    if policy.package.id in given and not isinstance(given[policy.package.id], dict):
        yield _flaw(policy, "the rule defaults must be an object that needs no input")
        return
    try:
        validator = jsonschema_rs.validator_for(dict(policy.told.parameters), retriever=_refuse)
    except (ValueError, jsonschema_rs.ValidationError) as reason:
        place = policy.block.place(("custom", "parameters"))
        yield Flaw(str(policy.source.file), *place, "PL306", f"custom.parameters is no JSON Schema: {reason}")
        return
    for error in validator.iter_errors(dict(given.get(policy.package.id, {}))):
        where = "/".join(map(str, error.instance_path))
        yield _flaw(policy, f"defaults do not fit custom.parameters at /{where}: {error.message}")


def misfits(schema: Mapping[str, Json], parameters: Mapping[str, Json]) -> Iterator[str]:
    """What of these parameters is not as a schema says that anybody may have sent.

    No pattern of it takes more than time that grows with the text, and nothing that refers to something else may stand
    in it: such a schema could call for exponential work. Raises ValueError for a schema that cannot be used.
    """
    if refers(schema):
        raise ValueError("a schema that somebody sends may not refer to other schemas ($ref, $dynamicRef)")
    linear = jsonschema_rs.RegexOptions()
    try:
        validator = jsonschema_rs.validator_for(dict(schema), retriever=_refuse, pattern_options=linear)
    except jsonschema_rs.ValidationError as reason:
        raise ValueError(str(reason.message)) from None
    for error in validator.iter_errors(dict(parameters)):
        yield f"/{'/'.join(map(str, error.instance_path))}: {error.message}"


def refers(schema: Json) -> bool:
    """Whether anything in the schema is named as a reference to another schema."""
    pending = [schema]
    while pending:
        node = pending.pop()
        if isinstance(node, Mapping):
            if not _REFERENCES.isdisjoint(node):
                return True
            pending += node.values()
        elif isinstance(node, Sequence) and not isinstance(node, str):
            pending += node
    return False


def _flaw(policy: Described, msg: str) -> Flaw:
    """A flaw at the rule `defaults`, where there is one, else at the package."""
    rules = ((module, one.start) for module, one in policy.package.definitions if one.name == RULE)
    first = policy.package.modules[0][0]
    module, start = next(rules, (first, first.start))
    return Flaw(module.path, *module.place(start), "PL307", msg)


def _refuse(uri: str) -> Json:
    raise ValueError(f"{uri} is not fetched")
