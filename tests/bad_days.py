"""A server at a terminal that deploys products on bad days: one component of each is made by `awkward_command.py`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from commands import ROOT, Ended, Terminal
from deploy_stage import wait_for
from doors import product

JOB = """internalComponents:
  applicationComponents:
  - {name: NAME, version: 1.0.0, platform: "bad:days", applicationType: batch-transformation}
"""


class BadDays:
    """What tests need of the server: its terminal, the folder of its adapter, and products with or without a job."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.folder = terminal.folder / "made"

    def accept(self, name: str, version: str = "1.0.0", *, job: bool = True) -> str:
        """The name of a product that was accepted; its job is called as it is."""
        text = product(name, version).decode() + (JOB.replace("NAME", name) if job else "")
        file = self.terminal.write(f"{name}-{version}.yaml", text)
        assert self.terminal.run("submit", "-q", file).code == 0
        return name

    def is_in(self, mood: str, *names: str) -> None:
        """Which jobs are `refused`, `stuck` or `slow` from now on."""
        Path(f"{self.folder}.{mood}").write_text("\n".join(names), "utf-8")

    def begun(self, name: str, state: str) -> str:
        """The id of a deployment of the product that is in this state."""
        assert self.terminal.run("deploy", name, "--no-wait").code == 0
        line = f"urn:dpds:org.example:dataproducts:{name}:1"

        def found() -> Any:
            (one,) = self.run("deployments", "--product", line, "--limit", "1", "--json").json["deployments"]
            return one["id"] if one["state"] == state and (state != "applying" or one["waiting"]) else None

        return str(wait_for(found, f"{name} that is {state}", every=0.05))

    def run(self, *words: str | Path) -> Ended:
        return self.terminal.run(*words)

    def container(self, name: str) -> dict[str, Any]:
        """The live container of the product."""
        line = f"urn:dpds:org.example:dataproducts:{name}:1"
        (one,) = self.run("containers", "--product", line, "--json").json["containers"]
        return dict(one)


@contextmanager
def served(folder: Path) -> Iterator[BadDays]:
    """A server with its worker; commands of the terminal reach it."""
    terminal = Terminal(folder)
    days = BadDays(terminal)
    paths = f"import sys; sys.path[:0] = {[str(ROOT), str(ROOT / 'tests')]!r}; "
    script = (
        paths + f"import runpy; runpy.run_path({str(ROOT / 'tests' / 'awkward_command.py')!r}, run_name='__main__')"
    )
    command = {"command": [sys.executable, "-c", script, str(days.folder)]}
    bindings = [
        {"adapter": "command", "platform": "bad:*", "configuration": command},
        {"adapter": "local-fs", "platform": "postgresql:*"},
    ]
    places = [{"name": "dev", "adapters": bindings}, {"name": "prod", "adapters": bindings, "approval": "required"}]
    terminal.write("environments.yaml", json.dumps(places))
    terminal.write("meshgate.yaml", "environments: environments.yaml\n")
    with terminal.running("serve", "--listen", "127.0.0.1:0", until="serving ") as address:
        terminal.environment["MESHGATE_SERVER"] = address
        yield days
