"""How does an adapter look that only hands every call of upp/1 on, to wherever the real one is?"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from engine.provision.contract import Body


class HandedOn(ABC):
    """Every call of the contract, by its name and the names of its arguments (`engine.provision.calls`)."""

    @abstractmethod
    def _asked(self, call: str, **arguments: Any) -> Body:
        """What the real adapter answers."""

    def info(self) -> Body:
        return self._asked("info")

    def validate(self, request: Body) -> Body:
        return self._asked("validate", request=request)

    def plan(self, request: Body, seen: Body | None) -> Body:
        return self._asked("plan", request=request, seen=seen)

    def apply(self, request: Body) -> Body:
        return self._asked("apply", request=request)

    def destroy(self, ref: Body, policy: str) -> Body:
        return self._asked("destroy", ref=ref, policy=policy)

    def observe(self, ref: Body) -> Body:
        return self._asked("observe", ref=ref)

    def set_access(self, ref: Body, grants: list[Body]) -> Body:
        return self._asked("set_access", ref=ref, grants=grants)

    def poll(self, operation: str) -> Body:
        return self._asked("poll", operation=operation)

    def cancel(self, operation: str) -> Body:
        return self._asked("cancel", operation=operation)

    def adopt(self, request: Body, external: str) -> Body:
        return self._asked("adopt", request=request, external=external)

    def inventory(self, environment: str) -> Body:
        return self._asked("inventory", environment=environment)
