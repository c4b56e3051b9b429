"""What comes of a command of dbt, run as a program of its own?

Its environment holds nothing of the worker, and it tells nobody that it ran. It has a deadline, after which it dies
with all that it started; it holds the lock of the resource, so that one whose worker died is not run into by the next.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.provision.adapters.local_place import digest

QUIET = ("--no-send-anonymous-usage-stats", "--no-use-colors", "--no-version-check", "--log-format", "json",
         "--log-level", "warn", "--log-level-file", "none")  # fmt: skip
LARGEST, TOLD = 256 * 1024, 500
LOCKED = ("Could not set lock", "Conflicting lock")


class Failed(Exception):
    """The command did not end well; `error_class` is of upp/1."""

    def __init__(self, error_class: str, message: str) -> None:
        super().__init__(message)
        self.error_class = error_class


@dataclass(frozen=True, slots=True)
class Dbt:
    """The executable, and how long one command may take."""

    executable: str
    seconds: float

    def ran(self, command: str, folder: Path, *, lock: int | None = None) -> None:
        """Raises Failed."""
        code, said = self._run(command, folder, lock)
        if code == 0:
            return
        wrong = [*_results(folder), *said]
        message = "; ".join(dict.fromkeys(wrong))[:TOLD] or f"it ended with {code} and said nothing"
        kind = "INVALID" if wrong else "INTERNAL"
        if code < 0 or any(one in message for one in LOCKED):
            kind = "TRANSIENT"
        raise Failed(kind, f"dbt {command}: {message}")

    def _run(self, command: str, folder: Path, lock: int | None) -> tuple[int, list[str]]:
        """Its exit code, and the errors that it told."""
        asked = [self.executable, *QUIET, command, "--project-dir", str(folder), "--profiles-dir", str(folder)]
        environment = {"DO_NOT_TRACK": "1", "HOME": str(folder), "LANG": "C.UTF-8", "PATH": os.defpath}
        with tempfile.TemporaryFile() as said:
            try:
                process = subprocess.Popen(
                    asked,
                    stdin=subprocess.DEVNULL,
                    stdout=said,
                    stderr=subprocess.STDOUT,
                    env=environment,
                    cwd=folder,
                    start_new_session=True,
                    pass_fds=[] if lock is None else [lock],
                )
            except OSError as error:
                raise Failed("INVALID", f"{self.executable} cannot be started: {error.strerror}") from error
            code = self._ended(process, command)
            said.seek(0, os.SEEK_END)
            said.seek(max(0, said.tell() - LARGEST))
            return code, list(_errors(said.read().decode("utf-8", "replace")))

    def _ended(self, process: subprocess.Popen[bytes], command: str) -> int:
        try:
            return process.wait(self.seconds)
        except subprocess.TimeoutExpired:
            raise Failed("TIMEOUT", f"dbt {command} did not end within {self.seconds:g} s") from None
        finally:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def manifest(folder: Path) -> Mapping[str, Any]:
    """What dbt made of the project: its models with their SQL, kinds and checksums."""
    told = json.loads((folder / "target" / "manifest.json").read_text(encoding="utf-8"))
    found: Mapping[str, Any] = {key: one for key, one in told["nodes"].items() if one["resource_type"] != "test"}
    return found


def manifest_hash(nodes: Mapping[str, Any]) -> str:
    """A hash of the models; the same for the same project wherever and whenever it is parsed."""
    return digest({key: [one["checksum"]["checksum"], one["config"].get("materialized")] for key, one in nodes.items()})


def _results(folder: Path) -> list[str]:
    """What failed, by the results of the run."""
    with suppress(OSError, ValueError, KeyError):
        told = json.loads((folder / "target" / "run_results.json").read_text(encoding="utf-8"))["results"]
        bad = [one for one in told if one["status"] in ("error", "fail", "runtime error")]
        return [f"{one['unique_id'].split('.')[2]}: {' '.join(str(one['message']).split())}" for one in bad]
    return []


def _errors(text: str) -> Iterator[str]:
    for line in text.splitlines():
        try:
            told = json.loads(line)["info"]
        except (ValueError, KeyError, TypeError):
            continue
        if told.get("level") == "error" and told.get("msg"):
            yield " ".join(str(told["msg"]).split())
