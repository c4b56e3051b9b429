"""Are workers shared fairly, and lost ones replaced without haste?"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from engine.errors import BundleInvalid, PolicyEngineUnavailable
from engine.policy import workers as module
from engine.policy.worker import NotLoaded, Overtime, Refused, Worker, WorkerLost
from engine.policy.workers import Workers


@pytest.fixture
def pool() -> Iterator[Workers]:
    made = Workers(1, memory_mib=256)
    yield made
    made.close()


def test_a_process_is_started_only_when_one_is_needed(pool: Workers) -> None:
    assert pool.pids() == []
    with pool.one(patience=10) as worker:
        assert pool.pids() == [worker.pid]


def test_a_worker_is_kept_between_calls(pool: Workers) -> None:
    with pool.one(patience=10) as first:
        pass
    with pool.one(patience=10) as second:
        assert second is first


def test_starting_ahead_gives_the_worker_that_the_first_call_takes(pool: Workers) -> None:
    pool.start()
    (pid,) = pool.pids()
    with pool.one(patience=10) as worker:
        assert worker.pid == pid


def test_a_worker_that_starts_while_all_are_closed_is_buried_too() -> None:
    class Late(Workers):
        def _started(self) -> Worker:
            started.append(super()._started())
            self.close()
            return started[0]

    started: list[Worker] = []
    pool = Late(1, memory_mib=512)
    pool.start()
    assert (pool.pids(), started[0]._process.returncode) == ([], -signal.SIGKILL)
    pool.start()
    assert len(started) == 1


@pytest.mark.parametrize("harmless", [Refused("no"), NotLoaded(), BundleInvalid("no")])
def test_a_worker_that_answered_is_kept_whatever_it_said(pool: Workers, harmless: Exception) -> None:
    with pytest.raises(type(harmless)), pool.one(patience=10) as first:
        raise harmless
    assert pool.pids() == [first.pid]


@pytest.mark.parametrize("loss", [WorkerLost("late"), KeyboardInterrupt(), ValueError("ours")])
def test_a_worker_whose_answer_may_still_come_is_never_asked_again(pool: Workers, loss: BaseException) -> None:
    with pytest.raises(type(loss)), pool.one(patience=10) as first:
        raise loss
    with pool.one(patience=10) as second:
        assert second is not first
        assert pool.pids() == [second.pid]


def test_a_worker_that_owes_a_reply_is_never_asked_again_whatever_error_left(pool: Workers) -> None:
    """Its next reply would be taken for the answer to another question about the same policies: a false pass."""

    def late(worker: Worker) -> None:
        os.kill(worker.pid, signal.SIGSTOP)
        with pytest.raises(Overtime):
            worker.syntax({"a.rego": "package a"}, seconds=0.05)
        raise PolicyEngineUnavailable("late")  # as an error of ours, it says nothing of the worker

    with pytest.raises(PolicyEngineUnavailable), pool.one(patience=10) as first:
        late(first)
    assert not first.even
    with pool.one(patience=10) as second:
        assert second is not first
        assert second.even


def test_a_worker_of_which_not_all_replies_were_taken_is_never_asked_again(pool: Workers) -> None:
    with pool.one(patience=10) as first:
        first.load("r", {"a.rego": "package a\n\nb := input.b"}, seconds=10)
        assert next(first.evaluate_each("r", "data.a.b", [b'{"b": 1}', b'{"b": 2}'], seconds=10)) == 1
    with pool.one(patience=10) as second:
        assert second is not first


def test_the_pause_before_a_replacement_doubles_while_workers_keep_getting_lost(
    pool: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    now = [0.0]

    class Clock:
        monotonic = staticmethod(lambda: now[0])

        @staticmethod
        def sleep(seconds: float) -> None:
            pauses.append(round(seconds, 3))
            now[0] += seconds

    monkeypatch.setattr(module, "time", Clock)
    for _ in range(9):
        with pytest.raises(WorkerLost), pool.one(patience=10):
            raise WorkerLost("again")
    assert pauses == [0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0]
    with pool.one(patience=10):
        pass
    with pytest.raises(WorkerLost), pool.one(patience=10):
        raise WorkerLost("after a success")
    with pool.one(patience=10):
        pass
    assert len(pauses) == 8


def test_nobody_waits_for_a_worker_that_was_stopped_because_its_time_was_over(
    pool: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(4):
        with pytest.raises(Overtime), pool.one(patience=10):
            raise Overtime("late")
    monkeypatch.setattr(module.time, "sleep", pytest.fail)
    with pool.one(patience=10):
        pass


def test_a_call_that_finds_no_worker_free_does_not_wait_for_ever(pool: Workers) -> None:
    with (
        pool.one(patience=10),
        pytest.raises(PolicyEngineUnavailable, match=r"no embedded worker became free within 0\.01 s"),
        pool.one(patience=0.01),
    ):
        pass


def test_two_calls_never_share_a_worker() -> None:
    pool = Workers(2, memory_mib=256)
    modules = {"a.rego": "package a\n\nimport rego.v1\n\nx := input.x\n"}

    def ask(number: int) -> object:
        with pool.one(patience=10) as worker:
            worker.load(f"R{number % 3}", modules, seconds=5)
            return worker.evaluate(f"R{number % 3}", "data.a.x", b'{"x": %d}' % number, seconds=5)

    try:
        with ThreadPoolExecutor(8) as threads:
            assert list(threads.map(ask, range(100))) == list(range(100))
        assert len(pool.pids()) == 2
    finally:
        pool.close()
    assert pool.pids() == []
