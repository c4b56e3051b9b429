"""What would be done, in which order, and when is nothing done?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import make
import pytest

from engine.errors import PlanInvalid
from engine.provision.bindings import bound
from engine.provision.components import Component, in_order
from engine.provision.contract import faults
from engine.provision.naming import resource_id
from engine.provision.plan import Action, Target, plan, removal

LINE = "urn:dpds:org.example:dataproducts:orders:1"


@dataclass(frozen=True)
class Bound:
    adapter: str = "local-fs"
    platform: str = "*"
    type: str = "*"
    configuration: dict[str, Any] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    stage: str = ""


@dataclass(frozen=True)
class Dev:
    name: str = "dev"
    adapters: tuple[Bound, ...] = (Bound(),)
    tasks: str = "optional"
    order: int = 1


@dataclass(frozen=True)
class Stored:
    """A resource as the catalog remembers it after it was made as planned."""

    request: dict[str, Any]
    specification: str
    adapter: str = "local-fs"
    state: str = "ready"
    fingerprint: str = "as-made"


def described(
    *,
    infrastructure: Sequence[dict[str, Any]] = (),
    applications: Sequence[dict[str, Any]] = (),
    ports: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:
    return {
        "interfaceComponents": {"outputPorts": list(ports)},
        "internalComponents": {
            "infrastructuralComponents": list(infrastructure),
            "applicationComponents": list(applications),
        },
    }


STORE = {"name": "store", "platform": "aws:s3", "infrastructureType": "storage"}
FILL = {"name": "fill", "dependsOn": [f"{LINE}:infrastructure:store"], "providesTo": [f"{LINE}:outputports:placed"]}
PLACED = {"name": "placed", "promises": {"platform": "aws:s3", "api": {"specification": "datastoreapi"}}}
WHOLE = described(infrastructure=[STORE], applications=[FILL], ports=[PLACED])


def target(environment: Dev = Dev(), generation: int = 1, **identity: Any) -> Target:
    return Target("00000000-0000-4000-8000-000000000001", generation, make.identity(**identity), environment)


def planned(
    document: dict[str, Any], known: Sequence[Stored] = (), seen: dict[str, Any] | None = None, **to: Any
) -> Any:
    stored = {one.request["resource_id"]: one for one in known}
    there = {key: {"state": "present", "fingerprint": "as-made"} for key in stored}
    return plan(document, target(**to), known=stored, seen={**there, **(seen or {})})


def stored(action: Action, **changes: Any) -> Stored:
    return replace(Stored(dict(action.request), action.specification, action.adapter), **changes)


def told(made: Any) -> list[tuple[str, str]]:
    return [(one.request["component"]["name"], one.kind) for one in made.actions]


def test_components_come_after_what_they_depend_on_and_ports_after_their_providers() -> None:
    assert [one.name for one in in_order(WHOLE, make.identity())] == ["store", "fill", "placed"]


def test_an_edge_may_name_a_component_by_the_fqn_that_its_author_wrote() -> None:
    later = {"name": "later", "fullyQualifiedName": "urn:acme:anything:later"}
    first = {"name": "first", "dependsOn": ["urn:acme:anything:later"]}
    found = in_order(described(infrastructure=[first, later]), make.identity())
    assert [one.name for one in found] == ["later", "first"]


def test_consumers_come_after_their_sources_and_what_is_not_ours_is_no_edge() -> None:
    reads = {
        "name": "reads",
        "consumesFrom": [f"{LINE}:applications:makes", "urn:dpds:else:dataproducts:x:1:outputports:y"],
    }
    found = in_order(described(applications=[reads, {"name": "makes"}]), make.identity())
    assert [(one.name, one.depends_on) for one in found] == [
        ("makes", ()),
        ("reads", (f"{LINE}:applications:makes",)),
    ]


def test_a_cycle_is_refused_with_its_members() -> None:
    one = {"name": "one", "dependsOn": [f"{LINE}:infrastructure:two"]}
    two = {"name": "two", "dependsOn": [f"{LINE}:infrastructure:one"]}
    with pytest.raises(PlanInvalid, match=r"depend on each other: .*infrastructure:one"):
        in_order(described(infrastructure=[one, two]), make.identity())


def test_two_components_of_one_name_are_refused() -> None:
    with pytest.raises(PlanInvalid, match=r"two components are called .*infrastructure:store"):
        in_order(described(infrastructure=[STORE, STORE]), make.identity())


def test_an_empty_container_gets_everything_created_by_valid_requests() -> None:
    made = planned(WHOLE)
    assert told(made) == [("store", "create"), ("fill", "create"), ("placed", "create")]
    assert [faults("ResourceRequest", dict(one.request)) for one in made.actions] == [[], [], []]
    assert made.actions[0].request["component"] == {
        "fqn": f"{LINE}:infrastructure:store",
        "kind": "infrastructure",
        "name": "store",
        "platform": "aws:s3",
        "type": "storage",
    }


def test_running_a_plan_twice_does_nothing_the_second_time() -> None:
    known = [stored(one) for one in planned(WHOLE).actions]
    again = planned(WHOLE, known, generation=2, version="1.3.0")
    assert told(again) == [("store", "noop"), ("fill", "noop"), ("placed", "noop")]


def test_a_changed_component_is_updated_and_so_is_what_depends_on_it() -> None:
    known = [stored(one) for one in planned(WHOLE).actions]
    changed = described(infrastructure=[STORE | {"description": "more"}], applications=[FILL], ports=[PLACED])
    assert told(planned(changed, known)) == [("store", "update"), ("fill", "update"), ("placed", "update")]


@pytest.mark.parametrize(
    ("seen", "kind", "reason"),
    [
        ({"state": "absent"}, "create", "it is not there any more"),
        ({"state": "present", "fingerprint": "by-hand"}, "update", "what is there is not what was made"),
        (
            {"state": "present", "fingerprint": "as-made", "retained": True},
            "update",
            "what is there is not what was made",
        ),
        ({"state": "unknown", "reason": "no route"}, "update", "what is there is unknown: no route"),
    ],
)
def test_what_is_really_there_decides(seen: dict[str, Any], kind: str, reason: str) -> None:
    first = planned(WHOLE).actions
    made = planned(WHOLE, [stored(one) for one in first], {first[0].request["resource_id"]: seen})
    assert (made.actions[0].kind, made.actions[0].reason) == (kind, reason)


def test_a_resource_that_failed_is_made_again() -> None:
    first = planned(WHOLE).actions
    known = [stored(first[0]), stored(first[1], state="failed"), stored(first[2])]
    assert told(planned(WHOLE, known)) == [("store", "noop"), ("fill", "update"), ("placed", "update")]


def test_another_adapter_replaces_the_resource_and_says_so() -> None:
    known = [stored(one, adapter="duckdb") for one in planned(described(infrastructure=[STORE])).actions]
    made = planned(described(infrastructure=[STORE]), known).actions[0]
    assert (made.kind, made.replaces, made.destructive) == ("replace", "duckdb", True)


def test_what_the_descriptor_has_no_more_is_deleted_last_made_first_and_data_is_retained() -> None:
    known = [stored(one) for one in planned(WHOLE).actions]
    made = planned(described(infrastructure=[STORE]), known, generation=2)
    assert [(one.request["component"]["name"], one.kind, one.policy, one.destructive) for one in made.actions] == [
        ("store", "noop", "", False),
        ("placed", "delete", "retain", True),
        ("fill", "delete", "delete", True),
    ]
    assert {one.request["generation"] for one in made.actions} == {2}


def test_a_removal_deletes_everything_last_made_first() -> None:
    known = [stored(one) for one in planned(WHOLE).actions]
    made = removal(known, generation=3, policy="delete")
    assert told(made) == [("placed", "delete"), ("fill", "delete"), ("store", "delete")]
    assert {(one.policy, one.request["generation"]) for one in made.actions} == {("delete", 3)}


def test_the_digest_names_the_actions_and_nothing_else() -> None:
    same = planned(WHOLE).digest == planned(WHOLE).digest
    assert (same, planned(WHOLE).digest == planned(WHOLE, generation=2).digest) == (True, False)


def test_resource_ids_stay_for_a_minor_version_and_differ_per_major_and_environment() -> None:
    def ids(**to: Any) -> list[str]:
        return [one.request["resource_id"] for one in planned(WHOLE, **to).actions]

    assert ids() == ids(version="1.9.0", generation=7)
    assert ids()[0] == resource_id("dev", f"{LINE}:infrastructure:store")
    others = [ids(), ids(environment=Dev("prod")), ids(major=2, fqn=LINE[:-1] + "2")]
    assert len({one for listed in others for one in listed}) == 9


# --- tasks ------------------------------------------------------------------------------------------------------------

RUN = Bound("runner", "azure-*", "lifecycle-task")
STAGES = {
    "dev": [
        {"name": "last", "service": {"$href": "{azure-devops}"}},
        {"name": "second", "order": 2, "service": {"$href": "azure-devops"}, "configurations": {"a": 1}},
        {"name": "first", "order": 1, "service": {"$href": "azure-devops"}},
    ],
    "qa": [{"name": "x"}],
}


def staged(stages: dict[str, Any] = STAGES) -> dict[str, Any]:
    return {**WHOLE, "internalComponents": {**WHOLE["internalComponents"], "lifecycleInfo": stages}}


def test_tasks_that_no_adapter_is_bound_to_are_noted_in_their_order() -> None:
    made = planned(staged())
    assert [one.request["component"]["name"] for one in made.actions] == ["store", "fill", "placed"]
    assert made.notes == tuple(
        f"the task {name} of the stage dev is not carried out: no adapter is bound to it"
        for name in ("first", "second", "last")
    )


def test_tasks_come_after_the_components_each_with_all_that_came_before_it() -> None:
    made = planned(staged(), environment=Dev(adapters=(Bound(), RUN)))
    fqns = [one.request["component"]["fqn"] for one in made.actions]
    tasks = made.actions[3:]
    assert [one.request["component"] for one in tasks] == [
        {
            "fqn": f"{LINE}:tasks:dev:{name}",
            "kind": "task",
            "name": name,
            "platform": "azure-devops",
            "type": "lifecycle-task",
        }
        for name in ("first", "second", "last")
    ]
    assert [one.depends_on for one in tasks] == [tuple(fqns[:3]), tuple(fqns[:4]), tuple(fqns[:5])]
    assert ({one.adapter for one in tasks}, made.notes) == ({"runner"}, ())
    assert tasks[1].request["definition"] == STAGES["dev"][1]
    assert [(one.request["stage"], faults("ResourceRequest", one.request)) for one in tasks] == [("dev", [])] * 3


def test_a_task_is_carried_out_once_for_a_version_and_anew_for_the_next_one() -> None:
    environment = Dev(adapters=(Bound(), RUN))
    first = planned(staged(), environment=environment)
    known = [stored(one) for one in first.actions]
    again = planned(staged(), known, environment=environment, generation=2)
    assert {one.kind for one in again.actions} == {"noop"}
    newer = planned(staged(), known, environment=environment, generation=2, version="1.1.0")
    assert [one.kind for one in newer.actions] == ["noop", "noop", "noop", "update", "update", "update"]


def test_a_binding_for_everything_is_no_binding_for_tasks_and_one_for_tasks_none_for_components() -> None:
    adapters = (Bound(), Bound("other", "*", "*life*"), Bound("runner", "*", "lifecycle-task"))
    caught = planned(staged(), environment=Dev(adapters=adapters))
    assert [one.adapter for one in caught.actions if one.request["component"]["kind"] == "task"] == ["runner"] * 3
    with pytest.raises(PlanInvalid, match="no adapter"):
        planned(WHOLE, environment=Dev(adapters=(Bound("runner", "*", "lifecycle-task"),)))


def test_an_environment_may_require_that_every_task_is_carried_out() -> None:
    with pytest.raises(PlanInvalid, match=r"no adapter of the environment dev is bound to .*tasks:dev:first"):
        planned(staged(), environment=Dev(tasks="required"))


def test_two_tasks_of_one_name_are_refused_where_they_would_be_carried_out() -> None:
    stages = {"dev": [{"name": "x"}, {"name": "x"}]}
    assert len(planned(staged(stages)).notes) == 2
    with pytest.raises(PlanInvalid, match="two tasks of the stage dev are called x"):
        planned(staged(stages), environment=Dev(adapters=(Bound(), Bound("runner", "*", "lifecycle-task"))))


# --- builds -----------------------------------------------------------------------------------------------------------

BUILDER = Bound("builder", "*", "lifecycle-task", stage="build")
DIGEST = "sha256:" + "0" * 64


def built(first: Dev, **to: Any) -> Any:
    told = {"digest": DIGEST, "builds_in": first, **to}
    environment = told.pop("environment", first)
    aim = replace(target(environment=environment), **told)
    return plan(staged({"build": [{"name": "pack"}, {"name": "test"}]}), aim, known={}, seen={})


def test_what_is_built_is_asked_for_in_the_same_words_wherever_a_version_goes() -> None:
    first = Dev(adapters=(Bound(), BUILDER))
    here = built(first)
    there = built(first, environment=Dev("prod", order=2), generation=7, container_id=make.identity().id)
    assert [one.document() for one in here.builds] == [one.document() for one in there.builds]
    assert [(one.adapter, one.request["component"]["name"]) for one in here.builds] == [
        ("builder", "pack"),
        ("builder", "test"),
    ]
    assert {one.request["stage"] for one in here.builds} == {"build"}
    assert [faults("ResourceRequest", one.request) for one in here.builds] == [[], []]
    assert {one.built for one in here.actions} == {DIGEST}


def test_another_version_is_built_anew_and_makes_what_it_brings_anew() -> None:
    first = Dev(adapters=(Bound(), BUILDER))
    one, other = built(first), built(first, digest="sha256:" + "1" * 64)
    assert {action.request["resource_id"] for action in one.builds}.isdisjoint(
        action.request["resource_id"] for action in other.builds
    )
    specifications = [{action.specification for action in made.actions} for made in (one, other)]
    assert specifications[0].isdisjoint(specifications[1])


def test_what_was_built_before_is_not_built_again_whoever_is_bound_to_it_now() -> None:
    names = {f"{LINE}:tasks:build:pack", f"{LINE}:tasks:build:test"}
    made = built(Dev(), built=frozenset(names))
    assert (made.builds, {one.built for one in made.actions}) == ((), {DIGEST})


def test_a_component_is_built_by_who_is_bound_to_it_in_that_stage_and_made_by_another() -> None:
    packer = Bound("packer", "*", "batch", stage="build")
    document = described(applications=[{"name": "fill", "applicationType": "batch"}])
    made = plan(document, replace(target(), digest=DIGEST, builds_in=Dev(adapters=(packer,))), known={}, seen={})
    assert [(one.adapter, one.kind) for one in (*made.builds, *made.actions)] == [
        ("packer", "build"),
        ("local-fs", "create"),
    ]


def test_without_a_binding_for_it_nothing_is_built_and_tasks_of_the_stage_are_noted() -> None:
    made = built(Dev())
    assert (made.builds, {one.built for one in made.actions}) == ((), {""})
    assert made.notes[0] == "the task pack of the stage build is not carried out: no adapter is bound to it"


def test_references_to_secrets_belong_to_what_a_resource_is_asked_to_be() -> None:
    one, same, other = (
        planned(WHOLE, environment=Dev(adapters=(Bound(secrets={"password": told}),)))
        for told in ("env:A", "env:A", "env:B")
    )
    assert (one.digest == same.digest, one.digest == other.digest) == (True, False)
    assert one.actions[0].request["secrets"] == {"password": "env:A"}
    assert one.actions[0].specification != other.actions[0].specification


# --- bindings ---------------------------------------------------------------------------------------------------------


def component(**changes: Any) -> Component:
    told = {
        "fqn": "c",
        "kind": "infrastructure",
        "name": "c",
        "platform": "aws:s3",
        "type": "storage",
        "definition": {},
    }
    return Component(**{**told, **changes})


def test_the_narrowest_binding_wins() -> None:
    adapters = (Bound(), Bound("s3", "aws:*"), Bound("vault", "aws:*", "storage"), Bound("other", "azure:*", "*"))
    assert bound(component(), Dev(adapters=adapters)).adapter == "vault"


def test_equally_narrow_bindings_are_refused() -> None:
    adapters = (Bound("one", "aws:*"), Bound("two", "*:s3"))
    with pytest.raises(PlanInvalid, match=r"several bindings of the environment dev match .*: one, two"):
        bound(component(), Dev(adapters=adapters))


def test_a_component_may_choose_among_the_adapters_of_the_environment() -> None:
    adapters = (Bound("one", "aws:*"), Bound("two"))
    assert bound(component(definition={"x-upp-adapter": "two"}), Dev(adapters=adapters)).adapter == "two"


@pytest.mark.parametrize("definition", [{}, {"x-upp-adapter": "unbound"}])
def test_a_component_that_nothing_is_bound_to_is_refused(definition: dict[str, Any]) -> None:
    with pytest.raises(PlanInvalid, match="no adapter of the environment dev is bound to c"):
        bound(component(definition=definition), Dev(adapters=(Bound("one", "azure:*"),)))


def test_the_plan_as_json_keeps_actions_notes_and_digest() -> None:
    made = planned(described(infrastructure=[STORE]))
    assert made.document() == {"digest": made.digest, "actions": [made.actions[0].document()], "notes": []}
