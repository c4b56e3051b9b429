"""Does every port that runs get exactly the grants that hold, whatever happens to its worker, adapter and container?"""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from deploy_stage import DEPLOYER, Stage, document
from granting_mesh import ANA, LINE, Gate, Mesh, let_claims_run_out

from api.flows.access import requesting
from api.flows.access.wish import Wish
from catalog.access import Sought
from engine.policy.environments import Binding


@pytest.fixture
def mesh(staged: Callable[..., Stage], gate: Gate) -> Mesh:
    stage = staged(adapters={"gate": lambda config: gate}, bindings=(Binding("gate"),))
    for version in ("1.0.0", "1.1.0"):
        content = copy.deepcopy(document(version))
        content["interfaceComponents"]["outputPorts"][0]["description"] = f"as of {version}"
        stage.accept(content)
    return Mesh(stage, gate)


def test_what_is_approved_is_let_in_as_a_full_set_and_shrinks_when_it_is_revoked(mesh: Mesh, gate: Gate) -> None:
    with mesh.stage.working():
        container = mesh.deploy()
        ana, fraud = mesh.grant(), mesh.grant("group:fraud")
        assert mesh.effects()["user:ana"] == ("waiting", "a worker will let the subject in")
        mesh.settle()
        assert mesh.readers(container) == ["group:fraud", "user:ana"]
        assert mesh.effects() == {"user:ana": ("in_effect", ""), "group:fraud": ("in_effect", "")}
        mesh.step("revoke", ana)
        mesh.settle()
        assert (mesh.readers(container), mesh.effects()["user:ana"]) == (["group:fraud"], ("none", ""))
        mesh.step("revoke", fraud)
        mesh.settle()
    assert mesh.readers(container) == []
    assert [names for _, names in gate.calls] == [["group:fraud", "user:ana"], ["group:fraud"], []]
    assert [told for _, told in mesh.told("access.applied")] == [["group:fraud", "user:ana"], ["group:fraud"], []]


def test_access_ends_at_its_moment(mesh: Mesh) -> None:
    with mesh.stage.working():
        container = mesh.deploy()
    ends = mesh.now + timedelta(hours=1)
    mesh.grant(until=ends.isoformat())
    mesh.grant("group:fraud")
    mesh.settle()
    mesh.now = ends - timedelta(microseconds=1)
    mesh.settle()
    assert mesh.readers(container) == ["group:fraud", "user:ana"]
    mesh.now = ends
    mesh.settle()
    assert mesh.readers(container) == ["group:fraud"]
    assert [kind for kind, _ in mesh.told("access.expired")] == ["access.expired"]
    assert (
        mesh.house.access_requests.page(Sought(states=["expired"]), principal=DEPLOYER).items[0].subject == "user:ana"
    )


def test_a_request_that_nobody_decided_on_ends_too(mesh: Mesh) -> None:
    made = requesting.request(Wish(LINE, "placed", "dev", "user:ana"), principal=ANA, house=mesh.house)
    mesh.now += timedelta(days=365)
    mesh.settle()
    assert mesh.house.access_requests.one(made.id, principal=DEPLOYER).state == "expired"


def test_a_redeployment_and_a_container_made_anew_get_their_grants_again(mesh: Mesh, gate: Gate) -> None:
    with mesh.stage.working():
        container = mesh.deploy()
        mesh.grant()
        mesh.settle()
        mesh.deploy("1.1.0")
        mesh.settle()
        assert gate.calls[-1] == (2, ["user:ana"])
        mesh.stage.ended(mesh.stage.retire(container).deployment_id)
        mesh.settle()
        assert gate.calls[-1] == (3, [])  # data is kept, and nobody may go on reading it
        assert mesh.effects()["user:ana"][0] == "waiting"
        again = mesh.deploy("1.1.0")
        mesh.settle()
    assert (again != container, mesh.readers(again)) == (True, ["user:ana"])


def test_what_was_given_is_no_drift_and_a_deployment_after_it_changes_nothing(mesh: Mesh, gate: Gate) -> None:
    with mesh.stage.working():
        container = mesh.deploy()
        mesh.grant()
        mesh.settle()
        port = mesh.port(container)
        assert port["fingerprint"] == gate.observe(port["request"])["fingerprint"]
        calls = len(gate.calls)
        mesh.deploy("1.1.0")
    found = mesh.stage.container(container)
    assert (found["status"], found["in_sync"], len(gate.calls)) == ("active", True, calls)


def test_a_port_that_had_drifted_before_is_still_seen_to_have_drifted(mesh: Mesh, gate: Gate) -> None:
    with mesh.stage.working():
        container = mesh.deploy()
    port = mesh.port(container)
    (gate._place(port["request"]) / "component.json").write_text("by hand")
    mesh.grant()
    mesh.settle()
    assert mesh.readers(container) == ["user:ana"]
    assert mesh.port(container)["fingerprint"] == port["fingerprint"]


def test_a_worker_that_dies_after_the_adapter_did_it_leaves_what_the_next_one_does_again(
    mesh: Mesh, gate: Gate
) -> None:
    with mesh.stage.working():
        container = mesh.deploy()
    mesh.grant()
    gate.answers = ["die"]
    with pytest.raises(KeyboardInterrupt):
        mesh.settle()
    assert mesh.readers(container) == ["user:ana"]
    assert not mesh.another().round()  # the claim of the dead still holds
    let_claims_run_out(mesh)
    mesh.settle(mesh.another())
    assert gate.calls == [(1, ["user:ana"])] * 2
    port = mesh.port(container)
    assert port["fingerprint"] == gate.observe(port["request"])["fingerprint"]
    assert mesh.effects()["user:ana"] == ("in_effect", "")


