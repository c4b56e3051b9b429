"""An executable for the adapter `command` that is local-fs on bad days: `python awkward_command.py FOLDER`.

FOLDER.refused, FOLDER.stuck and FOLDER.slow hold the names of components that cannot be made, cannot be removed, or
take until their name is gone from the file.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from engine.provision.adapters.local_fs import LocalFs

FAILED = {"state": "failed", "error": {"class": "QUOTA", "message": "the disk is full"}}
PROGRESS = {"percent": 40, "message": "copying"}


class Awkward(LocalFs):
    """local-fs as the files beside its folder make it."""

    def __init__(self, folder: str) -> None:
        super().__init__({"directory": folder})
        self.folder = folder

    def info(self) -> dict[str, Any]:
        told = super().info()
        return {**told, "capabilities": {**told["capabilities"], "async": True, "cancel": True}}

    def apply(self, request: dict[str, Any]) -> dict[str, Any]:
        if self._is("refused", request):
            return FAILED
        if self._is("slow", request):
            name = request["component"]["name"]
            return {"state": "pending", "operation": name, "retry_after": 0.05}
        return super().apply(request)

    def destroy(self, ref: dict[str, Any], policy: str) -> dict[str, Any]:
        return FAILED if self._is("stuck", ref) else super().destroy(ref, policy)

    def poll(self, operation: str) -> dict[str, Any]:
        if operation in self._named("slow"):
            return {"state": "running", **PROGRESS, "retry_after": 0.05}
        return {"state": "failed", "error": {"class": "TRANSIENT", "message": "ask again"}}

    def cancel(self, operation: str) -> dict[str, Any]:
        return {"state": "cancelled"}

    def _is(self, mood: str, request: dict[str, Any]) -> bool:
        return request["component"]["name"] in self._named(mood)

    def _named(self, mood: str) -> list[str]:
        file = Path(f"{self.folder}.{mood}")
        return file.read_text("utf-8").split() if file.exists() else []


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    print(json.dumps(getattr(Awkward(sys.argv[1]), asked["call"])(*asked["arguments"].values())))
