"""An adapter that behaves as real platforms do on bad days, and a stage where it makes everything."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Mapping
from typing import Any

from deploy_stage import Stage, document

from engine.policy.environments import Binding
from engine.provision.adapters.local_fs import LocalFs


class Moody(LocalFs):
    """local-fs that answers, for the components named here, as real platforms do on bad days."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        super().__init__(config)
        self.failures: dict[str, list[str]] = {}  # component -> error classes of the next tries
        self.refused: set[str] = set()  # versions that cannot be made
        self.stuck: set[str] = set()  # components that cannot be removed
        self.slow: dict[str, int] = {}  # component -> how often poll says `running`
        self.calls: list[str] = []
        self.cancelled: list[str] = []
        self.told: list[dict[str, Any]] = []  # what the next polls say beside `running`
        self.looked: list[str] = []  # what was observed
        self.unseen: set[str] = set()  # components that cannot be looked at
        self.message = "a bad day"
        self.here, self.go_on = threading.Event(), threading.Event()
        self.halted = ""

    def info(self) -> dict[str, Any]:
        told = super().info()
        return {**told, "capabilities": {**told["capabilities"], "async": True, "cancel": True}}

    def apply(self, request: dict[str, Any]) -> dict[str, Any]:
        name = request["component"]["name"]
        self.calls.append(f"{name} {request['generation']}")
        if name == self.halted:
            self.here.set()
            assert self.go_on.wait(60)
        if self.failures.get(name):
            return failed(self.failures[name].pop(0), self.message)
        if name == "fill" and request["container"]["version"] in self.refused:
            return failed("INVALID")
        if name in self.slow:
            return {"state": "pending", "operation": f"{name}@{request['generation']}", "retry_after": 0.01}
        return super().apply(request)

    def poll(self, operation: str) -> dict[str, Any]:
        name = operation.partition("@")[0]
        self.slow[name] -= 1
        if self.slow[name] > 0:
            return {"state": "running", **(self.told.pop(0) if self.told else {})}
        del self.slow[name]
        super().apply(self.last)
        return {"state": "succeeded"}

    def observe(self, ref: dict[str, Any]) -> dict[str, Any]:
        name = ref["component"]["name"]
        self.looked.append(name)
        if name in self.unseen:
            raise ConnectionError(self.message)
        return super().observe(ref)

    def cancel(self, operation: str) -> dict[str, Any]:
        self.cancelled.append(operation)
        return {"state": "cancelled"}

    def validate(self, request: dict[str, Any]) -> dict[str, Any]:
        if request["component"]["name"] in self.slow:
            self.last = request
        return super().validate(request)

    def destroy(self, ref: dict[str, Any], policy: str) -> dict[str, Any]:
        if ref["component"]["name"] in self.stuck:
            return failed("TRANSIENT")
        return super().destroy(ref, policy)


def failed(error_class: str, message: str = "a bad day") -> dict[str, Any]:
    return {"state": "failed", "error": {"class": error_class, "message": message}}


def made(staged: Callable[..., Stage], moody: Moody, **more: Any) -> Stage:
    stage = staged(adapters={"moody": lambda config: moody}, bindings=(Binding("moody"),), **more)
    for version in ("1.0.0", "1.1.0"):
        content = copy.deepcopy(document(version))
        content["internalComponents"]["applicationComponents"][0]["description"] = f"as of {version}"
        stage.accept(content)
    return stage
