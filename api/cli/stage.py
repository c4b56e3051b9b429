"""What does the demo need to run real commands against a real server, and to show what it does?"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from engine.errors import GovernanceError, UsageError

CONFIGURATION = "# The demo's own configuration.\nnamespace: org.example\n"
READY = "serving "
SECONDS_TO_START = 60.0


class DemoFailed(GovernanceError):
    """A step of the demo did not end as it should."""

    code = "demo-failed"
    hint = "Everything that the demo wrote is still in its folder; `meshgate doctor` looks at the parts."


class Stage:
    """A folder to write to, the examples to read, and commands that are shown before they are run."""

    def __init__(self, folder: Path, examples: Path) -> None:
        self.folder = near(folder)
        self.examples = near(examples)
        self.address = ""
        # The host's own settings must not change the story.
        clean = {name: value for name, value in os.environ.items() if not name.startswith("MESHGATE_")}
        own = {"MESHGATE_DATA_DIR": str(folder / "data"), "XDG_CACHE_HOME": str(folder.absolute() / "cache")}
        self._environment = {**clean, **own, "PYTHONUNBUFFERED": "1"}

    def clear(self) -> None:
        """Remove what an earlier run left, and begin with a configuration of the demo's own.

        Raises UsageError for a folder that holds anything else: somebody's home must not be emptied.
        """
        configuration = self.folder / "meshgate.yaml"
        if self.folder.exists() and any(self.folder.iterdir()):
            if not configuration.is_file() or configuration.read_text("utf-8", "replace") != CONFIGURATION:
                raise UsageError(f"{self.folder} holds files that no demo wrote; name an empty folder with --folder.")
            shutil.rmtree(self.folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        configuration.write_text(CONFIGURATION, "utf-8")

    def run(self, *arguments: str, expect: int = 0) -> None:
        """Show a command, run it, and make sure that it ends with the expected exit code."""
        shown = f"meshgate {shlex.join(arguments)}"
        print(f"\n$ {shown}", flush=True)
        code = subprocess.run(self._command(*arguments), env=self._environment, check=False).returncode
        if code != expect:
            raise DemoFailed(f"`{shown}` ended with {code} instead of {expect}.")
        if expect:
            print(f"(exit code {code}, as it should be)", flush=True)

    @contextmanager
    def server(self) -> Iterator[str]:
        """A server on a free loopback port, stopped at the end; later commands go there."""
        command = self._command("serve", "--listen", "127.0.0.1:0")
        with (self.folder / "server.log").open("wb") as log:
            process = subprocess.Popen(command, env=self._environment, stderr=log, stdout=subprocess.DEVNULL)
        try:
            self.address = self._ready(process)
            self._environment["MESHGATE_SERVER"] = self.address
            yield self.address
        finally:
            self._environment.pop("MESHGATE_SERVER", None)
            process.terminate()
            process.wait(30)

    def _ready(self, process: subprocess.Popen[bytes]) -> str:
        deadline = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < deadline and process.poll() is None:
            for line in (self.folder / "server.log").read_text("utf-8", "replace").splitlines():
                if line.startswith(READY):
                    return line.removeprefix(READY)
            time.sleep(0.05)
        raise DemoFailed(f"The server did not start; see {self.folder / 'server.log'}.")

    def _command(self, *arguments: str) -> Sequence[str]:
        config = ["--config", str(self.folder / "meshgate.yaml")]
        return [sys.executable, "-c", "from api.cli import main; main()", arguments[0], *config, *arguments[1:]]


def near(path: Path) -> Path:
    """The path as one would type it in this folder."""
    path = path.absolute()
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
