"""Do several processes judge as one would, and tell what went wrong in any of them?"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from api.cli import processes
from api.cli.processes import Judge, Processes
from engine.errors import GovernanceError, UsageError

PATHS = [Path(f"{number}.yaml") for number in range(20)]


@contextmanager
def judging(bad: str = "", *, die: bool = False) -> Iterator[Judge]:
    def judged(path: Path) -> dict[str, Any]:
        if path.name == bad and die:
            os.kill(os.getpid(), signal.SIGKILL)
        if path.name == bad:
            raise UsageError("not this one", path=path.name)
        return {"file": str(path), "by": os.getpid()}

    yield judged


@contextmanager
def dying() -> Iterator[Judge]:
    with judging("7.yaml", die=True) as judge:
        yield judge


@contextmanager
def unfit() -> Iterator[Judge]:
    raise UsageError("no judge")
    yield


def test_entries_come_in_the_order_of_the_paths_from_all_processes() -> None:
    with Processes(3, judging) as several:
        entries = list(several.judged(PATHS))
    assert [one["file"] for one in entries] == [str(path) for path in PATHS]
    assert len({one["by"] for one in entries}) == 3
    assert os.getpid() not in {one["by"] for one in entries}
    assert multiprocessing.active_children() == []


def test_what_a_judge_raises_is_raised_here_as_it_was() -> None:
    with pytest.raises(UsageError, match="not this one") as raised, Processes(2, judging, "7.yaml") as several:
        list(several.judged(PATHS))
    assert raised.value.context == {"path": "7.yaml"}
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize(("made", "said"), [(dying, "ended without an answer"), (unfit, "no judge")])
def test_a_process_that_cannot_go_on_is_never_taken_for_silence(made: Any, said: str) -> None:
    with pytest.raises(GovernanceError, match=said), Processes(2, made) as several:
        list(several.judged(PATHS))
    assert multiprocessing.active_children() == []


@contextmanager
def waiting_for_the_others(judged: Any) -> Iterator[Judge]:
    def judge(path: Path) -> dict[str, Any]:
        if path.name == "0.yaml":
            before = -1
            while judged.value != before:  # until the other process has nothing more to do
                before = judged.value
                time.sleep(0.3)
        with judged.get_lock():
            judged.value += 1
        return {"file": str(path)}

    yield judge


def test_one_slow_document_does_not_let_the_answers_of_all_others_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "WAITING", 5)
    judged = multiprocessing.get_context("fork").Value("i", 0)
    paths = [Path(f"{number}.yaml") for number in range(200)]
    with Processes(2, waiting_for_the_others, judged) as several:
        entries = several.judged(paths)
        assert next(entries)["file"] == "0.yaml"
        assert judged.value <= 5 + 2 * processes.AHEAD
        assert [one["file"] for one in entries] == [str(path) for path in paths[1:]]


def test_nothing_to_judge_is_no_reason_to_wait() -> None:
    with Processes(2, judging) as several:
        assert list(several.judged([])) == []
