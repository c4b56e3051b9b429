"""How is one child process with regorus asked, and stopped when it hangs, swells, panics or crashes?"""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import orjson

from engine.model import Json

PROGRAM = Path(__file__).with_name("embedded_worker.py")
START_SECONDS = 20.0
LARGEST_ANSWER = 16 << 20
"""Bytes of an answer that are read, as of an OPA server's: a policy may say much in little memory, by repeating it."""
_TICK = 0.05
_EXCERPT = re.compile(r"^[ \t]*\d*[ \t]*\|.*$", re.MULTILINE)
_REGORUS_ERROR = re.compile(r"--> (\S[^\n]*:\d+:\d+)\n.*?\nerror: (.*)", re.DOTALL)


class WorkerLost(Exception):
    """The worker had to be killed, or died, before it answered; the message says why."""


class Overtime(WorkerLost):
    """The worker was well, but had to be killed because its time was over."""


class Refused(Exception):
    """The worker is well, but regorus refused the policies or failed on the document; the message is its own."""


class NotLoaded(Exception):
    """The worker does not hold the bundle (any more)."""


_STATES: dict[bytes, type[Exception]] = {b"error": Refused, b"absent": NotLoaded, b"broken": WorkerLost}


class Worker:
    """One child process: one request at a time, killed when it oversteps time or memory."""

    def __init__(self, *, memory_mib: int) -> None:
        self._memory = memory_mib << 20
        self._process = subprocess.Popen(
            [sys.executable, "-I", str(PROGRAM), str(memory_mib)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd=os.sep,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._requests, self._replies = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._requests, False)
        os.set_blocking(self._replies, False)
        self._owed = 1
        """How many replies are still to come; the first is the greeting."""
        self._greeted = False

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process still runs, as far as the system knows."""
        return self._process.poll() is None

    @property
    def even(self) -> bool:
        """Whether it owes no reply: else the next question would be given the answer to another one."""
        return self._owed == 0

    def ask(self, verb: bytes, *parts: bytes, seconds: float, most: int | None = None) -> bytes:
        """The worker's reply, of so many bytes at most.

        Raises Refused, NotLoaded, or WorkerLost: then this worker is of no use any more.
        """
        deadline = time.monotonic() + seconds
        self._say(deadline, seconds, [verb, *parts])
        return self._reply(deadline, seconds, most)

    def load(self, revision: str, modules: Mapping[str, str], *, seconds: float) -> None:
        """Let the worker hold these modules under this revision."""
        self.ask(b"load", revision.encode(), *_flat(modules), seconds=seconds)

    def syntax(self, modules: Mapping[str, str], *, seconds: float, v0: bool = False) -> list[Mapping[str, Json]]:
        """The syntax trees of the modules, in their order; with `v0` they are read as Rego before OPA 1.0."""
        verb = b"syntax-v0" if v0 else b"syntax"
        trees: list[Mapping[str, Json]] = orjson.loads(self.ask(verb, *_flat(modules), seconds=seconds))
        return trees

    def evaluate(self, revision: str, question: str, document: bytes, *, seconds: float) -> Json:
        """The value of the question for the document (JSON); None where it is undefined. Raises NotLoaded too."""
        raw = self.ask(
            b"evaluate", revision.encode(), question.encode(), document, seconds=seconds, most=LARGEST_ANSWER
        )
        return _value(raw)

    def evaluate_each(
        self, revision: str, question: str, documents: Sequence[bytes], *, seconds: float
    ) -> Iterator[Json]:
        """The value of the question for each document, in one round trip; None where regorus has none or refuses.

        Raises NotLoaded before the first, and WorkerLost at any.
        """
        deadline = time.monotonic() + seconds
        message = [b"evaluate-each", revision.encode(), question.encode(), *documents]
        self._say(deadline, seconds, message, replies=len(documents) + 1)
        for _ in documents:
            try:
                yield _value(self._reply(deadline, seconds, LARGEST_ANSWER))
            except Refused:
                yield None
        self._reply(deadline, seconds)

    def trial(self, revision: str, question: str, document: bytes, *, covering: bool, seconds: float) -> Json:
        """What the question gives where nothing was asked before: see `Evaluator.trial`. Raises NotLoaded too."""
        parts = (revision.encode(), question.encode(), document, b"1" if covering else b"")
        return orjson.loads(self.ask(b"trial", *parts, seconds=seconds, most=LARGEST_ANSWER))

    def settle(self) -> None:
        """Wait until the process is up. Raises WorkerLost, also where it cannot import regorus."""
        if not self._greeted:
            self._reply(time.monotonic() + START_SECONDS, START_SECONDS)
            self._greeted = True

    def kill(self) -> None:
        """End the process; whoever waits for its answer learns it as WorkerLost."""
        self._process.kill()

    def stop(self) -> None:
        """End the process and leave nothing of it; for the one call that it belongs to."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _say(self, deadline: float, seconds: float, message: Sequence[bytes], *, replies: int = 1) -> None:
        verb, *parts = message
        self._owed += replies
        self._write(deadline, seconds, [verb, str(int(seconds) + 1).encode(), *parts])

    def _reply(self, deadline: float, seconds: float, most: int | None = None) -> bytes:
        size = _number(self._read(4, deadline, seconds))
        if most is not None and size > most:
            raise WorkerLost(f"its answer is larger than {most >> 20} MiB")
        message = self._read(size, deadline, seconds)
        end = 4 + _number(message[:4])
        state, text = message[4:end], message[end + 4 :]
        self._owed = 0 if state == b"absent" else self._owed - 1
        if state == b"ok":
            return text
        raise _STATES.get(state, WorkerLost)(in_one_line(text.decode(errors="replace")))

    def _read(self, size: int, deadline: float, seconds: float) -> bytes:
        parts = []
        while size:
            self._wait(self._replies, select.POLLIN, deadline, seconds)
            part = os.read(self._replies, min(size, 1 << 20))
            if not part:
                raise WorkerLost(self._death())
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def _write(self, deadline: float, seconds: float, parts: Sequence[bytes]) -> None:
        pieces = [piece for part in parts for piece in (len(part).to_bytes(4, "big"), part)]
        view = memoryview(b"".join([sum(map(len, pieces)).to_bytes(4, "big"), *pieces]))
        while view:
            self._wait(self._requests, select.POLLOUT, deadline, seconds)
            try:
                view = view[os.write(self._requests, view) :]
            except BrokenPipeError:
                raise WorkerLost(self._death()) from None

    def _wait(self, pipe: int, event: int, deadline: float, seconds: float) -> None:
        """Wait until the pipe is ready, watching the time and the worker's memory."""
        poll = select.poll()
        poll.register(pipe, event)
        while True:
            left = deadline - time.monotonic()
            if poll.poll(max(0.0, min(left, _TICK)) * 1000):
                return
            if left <= 0:
                raise Overtime(f"it did not finish within {round(seconds, 2):g} s and was stopped")
            if _resident(self.pid) > self._memory:
                raise WorkerLost(f"it took more than {self._memory >> 20} MiB of memory and was stopped")

    def _death(self) -> str:
        try:
            code = self._process.wait(1)
        except subprocess.TimeoutExpired:
            return "its process closed its pipe"
        if code == -signal.SIGABRT:
            return f"its process gave up, as it does where {self._memory >> 20} MiB of memory are too few"
        return f"its process ended by signal {-code}" if code < 0 else f"its process ended with exit code {code}"


_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


def in_one_line(reason: str) -> str:
    """What regorus says in one line: `file:line:column: message`, without excerpts of source and stack."""
    reason = reason.partition("\n\nStack backtrace:")[0]
    found = _REGORUS_ERROR.search(reason)
    told = f"{found.group(1)}: {found.group(2)}" if found else reason
    return " ".join(_EXCERPT.sub("", told).split())


def _value(raw: bytes) -> Json:
    """The value of the one expression in an answer of regorus; None where it is undefined."""
    try:
        return orjson.loads(raw)["result"][0]["expressions"][0]["value"]
    except (ValueError, LookupError, TypeError):
        return None


def _number(four: bytes) -> int:
    return int.from_bytes(four, "big")


def _flat(modules: Mapping[str, str]) -> list[bytes]:
    return [text.encode() for pair in modules.items() for text in pair]


def _resident(pid: int) -> int:
    """The bytes of memory that the process occupies; 0 where the system does not tell this way."""
    try:
        with open(f"/proc/{pid}/statm", "rb") as told:
            return int(told.read().split()[1]) * _PAGE
    except (OSError, IndexError, ValueError):
        return 0
