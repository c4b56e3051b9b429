"""Does this adapter keep to the contract, whatever it does?"""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple, cast

from engine.errors import ProvisioningFailed
from engine.model import Json
from engine.provision.calling import Late, within
from engine.provision.contract import Adopting, Body, Listing, Provisioner, failed, valid
from engine.provision.discreet import discreet, worded, words_of
from engine.provision.masking import hidden, masked
from engine.provision.plain import plain

SECONDS = 300.0
"""How long one call may take where the adapter names no limit (`limits.max_seconds`)."""

PROMPT = 30.0
"""How long an adapter may take to say what it is."""


Secrets = Callable[[str], str]
"""What a reference to a secret leads to; raises LookupError, which never tells the secret."""

Given = Mapping[str, str] | None
"""The secrets of one call by name."""


class Pending(NamedTuple):
    """An operation that goes on without us; `retry_after` is when to ask again, in seconds, where the adapter says.

    `percent` and `message` are how far it is, where the adapter says that.
    """

    operation: str
    retry_after: float | None
    percent: int | None = None
    message: str = ""

    @property
    def progress(self) -> dict[str, Json]:
        """How far it is, as far as the adapter says."""
        told: dict[str, Json] = {"percent": self.percent, "message": self.message}
        return {name: value for name, value in told.items() if value not in (None, "")}


