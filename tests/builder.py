"""An adapter that builds: it writes one artifact per build into a folder, looks first, and counts what it really built.

Run as a program it is a worker that kills itself at one named point: `python builder.py URL FOLDER POINT DIARY`.
"""

from __future__ import annotations

import hashlib
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from deploy_stage import Stage, document
from dying_worker import Diary, die, dying

from engine.policy.environments import Binding
from engine.provision.adapters.local_fs import LocalFs

BUILDING = Binding("builder", "*", "lifecycle-task", stage="build")
MAKING = Binding("builder")


class Builder(LocalFs):
    """local-fs that, in the stage `build`, makes an artifact of the version."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        super().__init__(config)
        self.builds, self.given = self.directory / "builds.txt", list[tuple[str, Any]]()
        self.failures: list[str] = []
        self.pending = 0
        self.point = ""
        self.halt: threading.Event | None = None
        self.asked, self.alone = threading.Event(), threading.Lock()

    def info(self) -> dict[str, Any]:
        told = super().info()
        return {**told, "capabilities": {**told["capabilities"], "build": True, "async": True, "cancel": True}}

    def apply(self, request: dict[str, Any]) -> dict[str, Any]:
        name = request["component"]["name"]
        if request.get("stage") != "build":
            self.given.append((f"{name} {request['environment']}", request.get("artifacts")))
            return super().apply(request)
        self.asked.set()
        if self.halt is not None:
            assert self.halt.wait(60)
        if self.failures:
            return {"state": "failed", "error": {"class": self.failures.pop(0), "message": "a bad day"}}
        if self.pending:
            self.last = request
            return {"state": "pending", "operation": f"build {name}", "retry_after": 0.01}
        return self.built(request)

    def built(self, request: dict[str, Any]) -> dict[str, Any]:
        name, version = request["component"]["name"], request["container"]["version"]
        content = f"{name} of {version}"
        folder = self.directory / "artifacts"
        made = folder / f"{name}-{version}"
        with self.alone:
            if not made.exists():
                folder.mkdir(parents=True, exist_ok=True)
                with self.builds.open("a") as told:
                    told.write(content + "\n")
                made.write_text(content)
        if self.point == f"world {name}":
            die()
        digest = "sha256:" + hashlib.sha256(content.encode()).hexdigest()
        artifact = {"name": name, "digest": digest, "location": f"file://{made}"}
        seen = {"state": "present", "generation": 1, "fingerprint": digest, "outputs": {"log": "well"}}
        return {"state": "done", "changed": True, "observation": {**seen, "artifacts": [artifact]}}

    def poll(self, operation: str) -> dict[str, Any]:
        self.pending -= 1
        if self.pending > 0:
            return {"state": "running", "retry_after": 0.01}
        return {"state": "succeeded", "observation": self.built(self.last)["observation"]}

    def count(self) -> list[str]:
        """What was really built, as often as it was."""
        return self.builds.read_text().splitlines() if self.builds.exists() else []


def building(version: str = "1.0.0", *names: str, **more: Any) -> dict[str, Any]:
    """The descriptor of a product with these tasks of the stage `build` (`pack`)."""
    told = document(version)
    stages = {"build": [{"name": name, "order": place} for place, name in enumerate(names or ("pack",), 1)], **more}
    return {**told, "internalComponents": {**told["internalComponents"], "lifecycleInfo": stages}}


def staged(made: Callable[..., Stage], builder: Builder, **more: Any) -> Stage:
    """A stage whose first environment builds with it, and where it makes everything."""
    told = {"bindings": (MAKING, BUILDING), **more}
    return made(adapters={"builder": lambda config: builder}, **told)


if __name__ == "__main__":
    where, place, when, book = sys.argv[1:]
    one = Builder({"directory": place})
    one.point = when
    script = dying(when, Diary(Path(book)))
    worker = staged(lambda **more: Stage(where, Path(place), script=script, lease_seconds=1.0, **more), one)
    worker.worker.start()
    threading.Event().wait()
