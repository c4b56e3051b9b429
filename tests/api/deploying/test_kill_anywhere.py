"""Wherever a worker is killed: is no deployment lost, nothing done twice, and nothing stuck?

Each story is told once undisturbed, which shows its moments (`nursery`); then workers are killed at these, one after
the other. On SQLite one worker at a time may be there; on PostgreSQL there are three, and one of them dies.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import nursery
import pytest
from deploy_stage import DEPLOYER, Stage, document, wait_for
from dying_worker import Diary

from catalog.changes import Changes
from engine.provision.states import DeploymentState

ROOT = Path(nursery.__file__).resolve().parent.parent
STUCK = 60.0
SEVERAL = 3
EACH = 200 / 8
"""Kills of each story, so that together they are two hundred on each store."""


class Told(NamedTuple):
    """What is left of one telling of a story: how it ended, what the feed says, and what happened in the world."""

    state: str
    feed: list[tuple[str, str]]
    effects: list[str]


class Nursery:
    """The workers of one store, and what they did."""

    def __init__(self, url: str, folder: Path) -> None:
        self.log = Diary(folder / "log")
        self.folder = folder / "containers"
        adapter = nursery.Chaos({"directory": str(self.folder)})
        self.stage: Stage = nursery.staged(url, self.folder, lambda script: script, adapter)
        paths = {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
        command = [sys.executable, nursery.__file__, url, str(self.folder), str(self.log.path)]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, env=os.environ | paths, stdin=pipe, stdout=pipe, text=True)
        self.kills, self.slowest = 0, 0.0
        self.killed_at: Counter[str] = Counter()
        assert self._read() == "ready"
        self.workers = [self._asked("fork") for _ in range(SEVERAL if url.startswith("postgresql") else 1)]

    def _read(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def _asked(self, question: str) -> int:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{question}\n")
        self.process.stdin.flush()
        return int(self._read())

    def doom(self, name: str, moment: int) -> None:
        """Let whoever carries out this product die at this moment of it."""
        Path(f"{self.folder}.deadly").write_text(f"{name} {moment}")

    def replace(self) -> bool:
        """Whether a worker has died since the last look; another one takes its place."""
        for place, pid in enumerate(self.workers):
            if (how := self._asked(f"wait {pid}")) != 0:
                assert how == -signal.SIGKILL
                self.kills += 1
                self.killed_at[self.last(pid)] += 1
                self.workers[place] = self._asked("fork")
                return True
        return False

    def moments(self, name: str) -> list[str]:
        start = f"moment {name} "
        return [line.split(" ", 3)[3] for line in self.log.lines() if line.startswith(start)]

    def last(self, pid: int) -> str:
        """The moment at which this worker died."""
        mine = [line for line in self.log.lines() if line.startswith("moment ") and line.split(" ", 3)[2] == str(pid)]
        return str(mine[-1].split(" ", 3)[3])

    def over(self, deployment_id: str) -> bool:
        """Whether it has ended and nobody has anything left to do; a worker that dies meanwhile is replaced."""
        self.replace()
        ended = not DeploymentState(self.stage.deployment(deployment_id)["state"]).running
        return ended and not self.stage.worker.backlog().turns

    def told(self, name: str, deployment_id: str) -> Told:
        changes = Changes(self.stage.database).after(principal=DEPLOYER, limit=100_000)
        feed = [
            (one.kind, str(one.payload.get("version", ""))) for one in changes if f":{name}:" in (one.subject or "")
        ]
        effects = [line for line in self.log.lines() if line.startswith("effect") and f":{name}:" in line]
        state = self.stage.deployment(deployment_id)["state"]
        return Told(state, feed, [re.sub(r":[a-z]+-\d+:", ":", one) for one in effects])

    def close(self) -> None:
        for pid in self.workers:
            os.kill(pid, signal.SIGKILL)
        self.process.communicate()
        self.stage.close()


@contextmanager
def nursed(url: str, folder: Path) -> Iterator[Nursery]:
    made = Nursery(url, folder)
    try:
        yield made
    finally:
        made.close()


def first(nursery: Nursery, name: str) -> Callable[[], str]:
    nursery.stage.accept(document(name=name))
    return lambda: nursery.stage.ask(name=name).deployment_id


def second(nursery: Nursery, name: str) -> Callable[[], str]:
    before = first(nursery, name)()
    wait_for(lambda: nursery.over(before), "what was before", seconds=STUCK, every=0.1)
    changed = document("1.1.0", name)
    changed["internalComponents"]["applicationComponents"][0]["description"] = "more"
    nursery.stage.accept(changed)
    return lambda: nursery.stage.ask("1.1.0", name=name).deployment_id


def retired(nursery: Nursery, name: str) -> Callable[[], str]:
    nursery.stage.accept(document(name=name))
    before = nursery.stage.ask(name=name)
    wait_for(lambda: nursery.over(before.deployment_id), "what was before", seconds=STUCK, every=0.1)
    return lambda: nursery.stage.retire(before.container_id).deployment_id


STORIES: dict[str, tuple[Callable[[Nursery, str], Callable[[], str]], str]] = {
    "comes": (first, "succeeded"),
    "slips": (second, "failed_clean"),
    "sticks": (first, "failed_dirty"),
    "wobbles": (first, "succeeded"),
    "fails": (first, "failed_clean"),
    "grows": (second, "succeeded"),
    "goes": (retired, "succeeded"),
    "stops": (first, "cancelled_clean"),
}
"""What happens to a product whose name begins so (`nursery.Chaos` reads it too), and how its deployment ends."""


def undisturbed(nursery: Nursery, word: str) -> tuple[Told, list[str]]:
    """The story without a kill, and its moments."""
    begin, end = STORIES[word]
    name = f"{word}-0"
    ask = begin(nursery, name)
    before = len(nursery.moments(name))
    asked = ask()
    wait_for(lambda: nursery.over(asked), "the end", seconds=STUCK, every=0.1)
    told = nursery.told(name, asked)
    assert told.state == end
    assert max(Counter(told.effects).values(), default=1) == 1
    return told, nursery.moments(name)[before:]


def disturbed(nursery: Nursery, word: str, number: int, deadly: int) -> Told:
    """The same with a worker that dies at this moment."""
    name = f"{word}-{number}"
    ask = STORIES[word][0](nursery, name)
    nursery.doom(name, deadly)
    asked = ask()
    wait_for(lambda: nursery.replace() or nursery.over(asked), "the kill", every=0.1)
    began = time.monotonic()
    wait_for(lambda: nursery.over(asked), f"the end of {name}", seconds=STUCK, every=0.1)
    nursery.slowest = max(nursery.slowest, time.monotonic() - began)
    return nursery.told(name, asked)


def same_whatever_dies(nursery: Nursery, word: str, choose: Callable[[Sequence[str]], Sequence[int]]) -> None:
    told, seen = undisturbed(nursery, word)
    for number, place in enumerate(choose(seen), start=1):
        again = disturbed(nursery, word, number, place + 1)
        where = f"{word}, killed at {place + 1} of {len(seen)}: {seen[place]}"
        assert (again.state, again.feed) == (told.state, told.feed), where
        assert Counter(again.effects) == Counter(told.effects), where


def every_name(seen: Sequence[str]) -> list[int]:
    """The first moment of each name, and every tenth of all."""
    return sorted({seen.index(name) for name in seen} | set(range(0, len(seen), 10)))


@pytest.mark.parametrize("word", ["comes", "slips"])
def test_a_story_ends_the_same_when_a_worker_is_killed_here_and_there(
    store_url: str, tmp_path: Path, word: str
) -> None:
    with nursed(store_url, tmp_path) as nursery:
        same_whatever_dies(nursery, word, lambda seen: range(len(seen) // 6, len(seen), len(seen) // 3))
        assert nursery.kills >= 2


@pytest.mark.long
@pytest.mark.parametrize("word", STORIES)
def test_every_story_ends_the_same_wherever_a_worker_is_killed(store_url: str, tmp_path: Path, word: str) -> None:
    with nursed(store_url, tmp_path) as nursery:
        same_whatever_dies(nursery, word, every_name)
        print(f"{word}: {nursery.kills} kills at {len(nursery.killed_at)} kinds of moments", end=", ")
        print(f"the slowest end {nursery.slowest:.1f} s after its kill", flush=True)
        assert nursery.kills >= EACH
