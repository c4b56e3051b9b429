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


def wrong_parameters(
    assignment: Assignment, policy: Policy, assignments: Sequence[Assignment] = ()
) -> Iterator[tuple[Path, str]]:
    """What is wrong with the parameters: pairs of path and message (unknown, of the wrong shape, not local).

    Those of a domain lie on top of what the mesh sets, so each set that the mesh may give here is tried below them.
    """
    schema = policy.parameters_schema
    properties = schema.get("properties", {})
    for name in assignment.parameters:
        if name not in properties and not schema.get("additionalProperties") and "patternProperties" not in schema:
            yield (name,), f"{policy.id} has no parameter `{name}`; it has {_listed(properties)}"
        elif _reserved(assignment, policy) and not _local(properties.get(name)):
            yield (name,), f"the domain {assignment.scope} may not set `{name}` of {policy.id}: it is not local"
    if assignment.parameters and schema:
        yield from _misshapen(assignment, policy, assignments)


def _misshapen(assignment: Assignment, policy: Policy, assignments: Sequence[Assignment]) -> Iterator[tuple[Path, str]]:
    try:
        checker = validator(policy.parameters_schema)
    except ValueError as reason:
        yield (), f"the parameter schema of {policy.id} is itself wrong: {str(reason).splitlines()[0]}"
        return
    own = [
        (tuple(error.instance_path), f"{error.message} (parameter of {policy.id})")
        for error in checker.iter_errors(_union(policy.defaults, assignment.parameters))
    ]
    yield from own
    for mesh in () if own else _below(assignment, assignments):
        both = {**mesh.parameters, **assignment.parameters}
        for error in checker.iter_errors(_union(policy.defaults, both)):
            where = f"{mesh.file}:{mesh.line}"
            yield tuple(error.instance_path), f"{error.message} (parameter of {policy.id}, on top of {where})"


def _below(domain: Assignment, assignments: Sequence[Assignment]) -> Iterator[Assignment]:
    """The assignments of the mesh whose parameters may lie below those of this one of a domain."""
    for one in () if domain.of_the_mesh else assignments:
        if one.policy == domain.policy and one.of_the_mesh and one.parameters and one.match.meets(domain.where):
            yield one


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
        if one.policy != policy.id or not one.of_the_mesh or not one.match.meets(domain.where):
            continue
        levels.append(one.enforcement)
        if one.exclude is None and one.match.covers(domain.where):
            return max(levels, key=lambda level: level.rank)
    if owned_by_mesh(policy):
        levels.append(policy.enforcement)
    return max(levels, key=lambda level: level.rank, default=None)
