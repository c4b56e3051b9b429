"""What would be done to bring a container to a version, and in which order?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from engine.errors import PlanInvalid
from engine.model import Identity, Json
from engine.provision.bindings import Binding, Surroundings, bound, perhaps
from engine.provision.building import Build, builds
from engine.provision.components import Component, in_order
from engine.provision.naming import digest_of, resource_id
from engine.provision.tasks import BUILD, KIND, lifecycle

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
    """Which container is to be brought to which version.

    `digest` is that of the version's descriptor; `builds_in` is the environment that builds versions (None: none does),
    and `built` are the fqns of what was built of this version before.
    """

    container_id: str
    generation: int
    identity: Identity
    environment: Surroundings
    digest: str = ""
    builds_in: Surroundings | None = None
    built: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Action:
    """One resource and what is done to it; `request` is the upp/1 ResourceRequest, `resolved` filled when applied.

    `replaces` is the adapter that made it before, `replaced_config` the configuration that it was made with. Its
    `secrets` are references; what they lead to is there for one call only. `replaced_secrets` are those of the adapter
    that made it before, which is told no others. `built` is the digest of a version whose artifacts it is given.
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
    replaced_secrets: Mapping[str, str] = field(default_factory=dict)
    depends_on: tuple[str, ...] = ()
    built: str = ""

    def document(self) -> dict[str, Json]:
        more: dict[str, Json] = {"built": self.built, "replaced_secrets": dict(self.replaced_secrets)}
        return {
            **{name: value for name, value in more.items() if value},
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

    The digest is of what is done to what: it leaves out why, what is built before, and which container it is, which a
    first deployment does not know before it begins. `builds` is what has to be built before the first of them, which no
    other deployment of the version has built.
    """

    actions: tuple[Action, ...]
    notes: tuple[str, ...] = ()
    builds: tuple[Action, ...] = ()
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", digest_of([_done(one) for one in self.actions]))

    def document(self) -> dict[str, Json]:
        """The plan as JSON: `{digest, actions: [...], notes: [...]}`, with `builds` where something is to be built."""
        told: dict[str, Json] = {"builds": [one.document() for one in self.builds]} if self.builds else {}
        actions = [one.document() for one in self.actions]
        return {"digest": self.digest, "actions": actions, "notes": list(self.notes), **told}


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
    built, unbuilt = builds(effective, target.identity, target.builds_in)
    bound_to, unbound = _bound(effective, target)
    is_built = target.digest if built or target.built else ""
    for component, binding in bound_to:
        changed = [fqn for fqn in component.depends_on if made[fqn].kind != "noop"]
        wish = _Wish(component, binding, is_built)
        made[component.fqn] = _wanted(wish, target, known=known, seen=seen, changed=changed)
    wanted = {one.request["resource_id"] for one in made.values()}
    surplus = [one for key, one in known.items() if key not in wanted]
    gone = [_unwanted(one, target) for one in reversed(surplus)]
    notes = (*_notes(BUILD, unbuilt), *_notes(target.environment.name, unbound))
    to_build = tuple(_built(one, target) for one in built if one.component.fqn not in target.built)
    return Plan((*made.values(), *gone), notes, to_build)


def removal(known: Sequence[Known], *, generation: int, policy: str) -> Plan:
    """The plan that removes every resource of a container, last made first."""
    return Plan(tuple(_removed(one, generation, policy, "the container is retired") for one in reversed(known)))


def _done(action: Action) -> dict[str, Json]:
    """What the digest of a plan covers of an action."""
    told = {name: value for name, value in action.document().items() if name != "reason"}
    container = {name: value for name, value in action.request["container"].items() if name != "id"}
    return {**told, "request": {**action.request, "container": container}}


@dataclass(frozen=True, slots=True)
class _Wish:
    """A component, the adapter that makes it, and the digest of its version where that is built."""

    component: Component
    binding: Binding
    built: str


def _bound(effective: Mapping[str, Json], target: Target) -> tuple[list[tuple[Component, Binding]], list[str]]:
    """The components, then the tasks of the stage, each with its adapter; and the names of tasks that none is bound to.

    A task comes after everything before it, so that all it brought forth is at hand.
    """
    environment, unbound = target.environment, list[str]()
    found = [(one, bound(one, environment)) for one in in_order(effective, target.identity)]
    for task in lifecycle(effective, target.identity, environment.name):
        binding = perhaps(task, environment)
        if binding is None and environment.tasks == "required":
            bound(task, environment)
        if binding is None:
            unbound.append(task.name)
            continue
        before = tuple(one.fqn for one, _ in found)
        if task.fqn in before:
            raise PlanInvalid(f"two tasks of the stage {environment.name} are called {task.name}")
        found.append((replace(task, depends_on=before), binding))
    return found, unbound


def _wanted(
    wish: _Wish,
    target: Target,
    *,
    known: Mapping[str, Known],
    seen: Mapping[str, Mapping[str, Json]],
    changed: Sequence[str],
) -> Action:
    adapter = wish.binding.adapter
    request = _request(wish.component, target, wish.binding)
    specification = _specification(wish, request)
    before = known.get(request["resource_id"])
    kind, reason = _change(before, seen.get(request["resource_id"]), adapter, specification, changed)
    replaces = before.adapter if before is not None and kind == "replace" else ""
    return Action(
        kind,
        reason,
        adapter,
        request,
        specification,
        destructive=bool(replaces),
        replaces=replaces,
        replaced_config=before.request["config"] if before is not None and replaces else {},
        replaced_secrets=before.request.get("secrets", {}) if before is not None and replaces else {},
        depends_on=wish.component.depends_on,
        built=wish.built,
    )


def _specification(wish: _Wish, request: Mapping[str, Json]) -> str:
    """What makes a resource another one; a task is carried out anew for every version, and so is what is built."""
    told = [wish.binding.adapter, request["component"], request["definition"], request["config"]]
    more: dict[str, Json] = {"built": wish.built, "secrets": request.get("secrets")}
    if wish.component.kind == KIND:
        more["version"] = request["container"]["version"]
    more = {name: value for name, value in more.items() if value}
    return digest_of([*told, more] if more else told)


def _built(build: Build, target: Target) -> Action:
    """What is asked of who builds: the same whichever deployment asks, so that it is made once."""
    component, binding = build.component, build.binding
    mine = digest_of([BUILD, target.digest])
    request = _request(component, replace(target, generation=1, container_id=resource_id(BUILD, mine)), binding)
    told = {"resource_id": resource_id(BUILD, f"{component.fqn}@{target.digest}"), "environment": build.environment}
    return Action(
        "build",
        "it was not built before",
        binding.adapter,
        {**request, **told, "stage": BUILD},
        depends_on=build.after,
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
    more: dict[str, Json] = {"secrets": dict(binding.secrets)} if binding.secrets else {}
    if component.kind == KIND:
        more["stage"] = target.environment.name
    return {
        **more,
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


def _notes(stage: str, unbound: Sequence[str]) -> tuple[str, ...]:
    return tuple(
        f"the task {name} of the stage {stage} is not carried out: no adapter is bound to it" for name in unbound
    )