def test_what_a_worker_does_after_its_claim_ran_out_is_put_right(mesh: Mesh, gate: Gate) -> None:
    with mesh.stage.working():
        container = mesh.deploy()
    ana = mesh.grant()
    other, asked = mesh.another(), gate.set_access

    def late(ref: dict[str, Any], grants: list[dict[str, Any]]) -> dict[str, Any]:
        gate.set_access = asked  # type: ignore[method-assign]
        let_claims_run_out(mesh)
        mesh.step("revoke", ana)
        mesh.settle(other)  # somebody else takes over, and shuts her out
        assert mesh.readers(container) == []
        return asked(ref, grants)  # and only now the first one lets her in

    gate.set_access = late  # type: ignore[method-assign]
    mesh.settle()
    assert mesh.readers(container) == []
    assert [names for _, names in gate.calls] == [[], ["user:ana"], []]


def test_an_adapter_that_fails_is_asked_again_later_and_the_failure_is_news_once(mesh: Mesh, gate: Gate) -> None:
    with mesh.stage.working():
        container = mesh.deploy()
    mesh.grant()
    gate.answers = ["TRANSIENT", "TIMEOUT", "TRANSIENT"]
    mesh.granting.round()
    assert mesh.effects()["user:ana"] == ("failed", "TRANSIENT: gate: a bad day")
    for _ in range(200):
        mesh.granting.round()
        if mesh.readers(container):
            break
    mesh.settle()
    assert (mesh.readers(container), len(gate.calls)) == (["user:ana"], 4)
    assert len(mesh.told("access.failed")) <= 3


def test_one_whom_the_platform_does_not_know_keeps_nobody_else_in(mesh: Mesh, gate: Gate) -> None:
    with mesh.stage.working():
        container = mesh.deploy()
    ana, _ = mesh.grant(), mesh.grant("group:fraud")
    mesh.settle()
    gate.unknown = {"user:ghost"}
    mesh.grant("user:ghost")
    mesh.step("revoke", ana)
    mesh.settle()
    assert mesh.readers(container) == ["group:fraud"]
    assert mesh.effects()["user:ghost"] == ("failed", "INVALID: gate: nobody knows ['user:ghost']")
    assert mesh.effects()["group:fraud"] == ("in_effect", "")
    gate.unknown = set()
    mesh.grant("group:more")
    mesh.settle()
    assert mesh.readers(container) == ["group:fraud", "group:more", "user:ghost"]


def test_what_takes_its_time_is_followed_to_its_end(mesh: Mesh, gate: Gate) -> None:
    with mesh.stage.working():
        container = mesh.deploy()
    ana = mesh.grant()
    gate.answers = ["pending"]
    mesh.granting.round()
    assert (mesh.readers(container), mesh.effects()["user:ana"][0]) == ([], "waiting")
    mesh.step("revoke", ana)  # while it goes on
    for _ in range(200):
        mesh.granting.round()
    assert [names for _, names in gate.calls] == [["user:ana"], []]
    assert mesh.readers(container) == []


def test_an_adapter_without_access_is_told_honestly(staged: Callable[..., Stage]) -> None:
    stage = staged()
    stage.accept(document())
    mesh = Mesh(stage, None)
    with stage.working():
        container = mesh.deploy()
    mesh.grant()
    mesh.settle()
    why = "granted in the catalog, not enforced by the adapter local-fs"
    assert mesh.effects()["user:ana"] == ("catalog_only", why)
    assert mesh.told("access.unsupported") == [("access.unsupported", why)]
    told = {"port": "placed", "adapter": "local-fs", "state": "unsupported", "subjects": (), "wanted": ("user:ana",)}
    assert stage.container(container)["access"] == [{**told, "reason": why}]


def test_a_container_that_is_being_deployed_is_left_alone_until_that_ended(mesh: Mesh, gate: Gate) -> None:
    with mesh.stage.working():
        container = mesh.deploy()
    mesh.grant()
    waiting = mesh.stage.ask("1.1.0")  # nobody works on it
    mesh.settle()
    assert gate.calls == []
    with mesh.stage.working():
        mesh.stage.ended(waiting.deployment_id)
    mesh.settle()
    assert (mesh.readers(container), [names for _, names in gate.calls]) == (["user:ana"], [["user:ana"]])


def test_a_grant_for_a_port_that_a_rollback_takes_away_waits_and_lets_nobody_in(mesh: Mesh, gate: Gate) -> None:
    more = copy.deepcopy(document("1.2.0"))
    ports = more["interfaceComponents"]["outputPorts"]
    ports.append({**ports[0], "name": "other"})
    mesh.stage.accept(more)
    with mesh.stage.working():
        container = mesh.deploy("1.2.0")
        mesh.grant(port="other")
        mesh.settle()
        assert mesh.effects()["user:ana"] == ("in_effect", "")
        back = mesh.stage.ask("1.0.0", rollback=True, consent=True)
        assert mesh.stage.ended(back.deployment_id)["state"] == "succeeded"
        mesh.settle()
        assert gate.calls[-1] == (2, [])
        why = f"nothing of {LINE} that runs in dev has the port other"
        assert mesh.effects()["user:ana"] == ("waiting", why)
        assert mesh.deploy("1.2.0") == container
        mesh.settle()
    assert (gate.calls[-1], mesh.effects()["user:ana"]) == ((3, ["user:ana"]), ("in_effect", ""))


def test_nothing_is_asked_of_the_database_twice_while_nothing_happens(mesh: Mesh, gate: Gate) -> None:
    with mesh.stage.working():
        mesh.deploy()
    mesh.grant()
    mesh.settle()
    calls = len(gate.calls)
    for _ in range(5):
        assert not mesh.granting.round()
    assert len(gate.calls) == calls
