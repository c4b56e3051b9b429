"""Where do `conftest` and `regal`, which only tests need, come from?

From PATH or `.tools` where the pinned version lies there, else they are built with Go, once per machine. Modules are
asked for by their exact version, in a module of their own: `go install` also wants to know of newer ones, and not every
proxy tells. The version is linked in, so that a binary can be asked what it is.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TOOLS = Path(__file__).resolve().parent.parent / ".tools"
SECONDS = 1500


@dataclass(frozen=True, slots=True)
class GoTool:
    """A command that is a Go module; `variable` is where its version is linked in, `told` how it says it."""

    name: str
    module: str
    version: str
    variable: str
    told: str

    def is_at(self, binary: str) -> bool:
        """Whether this binary is the tool, of the pinned version."""
        asked = [binary, "--version"] if self.name == "conftest" else [binary, "version"]
        try:
            done = subprocess.run(asked, capture_output=True, text=True, timeout=30, check=False)
        except OSError:
            return False
        return any(" ".join(line.split()) == f"{self.told} {self.version}" for line in done.stdout.splitlines())


CONFTEST = GoTool(
    name="conftest",
    module="github.com/open-policy-agent/conftest",
    version="0.71.1",
    variable="github.com/open-policy-agent/conftest/internal/version.Version",
    told="Conftest:",
)
REGAL = GoTool(
    name="regal",
    module="github.com/open-policy-agent/regal",
    version="0.39.0",
    variable="github.com/open-policy-agent/regal/pkg/version.Version",
    told="Version:",
)


def found(tool: GoTool) -> str | None:
    """The binary of the pinned version: built before, on PATH, or built now; None where Go cannot build it."""
    TOOLS.mkdir(exist_ok=True)
    for candidate in _candidates(tool):
        if tool.is_at(candidate):
            return candidate
    return _built(tool)


def _candidates(tool: GoTool) -> Iterator[str]:
    yield str(TOOLS / tool.name)
    if on_path := shutil.which(tool.name):
        yield on_path


def _built(tool: GoTool) -> str | None:
    if shutil.which("go") is None:
        return None
    target = TOOLS / tool.name
    environment = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-mod=mod"}
    environment.setdefault("HOME", str(TOOLS / "home"))
    linked = f"-ldflags=-X {tool.variable}={tool.version}"
    with tempfile.TemporaryDirectory(dir=TOOLS) as folder:
        Path(folder, "go.mod").write_text(f"module tests\n\ngo 1.24\n\nrequire {tool.module} v{tool.version}\n")
        command = ["go", "build", linked, "-o", str(target), tool.module]
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            capture_output=True,
            check=False,
            timeout=SECONDS,
            stdin=subprocess.DEVNULL,
        )
    return str(target) if done.returncode == 0 and tool.is_at(str(target)) else None
