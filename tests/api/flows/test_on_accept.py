"""Is everything that is accepted, and nothing else, deployed where an environment wants that, once, whatever dies?"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import dying_follower
import pytest
import rego
from changing_mesh import LINE, Mesh, sent
from doors import product

from api.auth.permissions import LOCAL
from api.flows import on_accept
from api.flows.submit import submit
from api.wiring import House
from catalog.containers import Containers
from engine.descriptor import Parts, Submission
from engine.errors import PolicyEngineUnavailable
from engine.model import Principal

SAM = Principal("sam", frozenset({"submitter"}))
ACCEPTING = "- name: dev\n  on_accept: deploy\n- name: prod\n"
BOTH = "- name: dev\n  on_accept: deploy\n- name: prod\n  on_accept: deploy\n"


def house_of(mesh: Mesh, environments: str = ACCEPTING) -> House:
    mesh.govern("environments", environments)
    house = mesh.house()
    _ = house.durable
    on_accept.begin(house)
    return house


def put(house: House, name: str = "parcels", version: str = "1.0.0", by: Principal = SAM) -> None:
    content = Parts({"product.yaml": product(name, version)})
    submit(Submission("product.yaml", content), principal=by, house=house)


def followed(house: House) -> int:
    rounds = 0
    while on_accept.follow(house):
        rounds += 1
        assert rounds < 50, "it never ends"
    return rounds


def deployments(house: House) -> list[tuple[str, str, str]]:
    """Version, environment and requester of every deployment, by environment."""
    containers = Containers(house.database)
    return [
        (one.version, one.environment, one.principal)
        for held in containers.page(principal=LOCAL).items
        for one in containers.deployments(held.id, principal=LOCAL)
    ]


def told(house: House, kind: str) -> list[dict[str, Any]]:
    return [one.payload for one in house.changes.after(0, principal=LOCAL, limit=1000) if one.kind == kind]


def test_what_is_accepted_is_deployed_in_the_name_of_who_submitted_it_and_says_why(mesh: Mesh) -> None:
    house = house_of(mesh)
    put(house)
    assert deployments(house) == [], "a submission waits for nothing"
    assert followed(house) == 1
    assert deployments(house) == [("1.0.0", "dev", "sam")]
    assert [one["cause"] for one in told(house, "deployment.requested")] == ["on_accept"]
    assert followed(house) == 0


def test_an_equal_submission_again_and_what_is_rejected_deploy_nothing(mesh: Mesh) -> None:
    house = house_of(mesh)
    put(house)
    followed(house)
    put(house)
    assert (followed(house), len(deployments(house))) == (0, 1)


def test_what_was_accepted_before_an_environment_wanted_it_stays_where_it_is(mesh: Mesh) -> None:
    house = house_of(mesh, "- name: dev\n- name: prod\n")
    put(house)
    later = house_of(mesh, BOTH)
    put(later, "orders")
    followed(later)
    assert deployments(later) == [("1.0.0", "dev", "sam"), ("1.0.0", "prod", "sam")]
    here = Containers(later.database).page(principal=LOCAL).items
    assert {one.fqn for one in here} == {LINE.format("orders")}


def test_a_refusal_is_told_in_the_feed_and_the_next_version_is_looked_at(mesh: Mesh) -> None:
    house = house_of(mesh)
    put(house)
    put(house, version="1.1.0")
    put(house, "orders")
    assert followed(house) == 3
    [refused] = told(house, "deployment.refused")
    assert {name: refused[name] for name in ("version", "environment", "code", "cause")} == {
        "version": "1.1.0",
        "environment": "dev",
        "code": "container-occupied",
        "cause": "on_accept",
    }
    assert "occupied" in refused["reason"]
    assert deployments(house) == [("1.0.0", "dev", "sam"), ("1.0.0", "dev", "sam")]


def test_what_the_environment_does_not_clear_is_told_with_the_reason(mesh: Mesh) -> None:
    only_deploy = rego.ANNOTATIONS.replace("category: test", "category: test\n#   events: [deploy]")
    mesh.policy("never", rego.violation("input.info.name"), only_deploy)
    house = house_of(mesh)
    put(house)
    followed(house)
    assert ([one["code"] for one in told(house, "deployment.refused")], deployments(house)) == (["not-cleared"], [])


def test_who_may_not_write_in_the_domain_that_has_the_product_by_then_deploys_nothing(
    mesh: Mesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = house_of(mesh)
    put(house)
    monkeypatch.setattr("api.flows.deploy.domain_now", lambda connection, product: "finance")
    followed(house)
    assert ([one["code"] for one in told(house, "deployment.refused")], deployments(house)) == (["forbidden"], [])


def test_an_engine_that_does_not_work_is_no_answer_and_nothing_is_passed_over(
    mesh: Mesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = house_of(mesh)
    put(house)

    class Down:
        def __getattr__(self, name: str) -> Any:
            raise PolicyEngineUnavailable("it is down")

    works = house.engine
    house.__dict__["engine"] = Down()
    with pytest.raises(PolicyEngineUnavailable):
        on_accept.follow(house)
    assert house.follower.once() is False, "it rests, and its thread goes on"
    house.__dict__["engine"] = works
    assert followed(house) == 1
    assert len(deployments(house)) == 1


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_follower_that_is_killed_at_the_commit_loses_nothing_and_repeats_nothing(mesh: Mesh, when: str) -> None:
    house = house_of(mesh)
    put(house)
    command = [sys.executable, dying_follower.__file__, str(mesh.folder), mesh.flags.get("database_url", ""), when]
    root = Path(dying_follower.__file__).resolve().parent
    paths = {"PYTHONPATH": f"{root.parent}:{root}"}
    process = subprocess.run(command, env=paths, capture_output=True, timeout=120, check=False)
    assert process.returncode == -9, process.stderr.decode()[-2000:]
    assert len(deployments(house)) == (0 if when == "before" else 1)
    assert followed(house) == (1 if when == "before" else 0)
    assert deployments(house) == [("1.0.0", "dev", "sam")]
    assert len(told(house, "deployment.requested")) == 1


def test_of_two_followers_one_deploys(mesh: Mesh, monkeypatch: pytest.MonkeyPatch) -> None:
    house, other = house_of(mesh), house_of(mesh)
    put(house)
    once: list[int] = []
    keep = on_accept.Moving.keep

    def overtaken(self: on_accept.Moving, work: Any, result: object) -> None:
        if not once:
            once.append(1)
            raise on_accept.Overtaken
        keep(self, work, result)

    monkeypatch.setattr(on_accept.Moving, "keep", overtaken)
    assert on_accept.follow(house) is True
    assert deployments(house) == [], "who was overtaken leaves nothing"
    assert followed(other) == 1
    assert (len(deployments(house)), followed(house)) == (1, 0)


def test_the_thread_notes_where_it_begins_before_it_starts(mesh: Mesh) -> None:
    mesh.govern("environments", ACCEPTING)
    house = mesh.house()
    _ = house.durable
    house.follower.start()
    try:
        assert list(house.followers.cursors(["dev"])) == ["dev"]
        sent(house)
    finally:
        house.follower.stop()
    followed(house)
    assert len(deployments(house)) == 1
