"""The command `meshgate` as a user runs it: in a process of its own, with an empty home, and nothing configured."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
MESH = ROOT / "examples" / "mesh"
GOOD = ("customer", "finance", "logistics", "sales")
"""The folders of `examples/mesh` without a fault."""

PROGRAM = Path(sys.executable).with_name("meshgate")


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it said on either stream."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Terminal:
    """A folder to run commands in, and a home of its own; `environment` can be added to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "here"
        self.home = folder / "home"
        for made in (self.folder, self.home):
            made.mkdir(parents=True)
        runs = {name: os.environ[name] for name in ("PATH", "XDG_RUNTIME_DIR") if name in os.environ}
        self.environment = {**runs, "HOME": str(self.home), "LANG": "C.UTF-8"}

    @property
    def data_dir(self) -> Path:
        """Where an unconfigured command keeps its data."""
        return self.home / ".local" / "share" / "meshgate"

    def run(self, *arguments: str | Path, **environment: str) -> Ended:
        """Run `meshgate` to its end."""
        done = subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env={**self.environment, **environment},
            capture_output=True,
            check=False,
            timeout=120,
        )
        return Ended(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))

    def command(self, *arguments: str | Path) -> Sequence[str]:
        return [str(PROGRAM), *map(str, arguments)]

    @contextmanager
    def running(self, *arguments: str | Path, until: str) -> Iterator[str]:
        """Run `meshgate` beside the block, once it said a line that begins so; the rest of that line is given.

        It has to end with 0 on SIGTERM.
        """
        log = self.home / f"{arguments[0]}.log"
        with log.open("wb") as said:
            process = subprocess.Popen(
                self.command(*arguments), cwd=self.folder, env=self.environment, stdout=said, stderr=said
            )
        try:
            yield _said(process, log, until)
        finally:
            process.send_signal(signal.SIGTERM)
            code = process.wait(30)
        assert code == 0, log.read_text()

    def write(self, name: str, content: str | bytes) -> Path:
        """Make a file in the folder and name it as one would there."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return Path(name)


def _said(process: subprocess.Popen[bytes], log: Path, until: str) -> str:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        for line in log.read_text().splitlines():
            if line.startswith(until):
                return line.removeprefix(until)
        time.sleep(0.05)
    raise AssertionError(f"it never said {until!r}:\n{log.read_text()}")
