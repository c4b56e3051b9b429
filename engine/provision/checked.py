"""Does this adapter keep to the contract, whatever it does?"""

from __future__ import annotations

from collections.abc import Callable

from engine.errors import ProvisioningFailed
from engine.model import Json
from engine.provision.contract import Body, Provisioner, failed, valid


class CheckedAdapter:
    """An adapter whose every body is checked on the way in and out; what it raises becomes a ProvisioningFailed."""

    def __init__(self, name: str, adapter: Provisioner) -> None:
        self.name = name
        self._adapter = adapter
        self.facts = self._said("AdapterInfo", adapter.info)

    def issues(self, request: Body) -> list[Body]:
        """What the adapter finds wrong with the request, without side effects."""
        told = self._said("Issues", lambda: self._adapter.validate(self._heard("ResourceRequest", request)))
        found: list[Body] = told["issues"]
        return found

    def plan(self, request: Body, seen: Body | None) -> Body:
        return self._said("Plan", lambda: self._adapter.plan(self._heard("ResourceRequest", request), seen))

    def apply(self, request: Body) -> Body:
        """The observation after the resource was made as asked; raises ProvisioningFailed."""
        return self._done(lambda: self._adapter.apply(self._heard("ResourceRequest", request)))

    def destroy(self, ref: Body, policy: str) -> Body:
        """The observation after the resource was removed (or retained); raises ProvisioningFailed."""
        self._heard("DeletionPolicy", policy)
        return self._done(lambda: self._adapter.destroy(self._heard("ResourceRef", ref), policy))

    def observe(self, ref: Body) -> Body:
        """What is there; an adapter that raises has seen nothing certain, so the answer is `unknown`."""
        try:
            return self._said("Observation", lambda: self._adapter.observe(self._heard("ResourceRef", ref)))
        except ProvisioningFailed as error:
            return {"state": "unknown", "reason": error.detail}

    def set_access(self, ref: Body, grants: list[Body]) -> Body:
        """Give exactly these grants; raises ProvisioningFailed, with class UNSUPPORTED where an adapter cannot."""
        self._heard("Grants", grants)
        return self._done(lambda: self._adapter.set_access(self._heard("ResourceRef", ref), grants))

    def _done(self, call: Callable[[], Json]) -> Body:
        outcome = self._said("Outcome", call)
        if outcome["state"] == "failed":
            raise failed(outcome["error"]["class"], f"{self.name}: {outcome['error']['message']}")
        if outcome["state"] == "pending":
            raise failed("INTERNAL", f"{self.name} answered with a pending operation; waiting comes with a later issue")
        observation: Body = outcome["observation"]
        return observation

    def _said(self, body: str, call: Callable[[], Json]) -> Body:
        try:
            answer = call()
        except ProvisioningFailed:
            raise
        except Exception as error:
            raise failed("UNKNOWN_OUTCOME", f"{self.name} raised {type(error).__name__}: {error}") from error
        checked: Body = valid(body, answer, said_by=self.name)
        return checked

    def _heard(self, body: str, value: Json) -> Json:
        return valid(body, value, said_by="meshgate")
