"""Does a request that comes twice have one answer, on both stores?"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from make import NOW
from remembered import ANNA, counted

from catalog.database import Database
from engine.errors import IdempotencyKeyInFlight, IdempotencyKeyReused, UsageError
from engine.model import Json, Principal


def claim(
    database: Database, key: str = "k", digest: str = "sha256:1", *, who: Principal = ANNA, later: int = 0
) -> Json:
    with database.work(who, at=NOW + timedelta(seconds=later)) as work:
        answer = work.idempotency.claim(key, digest)
        work.commit()
    return answer


def finish(database: Database, answer: Json, key: str = "k") -> None:
    with database.work(ANNA, at=NOW) as work:
        work.idempotency.finish(key, answer)
        work.commit()


def test_the_answer_of_the_first_request_is_replayed(database: Database) -> None:
    assert claim(database) is None
    finish(database, {"status": 201, "body": {"id": 1}})
    assert claim(database) == {"status": 201, "body": {"id": 1}}


def test_the_same_key_with_another_body_is_refused_at_any_time(database: Database) -> None:
    claim(database)
    with pytest.raises(IdempotencyKeyReused):
        claim(database, digest="sha256:2")
    finish(database, "done")
    with pytest.raises(IdempotencyKeyReused):
        claim(database, digest="sha256:2")


def test_while_the_first_request_runs_the_second_is_told_so(database: Database) -> None:
    claim(database)
    with pytest.raises(IdempotencyKeyInFlight):
        claim(database, later=59)


def test_the_key_of_a_request_that_died_can_be_claimed_when_its_lease_is_over(database: Database) -> None:
    claim(database)
    assert claim(database, later=61) is None
    with pytest.raises(IdempotencyKeyInFlight):
        claim(database, later=62)


def test_a_released_key_is_free_and_a_finished_one_stays(database: Database) -> None:
    claim(database)
    _release(database)
    assert claim(database, digest="sha256:2") is None
    finish(database, "done")
    _release(database)
    assert claim(database, digest="sha256:2") == "done"


def _release(database: Database) -> None:
    with database.work(ANNA, at=NOW) as work:
        work.idempotency.release("k")
        work.commit()


def test_keys_belong_to_their_principal_and_expire_after_a_day(database: Database) -> None:
    claim(database)
    assert claim(database, who=Principal("ben"), digest="sha256:2") is None
    assert claim(database, key="other", later=24 * 3600) is None
    assert counted(database, "idempotency") == 1


@pytest.mark.parametrize("key", ["", "k" * 256])
def test_keys_of_no_sensible_length_are_refused(database: Database, key: str) -> None:
    with pytest.raises(UsageError):
        claim(database, key=key)


def test_of_eight_simultaneous_requests_one_works(database: Database) -> None:
    gate = threading.Barrier(8)

    def ask(_: int) -> bool:
        gate.wait(20)
        try:
            return claim(database) is None
        except IdempotencyKeyInFlight:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(8))) == 1
