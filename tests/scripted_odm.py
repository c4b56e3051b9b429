"""An executor of the Open Data Mesh platform, as its interface is published."""

from __future__ import annotations

import json
from typing import Any
from urllib.request import Request, urlopen

from scripted_server import Scripted

TASKS = "/api/v1/up/executor/tasks"


class Executor(Scripted):
    """Runs what it is given, again and again if it is given again (as the adapter of GitLab does).

    `looks` is how often a task is PROCESSING before it ends as `ends`. `calls_back` is how often it calls back.
    """

    def __init__(
        self, *, looks: int = 1, ends: str = "PROCESSED", has_status: bool = True, calls_back: int = 0
    ) -> None:
        super().__init__()
        self.looks, self.ends, self.has_status, self.calls_back = looks, ends, has_status, calls_back
        self.began: list[dict[str, Any]] = []
        self.left: dict[int, int] = {}
        self.refusal: tuple[int, dict[str, Any]] | None = None
        self.called: list[int] = []  # how its callbacks were answered

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        if method == "POST" and path == TASKS:
            return self.begin(body)
        if method == "GET" and path.startswith(f"{TASKS}/") and path.endswith("/status") and self.has_status:
            return self.status(int(path.split("/")[-2]))
        return 404, {"status": 404, "error": "Not Found"}

    def begin(self, body: Any) -> tuple[int, Any]:
        if self.refusal:
            return self.refusal
        json.loads(body["configurations"])
        with self.lock:
            self.began.append(body)
            self.left[body["id"]] = self.looks
        for _ in range(self.calls_back):
            self.call_back(body)
        return 201, {**body, "status": "PROCESSING"}

    def status(self, task: int) -> tuple[int, Any]:
        with self.lock:
            if task not in self.left:
                return 404, {"status": 404, "code": "40401", "message": "no run of this task"}
            self.left[task] -= 1
            return 200, "PROCESSING" if self.left[task] >= 0 else self.ends

    def forget(self) -> None:
        """What a restart does to an executor that keeps its tasks in memory."""
        self.left.clear()

    def call_back(self, body: Any, **told: Any) -> None:
        said = json.dumps({"status": self.ends, "results": {"pipeline": 7}, **told}).encode()
        headers = {"content-type": "application/json"}
        request = Request(body["callbackRef"], data=said, method="PATCH", headers=headers)
        with urlopen(request, timeout=10) as answer:
            self.called.append(answer.status)
