"""What may the assignments of a domain change about the policies of the mesh?

A domain may tighten, and set parameters that the policy marks `local: true`; loosening is refused when the folder is
loaded (DESIGN §4, Enforcement).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from engine.model import Enforcement, Json, Path, Policy
from engine.policy.assignments import Assignment
from engine.policy.selection import owned_by_mesh
from engine.policy.sheets import validator


def loosening(domain: Assignment, policy: Policy, assignments: Sequence[Assignment]) -> str:
    """How this assignment of a domain would soften what the mesh says of the same situations; `""` if it does not."""
    asked, said = domain.enforcement, _mesh_level(domain, policy, assignments)
    if said is None or said.rank <= asked.rank:
        return ""
    return f"the domain {domain.scope} may not loosen {policy.id}: the mesh says {said}, this says {asked}"


def wrong_parameters(assignment: Assignment, policy: Policy) -> Iterator[tuple[Path, str]]:
    """What is wrong with the parameters: pairs of path and message (unknown, of the wrong shape, not local)."""
    schema = policy.parameters_schema
    properties = schema.get("properties", {})
    for name in assignment.parameters:
        if name not in properties and not schema.get("additionalProperties") and "patternProperties" not in schema:
            yield (name,), f"{policy.id} has no parameter `{name}`; it has {_listed(properties)}"
        elif _reserved(assignment, policy) and not _local(properties.get(name)):
            yield (name,), f"the domain {assignment.scope} may not set `{name}` of {policy.id}: it is not local"
    if assignment.parameters and schema:
        yield from _misshapen(assignment, policy)


def _misshapen(assignment: Assignment, policy: Policy) -> Iterator[tuple[Path, str]]:
    try:
        checker = validator(policy.parameters_schema)
    except ValueError as reason:
        yield (), f"the parameter schema of {policy.id} is itself wrong: {str(reason).splitlines()[0]}"
        return
    for error in checker.iter_errors(_union(policy.defaults, assignment.parameters)):
        yield tuple(error.instance_path), f"{error.message} (parameter of {policy.id})"


def _union(defaults: Mapping[str, Json], parameters: Mapping[str, Json]) -> dict[str, Json]:
    """The defaults with the parameters on top, as `object.union` joins them in the policy."""
    both = {
        key: _union(defaults[key], value)
        for key, value in parameters.items()
        if isinstance(value, Mapping) and isinstance(defaults.get(key), Mapping)
    }
    return {**defaults, **parameters, **both}


def _reserved(assignment: Assignment, policy: Policy) -> bool:
    return not assignment.of_the_mesh and owned_by_mesh(policy)


def _local(schema: Json) -> bool:
    return isinstance(schema, Mapping) and schema.get("local") is True


def _listed(properties: Mapping[str, Json]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(properties)) or "none"


def _mesh_level(domain: Assignment, policy: Policy, assignments: Sequence[Assignment]) -> Enforcement | None:
    """The hardest level that the mesh may give in a situation in which the domain's assignment holds."""
    levels = []
    for one in assignments:
        if one.policy != policy.id or not one.of_the_mesh or not _may_meet(one, domain):
            continue
        levels.append(one.enforcement)
        if _covers(one, domain):
            return max(levels, key=lambda level: level.rank)
    if owned_by_mesh(policy):
        levels.append(policy.enforcement)
    return max(levels, key=lambda level: level.rank, default=None)


def _may_meet(mesh: Assignment, domain: Assignment) -> bool:
    """Whether both can hold at once; tags and products are not told apart, a product may have several."""
    return all(
        not getattr(mesh.match, key)
        or not getattr(domain.where, key)
        or set(getattr(mesh.match, key)) & set(getattr(domain.where, key))
        for key in ("domains", "environments", "events")
    )


def _covers(mesh: Assignment, domain: Assignment) -> bool:
    """Whether the mesh's assignment holds wherever the domain's does, so that no later one is reached."""
    return mesh.exclude is None and mesh.match.covers(domain.where)
