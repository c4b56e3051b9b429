"""Does this adapter keep to the contract, whatever it does?"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, cast

from engine.errors import ProvisioningFailed
from engine.model import Json
from engine.provision.calling import within
from engine.provision.contract import Adopting, Body, Listing, Provisioner, failed, valid
from engine.provision.discreet import discreet, worded

SECONDS = 300.0
"""How long one call may take where the adapter names no limit (`limits.max_seconds`)."""

PROMPT = 30.0
"""How long an adapter may take to say what it is."""


class Pending(NamedTuple):
    """An operation that goes on without us; `retry_after` is when to ask again, in seconds, where the adapter says.

    `percent` and `message` are how far it is, where the adapter says that.
    """

    operation: str
    retry_after: float | None
    percent: int | None = None
    message: str = ""


class CheckedAdapter:
    """An adapter whose every body is checked on the way in and out; what it raises becomes a ProvisioningFailed.

    A call that does not end within the adapter's own limit ends with the class TIMEOUT. Its words are made discreet:
    `secrets` are never among them.
    """

    def __init__(self, name: str, adapter: Provisioner, *, secrets: frozenset[str] = frozenset()) -> None:
        self.name, self._secrets = name, secrets
        self.provisioner = self._adapter = adapter
        self.seconds = PROMPT
        self.facts = self._said("AdapterInfo", adapter.info)
        self.seconds = float(self.facts.get("limits", {}).get("max_seconds", SECONDS))

    def can(self, capability: str) -> bool:
        """Whether the adapter says that it can do this."""
        return bool(self.facts["capabilities"].get(capability, False))

    def issues(self, request: Body) -> list[Body]:
        """What the adapter finds wrong with the request, without side effects."""
        told = self._said("Issues", lambda: self._adapter.validate(self._heard("ResourceRequest", request)))
        found: list[Body] = told["issues"]
        return found

    def plan(self, request: Body, seen: Body | None) -> Body:
        """What the adapter would do."""
        return self._said("Plan", lambda: self._adapter.plan(self._heard("ResourceRequest", request), seen))

    def apply(self, request: Body) -> Body | Pending:
        """The observation after the resource was made as asked; raises ProvisioningFailed."""
        return self._done(lambda: self._adapter.apply(self._heard("ResourceRequest", request)))

    def destroy(self, ref: Body, policy: str) -> Body | Pending:
        """The observation after the resource was removed (or retained); raises ProvisioningFailed."""
        self._heard("DeletionPolicy", policy)
        return self._done(lambda: self._adapter.destroy(self._heard("ResourceRef", ref), policy))

    def observe(self, ref: Body) -> Body:
        """What is there; an adapter that raises has seen nothing certain, so the answer is `unknown`."""
        try:
            return self._said("Observation", lambda: self._adapter.observe(self._heard("ResourceRef", ref)))
        except ProvisioningFailed as error:
            return {"state": "unknown", "reason": error.detail}

    def set_access(self, ref: Body, grants: list[Body]) -> Body | Pending:
        """Give exactly these grants; raises ProvisioningFailed, with class UNSUPPORTED where an adapter cannot."""
        self._heard("Grants", grants)
        return self._done(lambda: self._adapter.set_access(self._heard("ResourceRef", ref), grants))

    def poll(self, operation: str) -> Body:
        """How far the operation is, as an upp/1 `Operation`; raises ProvisioningFailed where the adapter cannot say."""
        return self._said("Operation", lambda: self._adapter.poll(operation))

    def cancel(self, operation: str) -> Body:
        """Ask for the operation to stop, and how it is then; raises ProvisioningFailed."""
        return self._said("Operation", lambda: self._adapter.cancel(operation))

    def adopt(self, request: Body, external: str) -> Body | Pending:
        """The observation after what somebody else made (`external` names it) became this resource.

        Raises ProvisioningFailed, with class UNSUPPORTED where the adapter cannot.
        """
        self._must("adopt")
        adopting = cast(Adopting, self._adapter)
        return self._done(lambda: adopting.adopt(self._heard("ResourceRequest", request), external))

    def inventory(self, environment: str) -> list[Body]:
        """Everything there that bears our labels; raises ProvisioningFailed, UNSUPPORTED where the adapter cannot."""
        self._must("inventory")
        listing = cast(Listing, self._adapter)
        found: list[Body] = self._said("Inventory", lambda: listing.inventory(environment))["resources"]
        return found

    def _must(self, capability: str) -> None:
        if not self.can(capability):
            raise failed("UNSUPPORTED", f"{self.name} has not the capability {capability}")

    def _done(self, call: Callable[[], Json]) -> Body | Pending:
        outcome = self._said("Outcome", call)
        if outcome["state"] == "failed":
            raise failed(outcome["error"]["class"], f"{self.name}: {outcome['error']['message']}")
        if outcome["state"] == "pending":
            return Pending(outcome["operation"], outcome.get("retry_after"))
        observation: Body = outcome["observation"]
        return observation

    def _said(self, body: str, call: Callable[[], Json]) -> Body:
        try:
            answer = within(self.seconds, call)
        except ProvisioningFailed as error:
            raise failed(error.context["error_class"], self._discreet(error.detail)) from error
        except TimeoutError as error:
            raise failed("TIMEOUT", f"{self.name} did not answer within {self.seconds:g} s") from error
        except Exception as error:
            told = self._discreet(f"{self.name} raised {type(error).__name__}: {error}")
            raise failed("UNKNOWN_OUTCOME", told) from error
        checked: Body = worded(valid(body, answer, said_by=self.name), self._secrets)
        return checked

    def _discreet(self, text: str) -> str:
        return discreet(text, self._secrets)

    def _heard(self, body: str, value: Json) -> Json:
        return valid(body, value, said_by="meshgate")
