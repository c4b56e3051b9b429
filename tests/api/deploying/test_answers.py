"""Does a request to deploy get exactly the answers of DESIGN §6?

No worker runs here unless a test starts it: what is asked for stays queued.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from deploy_stage import DEPLOYER, POLICY, Stage, document
from sqlalchemy import text

from api.flows.standing import Requested, Standing
from engine.errors import (
    ContainerOccupied,
    Forbidden,
    GovernanceError,
    NotCleared,
    NotFound,
    PolicyEngineUnavailable,
)
from engine.model import Principal

LINE = "urn:dpds:org.example:dataproducts:orders:1"


def refusal(error: type[GovernanceError], ask: Callable[[], object]) -> GovernanceError:
    with pytest.raises(error) as refused:
        ask()
    return refused.value


def count(stage: Stage, query: str) -> int:
    with stage.database.reading() as connection:
        return int(connection.execute(text(query)).scalar_one())


def test_the_same_version_while_it_is_running_is_the_same_deployment(stage: Stage) -> None:
    stage.accept(document())
    first = stage.ask()
    assert stage.ask() == Requested(first.deployment_id, first.container_id, Standing.RUNNING)
    assert stage.deployment(first.deployment_id)["state"] == "queued"


def test_another_version_of_that_major_while_one_is_running_names_the_holder(stage: Stage) -> None:
    stage.accept(document())
    stage.accept(document("1.1.0"))
    first = stage.ask()
    refused = refusal(ContainerOccupied, lambda: stage.ask("1.1.0"))
    assert refused.context["holder"] == {
        "container": first.container_id,
        "deployment": first.deployment_id,
        "version": "1.0.0",
        "state": "queued",
    }


def test_another_major_and_another_environment_have_containers_of_their_own(stage: Stage) -> None:
    described = {**document("1.1.0"), "info": {**document("1.1.0")["info"], "description": "Orders"}}
    for content in (document(), described, document("2.0.0")):
        stage.accept(content)
    asked = [stage.ask(), stage.ask("2.0.0"), stage.ask("1.1.0", "prod")]
    assert [one.standing for one in asked] == [Standing.STARTED] * 3
    assert len({one.container_id for one in asked}) == 3


def test_a_major_of_eighteen_digits_has_a_container_like_any_other(stage: Stage) -> None:
    version = f"{10**18 - 1}.0.0"
    stage.accept(document(version))
    asked = stage.ask(version)
    assert (asked.standing, stage.container(asked.container_id)["major"]) == (Standing.STARTED, 10**18 - 1)


def test_without_clearance_nothing_is_made_and_the_decision_is_logged_with_its_reasons(stage: Stage) -> None:
    stage.accept(document())
    refused = refusal(NotCleared, lambda: stage.ask("1.0.0", "prod"))
    assert refused.context["reasons"] == [
        {
            "kind": "finding",
            "code": "undescribed",
            "msg": "prod wants a description",
            "policy": POLICY,
            "path": ["info", "description"],
        }
    ]
    logged = f"SELECT count(*) FROM decision WHERE id = '{refused.context['decision']}' AND outcome = 'rejected'"
    assert count(stage, logged) == 1
    assert (count(stage, "SELECT count(*) FROM container"), count(stage, "SELECT count(*) FROM deployment")) == (0, 0)


def test_an_engine_that_does_not_answer_clears_nothing(stage: Stage) -> None:
    stage.accept(document())
    stage.engine.close()
    assert "closed" in refusal(PolicyEngineUnavailable, stage.ask).detail
    assert count(stage, "SELECT count(*) FROM decision WHERE outcome = 'undecided'") == 1
    assert count(stage, "SELECT count(*) FROM deployment") == 0


def test_a_withdrawn_version_has_no_clearance(stage: Stage) -> None:
    import make

    stage.accept(document())
    with stage.database.work(Principal("sam")) as work:
        work.versions.set_status(make.identity(version="1.0.0"), "withdrawn", reason="wrong numbers")
        work.commit()
    assert [one["code"] for one in refusal(NotCleared, stage.ask).context["reasons"]] == ["withdrawn"]


@pytest.mark.parametrize(("version", "environment"), [("9.9.9", "dev"), ("1.0.0", "moon")])
def test_what_does_not_exist_is_not_found(stage: Stage, version: str, environment: str) -> None:
    stage.accept(document())
    refusal(NotFound, lambda: stage.ask(version, environment))


def test_only_a_deployer_of_the_domain_may_deploy(stage: Stage) -> None:
    stage.accept(document())
    for principal in (
        Principal("rae", frozenset({"reader"})),
        Principal("hr", frozenset({"deployer"}), frozenset({"hr"})),
    ):
        refusal(Forbidden, lambda principal=principal: stage.ask(principal=principal))
    asked = stage.ask(principal=Principal("sal", frozenset({"deployer"}), frozenset({"sales"})))
    assert stage.deployment(asked.deployment_id)["principal"] == "sal"


def test_what_cannot_be_enqueued_leaves_no_row(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(connection: object, deployment_id: str) -> None:
        raise RuntimeError("the engine refuses")

    stage.accept(document())
    with monkeypatch.context() as patched:
        patched.setattr(stage.worker, "enqueue", refuse)
        with pytest.raises(RuntimeError, match="the engine refuses"):
            stage.ask()
    assert (count(stage, "SELECT count(*) FROM container"), count(stage, "SELECT count(*) FROM deployment")) == (0, 0)
    assert stage.ask().standing is Standing.STARTED


def test_thirty_two_concurrent_deploys_leave_one_live_container_and_one_deployment(stage: Stage) -> None:
    versions = ["1.0.0", "1.1.0"]
    for version in versions:
        stage.accept(document(version))
    answers: list[Any] = [None] * 32
    gate = threading.Barrier(32)

    def ask(number: int) -> None:
        gate.wait()
        try:
            answers[number] = stage.ask(versions[number % 2])
        except ContainerOccupied as error:
            answers[number] = error

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    started = [one for one in answers if isinstance(one, Requested)]
    assert len(started) == 16
    assert len({(one.deployment_id, one.container_id) for one in started}) == 1
    assert sorted(one.standing for one in started) == [Standing.RUNNING] * 15 + [Standing.STARTED]
    occupied = {one.context["holder"]["deployment"] for one in answers if isinstance(one, ContainerOccupied)}
    assert occupied == {started[0].deployment_id}
    assert [one.id for one in stage.containers.page(principal=DEPLOYER).items] == [started[0].container_id]
    with stage.working():
        assert stage.ended(started[0].deployment_id)["state"] == "succeeded"
    assert stage.feed("deployment.requested", "container.created") == [
        ("deployment.requested", stage.deployment(started[0].deployment_id)["version"]),
        ("container.created", stage.deployment(started[0].deployment_id)["version"]),
    ]


def test_the_database_itself_refuses_a_second_live_container_and_a_second_running_deployment(stage: Stage) -> None:
    from sqlalchemy.exc import IntegrityError

    from catalog.deployable import deployable
    from catalog.deployments import DeploymentBook, Order

    stage.accept(document())
    asked = stage.ask()
    subject = deployable(stage.database, LINE, "1.0.0", principal=DEPLOYER)
    with stage.database.work(DEPLOYER) as work, pytest.raises(IntegrityError):
        DeploymentBook(work).open_container(subject.slot("dev"))
    order = Order("retire", "1.0.0", subject.version_id, subject.digest)
    with stage.database.work(DEPLOYER) as work:
        book = DeploymentBook(work)
        held = book.container(asked.container_id)
        assert held is not None
        with pytest.raises(IntegrityError):
            book.request(held, order)
