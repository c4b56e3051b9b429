"""Do `/readyz` and `/metrics` speak of each kind of deployment that waits for somebody who does not come?"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from doors import a_client, product, submit
from sqlalchemy import text
from starlette.testclient import TestClient

from api.flows.backlog import KINDS
from api.wiring import House

DEPLOYABLE = product().replace(b"platform: postgresql:eu", b"platform: local:files")
PARCELS = "urn:dpds:org.example:dataproducts:parcels:1"
LONG_AGO = 1000


def gauges(client: TestClient) -> dict[str, float]:
    """The gauges about deployments and workers, labels included."""
    lines = client.get("/metrics").text.splitlines()
    mine = [line for line in lines if re.match(r"meshgate_(deployments|workers?)", line)]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in mine)}


def aged(gauges: dict[str, float]) -> dict[str, float]:
    return {kind: gauges[f'meshgate_deployments_waiting_seconds{{kind="{kind}"}}'] for kind in KINDS}


def change(house: House, statement: str, **values: Any) -> None:
    with house.database.bind.begin() as connection:
        connection.execute(text(statement), values)


def unclaimed(house: House) -> None:
    change(house, "UPDATE workflow_status SET created_at = created_at - 1000000, updated_at = updated_at - 1000000")


def orphaned(house: House) -> None:
    unclaimed(house)
    change(house, "UPDATE workflow_status SET status = 'PENDING', executor_id = 'somebody who died'")


def overdue(house: House) -> None:
    change(house, "UPDATE workflow_status SET status = 'SUCCESS'")
    now = "CAST((julianday('now') - 2440587.5) * 86400.0 AS REAL)"
    change(house, f"UPDATE deployment_turn SET wake_at = {now} - 1000, waits_for = 'retry'")


def forgotten(house: House) -> None:
    change(house, "UPDATE workflow_status SET status = 'ERROR'")
    change(house, "UPDATE deployment SET at = '2026-01-01T00:00:00.000000+00:00'")


@pytest.fixture
def asked(house: House) -> TestClient:
    client = a_client(house)
    assert submit(client, DEPLOYABLE).status_code == 201
    wish = {"product": PARCELS, "version": "1.0.0", "environment": "dev"}
    assert client.post("/v1/deployments", json=wish).status_code == 202
    return client


def test_what_was_handed_over_just_now_is_told_and_alarms_nobody(house: House, asked: TestClient) -> None:
    assert asked.get("/readyz").status_code == 200
    seen = gauges(asked)
    assert 0 < seen["meshgate_deployments_oldest_waiting_seconds"] < 300
    assert seen['meshgate_deployments_waiting{kind="unclaimed"}'] == 1
    assert seen['meshgate_deployments_running{state="queued"}'] == 1
    assert seen["meshgate_deployments_carried"] == 0
    assert not [name for name in seen if name.startswith("meshgate_worker")]


@pytest.mark.parametrize("make", [unclaimed, orphaned, overdue, forgotten], ids=KINDS)
def test_work_of_each_kind_that_is_too_old_is_told_with_its_kind_and_age(
    house: House, asked: TestClient, make: Callable[[House], None]
) -> None:
    make(house)
    kind = make.__name__
    answer = asked.get("/readyz")
    said = answer.json()["checks"]["deployments"]
    assert answer.status_code == 503
    assert re.fullmatch(
        rf"deployments-stuck: Nobody goes on with deployments: 1 {kind} \(oldest \d+ s\); 0 workers are alive.", said
    )
    seen = gauges(asked)
    ages = aged(seen)
    assert ages.pop(kind) >= LONG_AGO
    assert set(ages.values()) == {0.0}
    assert seen["meshgate_deployments_oldest_waiting_seconds"] >= LONG_AGO
    assert seen[f'meshgate_deployments_waiting{{kind="{kind}"}}'] == 1
    assert seen.get('meshgate_deployments_parked{waits_for="retry"}', 0) == (kind == "overdue")


def test_how_old_is_too_old_is_a_setting(house: House, asked: TestClient) -> None:
    unclaimed(house)
    house.settings = replace(house.settings, stuck_seconds=100_000)
    assert asked.get("/readyz").status_code == 200


def test_what_waits_for_its_time_is_parked_and_not_overdue(house: House, asked: TestClient) -> None:
    change(house, "UPDATE workflow_status SET status = 'SUCCESS'")
    change(house, "UPDATE deployment_turn SET wake_at = 9999999999, waits_for = 'slot'")
    assert asked.get("/readyz").status_code == 200
    seen = gauges(asked)
    assert seen['meshgate_deployments_parked{waits_for="slot"}'] == 1
    assert set(aged(seen).values()) == {0.0}


def test_living_workers_are_told_by_version_with_the_age_of_their_lease(house: House, asked: TestClient) -> None:
    from api.worker.dbos import APPLICATION_VERSION

    house.durable.start()
    try:
        seen = gauges(asked)
    finally:
        house.durable.stop()
    assert seen[f'meshgate_workers{{version="{APPLICATION_VERSION}"}}'] == 1
    (silent,) = [value for name, value in seen.items() if name.startswith("meshgate_worker_silent_seconds")]
    assert 0 <= silent < 15
    assert not [name for name in gauges(asked) if name.startswith("meshgate_workers")]
