"""How does an executable become an adapter?

Each call runs it once: the call is one JSON object on its standard input (`{"contract", "call", "arguments"}`), the
answer one on its standard output: the body that the call answers, or `{"error": {"class", "message"}}`. Its environment
is empty, so that nothing of the worker leaks into it; it has a deadline, and whatever it started dies with it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from engine.provision.adapters.handed_on import HandedOn
from engine.provision.calls import CALLS
from engine.provision.contract import CONTRACT, Body, failed, faults
from engine.provision.masking import hidden

SECONDS = 60.0
LARGEST = 4 * 1024 * 1024
"""Bytes that an executable may answer."""

TOLD = 300
"""Characters of its last line on standard error that an error tells."""


CONFIGURATION: Body = {
    "type": "object",
    "required": ["command"],
    "properties": {
        "command": {
            "type": "array",
            "items": {"type": "string", "minLength": 1},
            "minItems": 1,
            "description": "the executable, by its path, and its arguments",
        },
        "seconds": {"type": "number", "description": "how long one call may take; 60 where it is not told"},
        "directory": {"type": "string", "description": "where it runs; `/` where it is not told"},
    },
}


class Command(HandedOn):
    """The adapter `command`; `config["command"]` is the executable with its arguments."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        command = config.get("command")
        if not isinstance(command, list) or not command or not all(isinstance(one, str) and one for one in command):
            raise ValueError("command needs the setting `command`: a list of the executable and its arguments")
        self._command = [*command]
        self._seconds = float(config.get("seconds", SECONDS))
        self._directory = str(config.get("directory") or "/")

    def _asked(self, call: str, **arguments: Any) -> Body:
        """What it answers. Raises ProvisioningFailed: INVALID where it cannot be started at all."""
        name, asked = self._command[0], json.dumps({"contract": CONTRACT, "call": call, "arguments": arguments})
        writes = CALLS[call].writes
        code, told, error = self._run(asked.encode("utf-8", "surrogatepass"), call)
        if code != 0:
            why = _hidden(error, arguments)
            raise failed("UNKNOWN_OUTCOME" if writes else "TRANSIENT", f"{name} ended {call} with {code}{why}")
        try:
            answer = json.loads(told)
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise failed("UNKNOWN_OUTCOME" if writes else "INTERNAL", f"{name} answered {call} with no JSON object")
        if isinstance(answer.get("error"), dict) and "state" not in answer and not faults("Error", answer["error"]):
            raise failed(answer["error"]["class"], f"{name}: {answer['error']['message']}")
        return answer

    def _run(self, asked: bytes, call: str) -> tuple[int, bytes, bytes]:
        """Its exit code, what it wrote, and what it wrote to standard error."""
        try:
            process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={},
                cwd=self._directory,
                start_new_session=True,
            )
        except OSError as error:
            raise failed("INVALID", f"{self._command[0]} cannot be started: {error.strerror}") from error
        late = threading.Event()

        def end() -> None:
            late.set()
            _kill(process)

        watch = threading.Timer(self._seconds, end)
        watch.start()
        with process:
            pipes = _Pipes(process, asked)
            code = process.wait()
            watch.cancel()
            told, said = pipes.read()
        if late.is_set():
            raise failed("TIMEOUT", f"{self._command[0]} did not end {call} within {self._seconds:g} s")
        if len(told) > LARGEST:
            kind = "UNKNOWN_OUTCOME" if CALLS[call].writes else "INTERNAL"
            raise failed(kind, f"{self._command[0]} answered {call} with more than {LARGEST} bytes")
        return code, told, said


class _Pipes:
    """Threads that write what is asked, and read what is told up to a bound: what comes after it is thrown away."""

    def __init__(self, process: subprocess.Popen[bytes], asked: bytes) -> None:
        self._read: dict[str, bytearray] = {"stdout": bytearray(), "stderr": bytearray()}
        self._process = process
        self._threads = [threading.Thread(target=self._write, args=[asked], daemon=True)]
        self._threads += [threading.Thread(target=self._keep, args=[name], daemon=True) for name in self._read]
        for one in self._threads:
            one.start()

    def read(self) -> tuple[bytes, bytes]:
        """What was told; called once the process has ended, and its children were killed."""
        _kill(self._process)
        for one in self._threads:
            one.join()
        return bytes(self._read["stdout"]), bytes(self._read["stderr"])

    def _write(self, asked: bytes) -> None:
        assert self._process.stdin is not None
        with suppress(OSError):  # it need not read what it is asked
            self._process.stdin.write(asked)
            self._process.stdin.close()

    def _keep(self, name: str) -> None:
        kept = self._read[name]
        while piece := os.read(getattr(self._process, name).fileno(), 65536):
            kept += piece[: max(0, LARGEST + 1 - len(kept))]


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill it, and all that it started in its own session."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _hidden(error: bytes, arguments: Mapping[str, Any]) -> str:
    """The last line of standard error, without the secrets of this call."""
    lines = error.decode("utf-8", "replace").strip().splitlines()
    last = lines[-1] if lines else ""
    last = hidden(last, _secrets(arguments))
    return f": {last[:TOLD]}" if last else ""


def _secrets(arguments: Mapping[str, Any]) -> Iterator[str]:
    for argument in arguments.values():
        if isinstance(argument, dict) and isinstance(argument.get("secrets"), dict):
            yield from (one for one in argument["secrets"].values() if isinstance(one, str) and one)
