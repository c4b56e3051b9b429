"""Is every change told in order, signed, at least once and never left out, whatever the receiver does?"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import receiver as behaviour
from receiver import Behaviour, Receiver, status
from remembered import ANNA, accept, identity
from standardwebhooks import Webhook, WebhookVerificationError
from telling import KEY, delivery, happen, sql, subscription, told_once

from api.destinations import Destinations
from api.flows.telling.secrets import SubscriptionKey
from api.worker.post import HttpPost
from api.worker.sender import Sender
from catalog.changes import Changes
from catalog.database import Database
from catalog.shown import Subscription
from catalog.subscriptions import Subscriptions


def now(database: Database, one: Subscription) -> Subscription:
    found = Subscriptions(database).one(one.id)
    assert found is not None
    return found


def wait_until(receiver: Receiver, question: Callable[[], bool], seconds: float = 30) -> None:
    with receiver.taken:
        assert receiver.taken.wait_for(question, timeout=seconds)


# --- what is told -----------------------------------------------------------------------------------------------------


def test_a_change_is_told_as_a_signed_cloudevent(database: Database, told: Receiver) -> None:
    one = subscription(database, told.url)
    stored = accept(database)
    assert told_once(database) == 1
    first, second = told.events
    assert second == {
        "specversion": "1.0",
        "id": "2",
        "source": "urn:meshgate:org.example",
        "type": "meshgate.version.accepted.v1",
        "subject": identity().fqn,
        "time": "2026-11-23T16:30:15+00:00",
        "datacontenttype": "application/json",
        "data": {
            "kind": "version.accepted",
            "principal": "anna",
            "payload": {"version": "1.0.0", "digest": stored.digest, "decision": stored.decision_id},
        },
    }
    assert first["type"] == "meshgate.decision.accepted.v1"
    headers, body = told.came[1]
    assert headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    assert headers["webhook-id"] == "2"
    assert Webhook(KEY.secret(one.id)).verify(body, headers) == second


def test_a_forged_body_or_another_secret_does_not_verify(database: Database, told: Receiver) -> None:
    one = subscription(database, told.url)
    happen(database, "test.one")
    told_once(database)
    ((headers, body),) = told.came
    for secret, content in (
        (KEY.secret("another"), body),
        (SubscriptionKey(b"o" * 48).secret(one.id), body),
        (KEY.secret(one.id), body.replace(b"test.one", b"test.two")),
    ):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(content, headers)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, [1, 2, 3, 4, 5, 6]),
        ({"kinds": ["version.accepted"]}, [1, 4, 6]),
        ({"kinds": ["version.*"]}, [1, 3, 4, 6]),
        ({"kinds": ["version.accepted", "waiver.expires"]}, [1, 2, 4, 5, 6]),
        ({"domains": ["sales"]}, [1, 2, 3]),
        ({"products": ["urn:dpds:x:dataproducts:a:1"]}, [1, 2, 3]),
        ({"products": ["urn:dpds:x:dataproducts:b"]}, [4, 5, 6]),
        ({"products": ["urn:dpds:x:dataproducts:a", "urn:dpds:x:dataproducts:b:2"], "kinds": ["version.*"]}, [1, 3, 6]),
        ({"kinds": ["nothing.*"]}, []),
        ({"domains": ["a_les"]}, []),
    ],
)
def test_only_what_is_wanted_is_told_and_the_cursor_passes_the_rest(
    database: Database, told: Receiver, wanted: dict[str, list[str]], expected: list[int]
) -> None:
    one = subscription(database, told.url, **{name: tuple(values) for name, values in wanted.items()})
    happen(
        database,
        *("version.accepted", "waiver.expires", "version.withdrawn"),
        subject="urn:dpds:x:dataproducts:a:1",
        domain="sales",
    )
    happen(database, "version.accepted", "waiver.expires", subject="urn:dpds:x:dataproducts:b:1", domain="hr")
    happen(database, "version.accepted", subject="urn:dpds:x:dataproducts:b:2", domain="hr")
    told_once(database)
    assert told.ids == expected
    assert (now(database, one).cursor, told_once(database)) == (6, 0)


def test_what_the_principal_may_not_see_is_not_told(
    database: Database, told: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    from catalog import changes

    monkeypatch.setattr(changes, "visible", lambda principal, domain: domain.in_(principal.domains))
    subscription(database, told.url)
    happen(database, "test.shown", domain="sales")
    happen(database, "test.hidden", domain="hr")
    told_once(database)
    assert told.ids == [1]


def test_many_changes_are_told_in_order_by_batches(
    database: Database, told: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    from api.flows.telling import delivery as flow

    monkeypatch.setattr(flow, "AT_ONCE", 3)
    subscription(database, told.url)
    for _ in range(4):
        happen(database, "test.one", "test.two")
    told_once(database)
    assert told.ids == [1, 2, 3, 4, 5, 6, 7, 8]


# --- receivers that misbehave -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("behave", "says"),
    [
        (status(500), "answered with status 500"),
        (status(404), "answered with status 404"),
        (status(302, Location="http://127.0.0.1:1/elsewhere"), "answered with a redirect (302)"),
        (behaviour.hang, "no answer within 1 s"),
        (behaviour.drip, "no answer within 1 s"),
        (behaviour.cut, "not reached"),
        (behaviour.garbage, "not reached"),
    ],
    ids=["500", "404", "redirect", "hang", "drip", "cut", "garbage"],
)
def test_what_was_not_taken_is_told_again_under_the_same_id_and_nothing_before_it_is_left_out(
    database: Database, told: Receiver, behave: Behaviour, says: str
) -> None:
    one = subscription(database, told.url)
    happen(database, "test.one", "test.two", "test.three")
    told.behaviours = [status(204), behave]
    told_once(database)
    failed = now(database, one)
    assert (failed.cursor, failed.failures, failed.state) == (1, 1, "active")
    assert says in failed.reason
    assert told_once(database) == 0  # it waits
    sql(database, "UPDATE subscription SET retry_at = 0")
    told_once(database)
    assert told.ids == [1, 2, 2, 3]
    well = now(database, one)
    assert (well.cursor, well.failures, well.reason) == (3, 0, "")
    assert set(told.paths) == {"/hook"}


def test_an_answer_without_end_is_taken_by_its_status_and_not_read(database: Database, told: Receiver) -> None:
    one = subscription(database, told.url)
    happen(database, "test.one")
    told.behaviours = [behaviour.flood]
    told_once(database)
    assert now(database, one).cursor == 1


def test_a_receiver_that_stumbles_is_tried_again_at_once(database: Database, told: Receiver) -> None:
    one = subscription(database, told.url)
    happen(database, "test.one")
    told.behaviours = [status(503), status(503)]
    told_once(database, tries=3)
    assert (told.ids, now(database, one).cursor) == ([1, 1, 1], 1)


def test_the_pause_doubles_with_each_failure_up_to_an_hour(database: Database) -> None:
    one = subscription(database, "http://127.0.0.1:1/nobody")
    happen(database, "test.one")
    pauses = []
    for _ in range(10):
        sql(database, "UPDATE subscription SET retry_at = 0")
        before = _column(database, "retry_at")
        told_once(database)
        pauses.append(_column(database, "retry_at") - _clock(database) - before)
    assert [round(one / 15) for one in pauses[:4]] == [1, 2, 4, 8]
    assert max(pauses) <= 3600
    assert now(database, one).failures == 10


def _column(database: Database, name: str) -> float:
    with database.reading() as connection:
        return float(connection.exec_driver_sql(f"SELECT {name} FROM subscription").scalar_one())


def _clock(database: Database) -> float:
    from catalog.clock import SECONDS

    with database.reading() as connection:
        return float(connection.exec_driver_sql(f"SELECT {SECONDS[database.dialect]}").scalar_one())


def test_a_dead_receiver_is_paused_after_days_and_told_from_its_cursor_when_resumed(
    database: Database, told: Receiver
) -> None:
    one = subscription(database, told.url)
    happen(database, "test.one", "test.two")
    told.behaviours = [status(200), status(500), status(500)]
    told_once(database)
    sql(database, "UPDATE subscription SET retry_at = 0, failing_since = failing_since - 3 * 86400")
    told_once(database)
    paused = now(database, one)
    assert (paused.state, paused.cursor, paused.reason) == ("paused", 1, "answered with status 500")
    happen(database, "test.three")
    sql(database, "UPDATE subscription SET retry_at = 0")
    assert told_once(database) == 0
    Subscriptions(database).resume(one.id)
    told_once(database)
    assert told.ids == [1, 2, 2, 2, 3]
    assert now(database, one).state == "active"


def test_a_receiver_that_is_gone_is_paused_at_once(database: Database, told: Receiver) -> None:
    one = subscription(database, told.url)
    happen(database, "test.one")
    told.behaviours = [status(410)]
    told_once(database, tries=3)
    assert (now(database, one).state, told.ids) == ("paused", [1])


def test_a_subscription_of_another_key_is_paused_and_nothing_is_sent_unsigned(
    database: Database, told: Receiver
) -> None:
    one = subscription(database, told.url, key_id="of-another-key")
    happen(database, "test.one")
    told_once(database)
    paused = now(database, one)
    assert (paused.state, told.came) == ("paused", [])
    assert "subscribe anew" in paused.reason


def test_an_address_that_is_no_longer_allowed_is_paused_and_never_called(database: Database, told: Receiver) -> None:
    one = subscription(database, told.url)
    happen(database, "test.one")
    told_once(database, post=HttpPost(Destinations(), seconds=1.0))
    assert (now(database, one).state, told.came) == ("paused", [])


# --- senders ----------------------------------------------------------------------------------------------------------


def test_of_many_senders_one_tells_each_subscription(database: Database, told: Receiver) -> None:
    for _ in range(3):
        subscription(database, told.url)
    happen(database, *[f"test.n{chr(97 + number)}" for number in range(5)])
    gate = threading.Barrier(6)

    def send(number: int) -> int:
        gate.wait(20)
        return told_once(database, f"s{number}")

    with ThreadPoolExecutor(6) as pool:
        claimed = list(pool.map(send, range(6)))
    assert sum(claimed) == 3
    assert sorted(told.ids) == sorted([1, 2, 3, 4, 5] * 3)


def test_a_lease_is_not_taken_while_it_runs_and_its_loser_tells_nothing_more(
    database: Database, told: Receiver
) -> None:
    one = subscription(database, told.url)
    happen(database, "test.one", "test.two")
    slow, other = delivery(database), Subscriptions(database)
    (held,) = slow.subscriptions.claim("slow", seconds=60, limit=1)
    assert other.claim("quick", seconds=60, limit=1) == ()
    sql(database, "UPDATE subscription SET lease_until = 0")
    assert told_once(database, "quick") == 1
    assert told.ids == [1, 2]
    slow.tell(held, "slow")  # it wakes up late: what it sends comes again under the same id, and then it knows
    assert told.ids == [1, 2, 1]
    assert now(database, one).cursor == 2
    assert not slow.subscriptions.advance(one.id, "slow", cursor=1, seconds=60)
    assert not slow.subscriptions.fail(one.id, "slow", reason="x", retry_in=1, patience=1)


def test_a_removed_subscription_is_told_nothing_more(database: Database, told: Receiver) -> None:
    one = subscription(database, told.url)
    happen(database, "test.one")
    Subscriptions(database).remove(one.id)
    assert (told_once(database), Subscriptions(database).one(one.id)) == (0, None)


def test_a_sender_asks_once_each_round_while_nothing_happens(database: Database) -> None:
    from sqlalchemy import event

    subscription(database, "http://127.0.0.1:1/nobody")
    statements: list[str] = []
    event.listen(database.bind, "before_cursor_execute", lambda *given: statements.append(given[2]))
    assert Subscriptions(database).claim("s1", seconds=60, limit=5) == ()
    assert len([one for one in statements if not one.startswith("BEGIN")]) == 1


def test_a_running_sender_tells_what_happens_while_another_receiver_hangs(database: Database, told: Receiver) -> None:
    with behaviour.receiver() as stuck:
        stuck.behaviours = [behaviour.hang] * 9
        subscription(database, stuck.url)
        subscription(database, told.url)
        stopping = threading.Event()
        sender = Sender(delivery(database, stopping=stopping.is_set), stopping=stopping, seconds=0.02)
        sender.start()
        try:
            for number in range(3):
                happen(database, "test.one")
                wait_until(told, lambda number=number: len(told.came) == number + 1)  # type: ignore[misc]
        finally:
            sender.stop()
        assert told.ids == [1, 2, 3]
        assert threading.active_count() < 40
        with database.reading() as connection:
            held = connection.exec_driver_sql("SELECT count(*) FROM subscription WHERE sender <> ''").scalar_one()
        assert held == 0


def test_a_round_that_fails_does_not_end_the_telling(
    database: Database, told: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscription(database, told.url)
    stopping = threading.Event()
    made = delivery(database, stopping=stopping.is_set)
    claim, broken = made.subscriptions.claim, [RuntimeError("lost"), RuntimeError("lost")]

    def sometimes(*arguments: object, **options: object) -> object:
        if broken:
            raise broken.pop()
        return claim(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(made.subscriptions, "claim", sometimes)
    sender = Sender(made, stopping=stopping, seconds=0.02)
    sender.start()
    happen(database, "test.one")
    wait_until(told, lambda: bool(told.came))
    sender.stop()
    assert told.ids[0] == 1


def test_the_feed_itself_is_as_before(database: Database, told: Receiver) -> None:
    subscription(database, told.url)
    happen(database, "test.one")
    told_once(database)
    assert [one.cursor for one in Changes(database).after(principal=ANNA)] == [1]