class CheckedAdapter:
    """An adapter whose every body is checked on the way in and out; what it raises becomes a ProvisioningFailed.

    A call that does not end within the adapter's own limit ends with the class TIMEOUT. Its words are made discreet:
    `secrets` are never among them.
    """

    def __init__(self, name: str, adapter: Provisioner, *, secrets: frozenset[str] = frozenset()) -> None:
        self.name, self._secrets = name, secrets
        self.provisioner = self._adapter = adapter
        self.seconds = PROMPT
        self._references: Mapping[str, str] = {}
        self._resolve: Secrets | None = None
        self.facts = self._answered("AdapterInfo", adapter.info)
        self.seconds = float(self.facts.get("limits", {}).get("max_seconds", SECONDS))

    def entrusted(self, references: Mapping[str, str], secrets: Secrets) -> CheckedAdapter:
        """This adapter, told with each call that touches the world what the references lead to at that moment.

        What it answers is told without that. A reference that leads nowhere ends the call with class INVALID, before
        the adapter was asked.
        """
        made = copy.copy(self)
        made._references, made._resolve = dict(references), secrets
        return made

    def can(self, capability: str) -> bool:
        """Whether the adapter says that it can do this."""
        return bool(self.facts["capabilities"].get(capability, False))

    def issues(self, request: Body) -> list[Body]:
        """What the adapter finds wrong with the request, without side effects."""
        told = self._answered("Issues", lambda: self._adapter.validate(self._heard("ResourceRequest", request)))
        found: list[Body] = told["issues"]
        return found

    def plan(self, request: Body, seen: Body | None) -> Body:
        """What the adapter would do; it is told secrets, since most have to look. Raises ProvisioningFailed."""
        return self._said(
            "Plan", lambda given: self._adapter.plan(self._heard("ResourceRequest", request, given), seen)
        )

    def apply(self, request: Body) -> Body | Pending:
        """The observation after the resource was made as asked; raises ProvisioningFailed."""
        return self._done(lambda given: self._adapter.apply(self._heard("ResourceRequest", request, given)))

    def destroy(self, ref: Body, policy: str) -> Body | Pending:
        """The observation after the resource was removed (or retained); raises ProvisioningFailed."""
        self._heard("DeletionPolicy", policy)
        return self._done(lambda given: self._adapter.destroy(self._heard("ResourceRef", ref, given), policy))

    def observe(self, ref: Body) -> Body:
        """What is there; an adapter that raises has seen nothing certain, so the answer is `unknown`."""
        try:
            return self._said(
                "Observation", lambda given: self._adapter.observe(self._heard("ResourceRef", ref, given))
            )
        except ProvisioningFailed as error:
            return {"state": "unknown", "reason": error.detail}

    def set_access(self, ref: Body, grants: list[Body]) -> Body | Pending:
        """Give exactly these grants; raises ProvisioningFailed, with class UNSUPPORTED where an adapter cannot."""
        self._heard("Grants", grants)
        return self._done(lambda given: self._adapter.set_access(self._heard("ResourceRef", ref, given), grants))

    def poll(self, operation: str) -> Body:
        """How far the operation is, as an upp/1 `Operation`; raises ProvisioningFailed where the adapter cannot say."""
        return self._said("Operation", lambda _: self._adapter.poll(operation))

    def cancel(self, operation: str) -> Body:
        """Ask for the operation to stop, and how it is then; raises ProvisioningFailed."""
        return self._said("Operation", lambda _: self._adapter.cancel(operation))

    def adopt(self, request: Body, external: str) -> Body | Pending:
        """The observation after what somebody else made (`external` names it) became this resource.

        Raises ProvisioningFailed, with class UNSUPPORTED where the adapter cannot.
        """
        self._must("adopt")
        adopting = cast(Adopting, self._adapter)
        return self._done(lambda given: adopting.adopt(self._heard("ResourceRequest", request, given), external))

    def inventory(self, environment: str) -> list[Body]:
        """Everything there that bears our labels; raises ProvisioningFailed, UNSUPPORTED where the adapter cannot."""
        self._must("inventory")
        listing = cast(Listing, self._adapter)
        found: list[Body] = self._answered("Inventory", lambda: listing.inventory(environment))["resources"]
        return found

    def _must(self, capability: str) -> None:
        if not self.can(capability):
            raise failed("UNSUPPORTED", f"{self.name} has not the capability {capability}")

    def _done(self, call: Callable[[Given], Json]) -> Body | Pending:
        outcome = self._said("Outcome", call)
        if outcome["state"] == "failed":
            raise failed(outcome["error"]["class"], f"{self.name}: {outcome['error']['message']}")
        if outcome["state"] == "pending":
            return Pending(outcome["operation"], outcome.get("retry_after"))
        observation: Body = outcome["observation"]
        return observation

    def _said(self, body: str, call: Callable[[Given], Json]) -> Body:
        """What the call answers, without the secrets that it was given."""
        if self._resolve is None:
            return self._answered(body, lambda: call(None))
        given = self._given(self._resolve)
        return self._answered(body, lambda: call(given), secrets=given.values())

    def _given(self, secrets: Secrets) -> dict[str, str]:
        try:
            return {name: secrets(reference) for name, reference in self._references.items()}
        except LookupError as reason:
            raise failed("INVALID", f"{self.name} is not asked: {reason.args[0]}") from None

    def _answered(self, body: str, call: Callable[[], Json], *, secrets: Collection[str] = ()) -> Body:
        try:
            answer = masked(valid(body, self._plain(within(self.seconds, call)), said_by=self.name), secrets)
        except ProvisioningFailed as error:
            raise self._failed(str(error.context["error_class"]), error.detail, secrets, error) from None
        except Late as error:
            raise failed("TIMEOUT", f"{self.name} did not answer within {self.seconds:g} s") from error
        except Exception as error:
            kind = "TIMEOUT" if isinstance(error, TimeoutError) else "UNKNOWN_OUTCOME"
            raise self._failed(kind, f"{self.name} raised {words_of(error)}", secrets, error) from None
        checked: Body = worded(answer, self._secrets)
        return checked

    def _plain(self, answer: object) -> Json:
        try:
            return plain(answer)
        except ValueError as reason:
            raise failed("INTERNAL", f"{self.name} answers what is no JSON that can be kept: {reason}") from None

    def _failed(self, error_class: str, told: str, secrets: Collection[str], error: Exception) -> ProvisioningFailed:
        """The error in words that may be kept; what it came from is shown where no secret was given."""
        made = failed(error_class, discreet(hidden(told, secrets), self._secrets))
        made.__cause__ = None if secrets else error
        return made

    def _heard(self, body: str, value: Json, given: Given = None) -> Json:
        """The body as the adapter hears it; references to secrets are never told as if they were secrets."""
        if self._resolve is not None and isinstance(value, dict):
            value = {name: one for name, one in value.items() if name != "secrets"}
            value |= {"secrets": dict(given)} if given else {}
        return valid(body, value, said_by="meshgate")
