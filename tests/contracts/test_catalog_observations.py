"""Are observations kept at most once by however many senders, for few statements, and read as they were sent?"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import make
import pytest
from remembered import ANNA, accept, counted, identity, product, sent

from api.flows.observing import MOST, Taken, observe
from api.settings import Settings
from api.wiring import House
from catalog.database import Database
from catalog.evaluation.facts import Evaluations
from catalog.evaluation.trust import Trusts
from catalog.observations import NEWEST, last_number_on, observed_on
from engine.model import Principal

PROBE = Principal("probe", roles=frozenset({"observer"}))
ORDERS = identity().fqn


@pytest.fixture
def house(database: Database, tmp_path: Path) -> House:
    house = House(Settings(data_dir=tmp_path), clock=lambda: make.NOW)
    house.__dict__["database"] = database
    accept(database)
    return house


def measured(id: str, **changes: Any) -> dict[str, Any]:
    moment = (make.NOW - timedelta(hours=1)).isoformat()
    return {
        "id": id,
        "product": ORDERS,
        "indicator": "latency",
        "value": 5,
        "unit": "s",
        "observedAt": moment,
        **changes,
    }


def test_a_batch_takes_as_many_statements_as_one_observation(house: House) -> None:
    for size in (1, MOST):
        batch = [measured(f"{size}-{number}") for number in range(size)]
        with sent(house.database) as statements:
            taken = observe(batch, principal=PROBE, house=house)
        assert {one.state for one in taken} == {"stored"}
        assert len(statements) <= 7, statements
    assert counted(house.database, "observation") == MOST + 1


def test_of_senders_at_the_same_time_one_is_kept_and_the_others_are_told(house: House) -> None:
    gate = threading.Barrier(4)

    def send(number: int) -> Taken:
        gate.wait(20)
        return observe([measured("same", value=number)], principal=PROBE, house=house)[0]

    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(send, range(4)))
    assert sorted(one.state for one in taken) == ["refused", "refused", "refused", "stored"]
    assert {one.refusal.code for one in taken if one.refusal is not None} == {"observation-id-reused"}
    assert counted(house.database, "observation") == 1


def test_what_was_sent_is_read_newest_first_and_no_more_than_counts(house: House) -> None:
    begin = make.NOW - timedelta(days=20)
    for start in range(0, NEWEST + 100, 300):
        batch = [
            measured(f"{number}", observedAt=(begin + timedelta(minutes=number)).isoformat(), window="PT1M")
            for number in range(start, start + 300)
        ]
        assert all(one.state == "stored" for one in observe(batch, principal=PROBE, house=house))
    with sent(house.database) as statements, house.database.reading() as connection:
        found = observed_on(connection, [identity().id, "nobody"], since=begin, principal=ANNA)
    assert len(statements) == 1
    assert found["nobody"] == {}
    (kept,) = found[identity().id].values()
    assert [one.id for one in kept] == [str(number) for number in range(599, 599 - NEWEST, -1)]
    assert (kept[0].covers, kept[0].amount.amount, kept[0].source) == (60.0, 5.0, "")
    with house.database.reading() as connection:
        later = make.NOW - timedelta(days=1)
        assert observed_on(connection, [identity().id], since=later, principal=ANNA)[identity().id] == {}
        assert last_number_on(connection) >= 600


def test_an_amount_survives_the_store_bit_by_bit(house: House) -> None:
    amounts = [1e308, -1e308, 5e-324, 0.1 + 0.2, -0.0, 1 / 3]
    batch = [measured(str(number), value=amount, unit="") for number, amount in enumerate(amounts)]
    observe(batch, principal=PROBE, house=house)
    with house.database.reading() as connection:
        found = observed_on(connection, [identity().id], since=datetime.min.replace(tzinfo=UTC), principal=ANNA)
    (kept,) = found[identity().id].values()
    assert sorted(one.amount.amount for one in kept) == sorted(amounts)


def test_facts_and_scores_take_the_same_statements_for_any_number_of_lines(database: Database) -> None:
    for number in range(6):
        accept(database, product(f"product{number}", slos={"placed": {"freshness": "PT1H"}}))
        accept(database, product(f"silent{number}"))
    for name, most in (("product", 3), ("silent", 2)):
        for size in (1, 6):
            lines = [identity(f"{name}{number}").id for number in range(size)]
            with sent(database) as statements:
                assert len(Evaluations(database).facts(lines, now=make.NOW, principal=ANNA)) == size
            assert len(statements) == most
            with sent(database) as statements:
                Trusts(database).found(lines, principal=ANNA)
            assert len(statements) == 1
