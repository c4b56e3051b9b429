"""Do the probes tell a server that can work from one that cannot, and what waits from what does not?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from doors import NOW, a_client, a_house, product, submit
from outside_parts import free_port
from starlette.testclient import TestClient

from api.flows.self_test import HOLDS
from api.wiring import House
from api.worker.dbos import DbosWorker
from engine.errors import CatalogUnavailable, PolicyEngineUnavailable
from engine.model import Answer, Bundle, Json
from engine.policy.in_memory import InMemoryEngine

DEPLOYABLE = product().replace(b"platform: postgresql:eu", b"platform: local:files")


class Asked(InMemoryEngine):
    """An engine whose policies all say the same of every document, and which counts the questions."""

    def __init__(self, bundle: Bundle, says: Sequence[Mapping[str, Json]]) -> None:
        super().__init__(dict.fromkeys(bundle.policies, lambda _: list(says)))
        self.questions = 0
        self.down = False

    def evaluate(self, bundle: Bundle, policies: Sequence[str], document: Mapping[str, Json]) -> dict[str, Answer]:
        self.questions += 1
        if self.down:
            raise PolicyEngineUnavailable("nobody answers")
        return super().evaluate(bundle, policies, document)


def objecting(house: House) -> Asked:
    engine = Asked(house.bundle, [{"code": "bad", "msg": "bad", "path": []}])
    house.__dict__["engine"] = engine
    return engine


def readiness(client: TestClient) -> tuple[int, Any]:
    got = client.get("/readyz")
    return got.status_code, got.json()["checks"]


def waiting(client: TestClient) -> str:
    name = "meshgate_deployments_oldest_waiting_seconds "
    (told,) = [line for line in client.get("/metrics").text.splitlines() if line.startswith(name)]
    return told.removeprefix(name)


def test_a_server_that_is_about_to_end_is_not_ready_any_more(house: House) -> None:
    client = a_client(house)
    assert readiness(client)[0] == 200
    house.ending.set()
    status, checks = readiness(client)
    assert (status, checks["process"]) == (503, "ending")


def test_a_server_with_all_its_parts_is_ready(house: House) -> None:
    parts = ("process", "policies", "engine", "catalog", "deployments")
    assert readiness(a_client(house)) == (200, dict.fromkeys(parts, "ok"))


def test_an_engine_that_objects_to_nothing_makes_the_server_unready(house: House) -> None:
    house.__dict__["engine"] = Asked(house.bundle, [])
    status, checks = readiness(a_client(house))
    assert (status, checks.pop("engine")) == (
        503,
        "self-test-failed: in_memory found nothing wrong with an empty descriptor.",
    )
    assert checks == dict.fromkeys(("process", "policies", "catalog", "deployments"), "ok")


def test_a_passed_self_test_is_believed_for_a_while_and_for_its_bundle_only(house: House) -> None:
    engine, client = objecting(house), a_client(house)
    for _ in range(3):
        assert readiness(client)[0] == 200
    assert engine.questions == 1
    house.clock = lambda: NOW + HOLDS
    assert (readiness(client)[0], engine.questions) == (200, 2)
    house.__dict__["bundle"] = _other_revision(house.bundle)
    assert (readiness(client)[0], engine.questions) == (200, 3)


def test_a_failed_self_test_is_repeated_until_it_passes(house: House) -> None:
    engine, client = objecting(house), a_client(house)
    engine.down = True
    assert [readiness(client)[1]["engine"] for _ in range(2)] == ["policy-engine-unavailable: nobody answers"] * 2
    engine.down = False
    assert readiness(client)[0] == 200


def _other_revision(bundle: Bundle) -> Bundle:
    return replace(bundle, revision="sha256:other")


def test_nothing_waits_on_a_new_server_and_a_deployment_waits_until_a_worker_takes_it(house: House) -> None:
    client = a_client(house)
    assert waiting(client) == "0.0"
    assert submit(client, DEPLOYABLE).status_code == 201
    wish = {"product": "urn:dpds:org.example:dataproducts:parcels:1", "version": "1.0.0", "environment": "dev"}
    asked = client.post("/v1/deployments", json=wish)
    assert asked.status_code == 202
    assert float(waiting(client)) > 0


@pytest.fixture
def without_database(model: House, tmp_path: Path) -> Iterator[House]:
    address = f"postgresql://nobody@127.0.0.1:{free_port()}/nothing"
    with a_house(tmp_path, database_url=address) as house:
        house.__dict__.update(engine=model.engine, bundle=model.bundle)
        yield house


def test_without_its_database_a_server_is_unready_and_nobody_knows_what_waits(without_database: House) -> None:
    client = a_client(without_database)
    status, checks = readiness(client)
    assert status == 503
    for part in ("policies", "engine", "catalog", "deployments"):  # the catalog knows which release is in force
        assert checks[part].startswith("catalog-unavailable: ")
    assert waiting(client) == "NaN"


def test_a_postgresql_without_the_schema_says_so(model: House, tmp_path: Path, postgresql_url: str) -> None:
    with a_house(tmp_path, database_url=postgresql_url) as house:
        house.__dict__.update(engine=model.engine, bundle=model.bundle)
        client = a_client(house)
        assert readiness(client)[1]["catalog"].startswith("catalog-schema-behind: ")
        house.database.upgrade()
        assert (readiness(client)[0], waiting(client)) == (200, "0.0")


def test_a_durable_engine_whose_database_is_gone_answers_at_once() -> None:
    address = f"postgresql://nobody@127.0.0.1:{free_port()}/nothing"
    worker = DbosWorker(url=address, script=lambda *_: None, wake=lambda *_: None, anew=lambda *_: None)
    for question in (worker.prepare, worker.oldest_waiting):
        with pytest.raises(CatalogUnavailable):
            question()
    worker.stop()
