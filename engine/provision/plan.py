"""What would be done to bring a container to a version, and in which order?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from engine.model import Identity, Json
from engine.provision.bindings import Binding, Surroundings, bound
from engine.provision.components import Component, in_order, tasks
from engine.provision.naming import digest_of, resource_id

KEPT_KINDS = ("infrastructure", "outputport")
"""Resources that may hold data: removing them from a descriptor retains the data (provisioning §2.6)."""


class Known(Protocol):
    """A resource as the catalog remembers it."""

    @property
    def adapter(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def specification(self) -> str: ...
    @property
    def fingerprint(self) -> str: ...
    @property
    def request(self) -> Mapping[str, Json]: ...


@dataclass(frozen=True, slots=True)
class Target:
    """Which container is to be brought to which version."""

    container_id: str
    generation: int
    identity: Identity
    environment: Surroundings


@dataclass(frozen=True, slots=True)
class Action:
    """One resource and what is done to it; `request` is the upp/1 ResourceRequest, `resolved` filled when applied.

    `replaces` is the adapter that made it before, `replaced_config` the configuration that it was made with.
    """

    kind: str
    reason: str
    adapter: str
    request: Mapping[str, Json]
    specification: str = ""
    destructive: bool = False
    policy: str = ""
    replaces: str = ""
    replaced_config: Mapping[str, Json] = field(default_factory=dict)
    depends_on: tuple[str, ...] = ()

    def document(self) -> dict[str, Json]:
        return {
            "action": self.kind,
            "reason": self.reason,
            "adapter": self.adapter,
            "destructive": self.destructive,
            "policy": self.policy,
            "replaces": self.replaces,
            "replaced_config": dict(self.replaced_config),
            "specification": self.specification,
            "depends_on": list(self.depends_on),
            "request": dict(self.request),
        }


@dataclass(frozen=True, slots=True)
class Plan:
    """The actions in order; `notes` says what of the descriptor no action carries out.

    The digest is of what is done to what: it leaves out why, and which container it is, which a first deployment does
    not know before it begins.
    """

    actions: tuple[Action, ...]
    notes: tuple[str, ...] = ()
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", digest_of([_done(one) for one in self.actions]))

    def document(self) -> dict[str, Json]:
        """The plan as JSON: `{digest, actions: [...], notes: [...]}`."""
        actions = [one.document() for one in self.actions]
        return {"digest": self.digest, "actions": actions, "notes": list(self.notes)}


def plan(
    effective: Mapping[str, Json],
    target: Target,
    *,
    known: Mapping[str, Known],
    seen: Mapping[str, Mapping[str, Json]],
) -> Plan:
    """The plan for a container, pure: `known` are its resources by id, `seen` what adapters observe of them.

    Raises PlanInvalid for cycles, unbound and ambiguously bound components.
    """
    made: dict[str, Action] = {}
    for component in in_order(effective, target.identity):
        changed = [fqn for fqn in component.depends_on if made[fqn].kind != "noop"]
        made[component.fqn] = _wanted(component, target, known=known, seen=seen, changed=changed)
    wanted = {one.request["resource_id"] for one in made.values()}
    surplus = [one for key, one in known.items() if key not in wanted]
    gone = [_unwanted(one, target) for one in reversed(surplus)]
    return Plan((*made.values(), *gone), _notes(effective, target))


def removal(known: Sequence[Known], *, generation: int, policy: str) -> Plan:
    """The plan that removes every resource of a container, last made first."""
    return Plan(tuple(_removed(one, generation, policy, "the container is retired") for one in reversed(known)))


def _done(action: Action) -> dict[str, Json]:
    """What the digest of a plan covers of an action."""
    told = {name: value for name, value in action.document().items() if name != "reason"}
    container = {name: value for name, value in action.request["container"].items() if name != "id"}
    return {**told, "request": {**action.request, "container": container}}


def _wanted(
    component: Component,
    target: Target,
    *,
    known: Mapping[str, Known],
    seen: Mapping[str, Mapping[str, Json]],
    changed: Sequence[str],
) -> Action:
    binding = bound(component, target.environment)
    request = _request(component, target, binding)
    specification = digest_of([binding.adapter, request["component"], request["definition"], request["config"]])
    before = known.get(request["resource_id"])
    kind, reason = _change(before, seen.get(request["resource_id"]), binding.adapter, specification, changed)
    replaces = before.adapter if before is not None and kind == "replace" else ""
    return Action(
        kind,
        reason,
        binding.adapter,
        request,
        specification,
        destructive=bool(replaces),
        replaces=replaces,
        replaced_config=before.request["config"] if before is not None and replaces else {},
        depends_on=component.depends_on,
    )


def _change(
    before: Known | None,
    seen: Mapping[str, Json] | None,
    adapter: str,
    specification: str,
    changed: Sequence[str],
) -> tuple[str, str]:
    """The action for a wanted resource and why."""
    if before is None or seen is None or seen["state"] == "absent":
        return "create", "nothing is there" if before is None else "it is not there any more"
    if before.adapter != adapter:
        return "replace", f"another adapter makes it now ({before.adapter} before)"
    if seen["state"] == "unknown":
        return "update", f"what is there is unknown: {seen['reason']}"
    if seen["fingerprint"] != before.fingerprint or seen.get("retained"):
        return "update", "what is there is not what was made"
    if before.specification != specification or before.state != "ready":
        return "update", "the component or its configuration changed"
    if changed:
        return "update", f"what it depends on changes: {', '.join(changed)}"
    return "noop", "already as asked"


def _request(component: Component, target: Target, binding: Binding) -> dict[str, Json]:
    identity = target.identity
    return {
        "resource_id": resource_id(target.environment.name, component.fqn),
        "generation": target.generation,
        "environment": target.environment.name,
        "container": {
            "id": target.container_id,
            "product": identity.fqn,
            "domain": identity.domain,
            "name": identity.name,
            "major": identity.major,
            "version": identity.version,
        },
        "component": component.body(),
        "definition": dict(component.definition),
        "resolved": {},
        "config": dict(binding.configuration),
    }


def _unwanted(one: Known, target: Target) -> Action:
    policy = "retain" if one.request["component"]["kind"] in KEPT_KINDS else "delete"
    return _removed(one, target.generation, policy, "the descriptor has it no more")


def _removed(one: Known, generation: int, policy: str, reason: str) -> Action:
    request = {**one.request, "generation": generation}
    return Action("delete", reason, one.adapter, request, destructive=True, policy=policy)


def _notes(effective: Mapping[str, Json], target: Target) -> tuple[str, ...]:
    stage = target.environment.name
    return tuple(
        f"the task {name} of the stage {stage} is not carried out: no adapter runs lifecycle tasks yet"
        for name in tasks(effective, stage)
    )
