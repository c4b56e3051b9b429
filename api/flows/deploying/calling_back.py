"""Where may an adapter call back, and what else is it told of the call besides what the plan says?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from catalog.callbacks import Callbacks
from engine.model import Json
from engine.provision.bindings import Surroundings
from engine.provision.checked import CheckedAdapter

if TYPE_CHECKING:
    from api.flows.deploying.site import Site

LONGER = 86400.0
"""Seconds for which an address is good after the time of its deployment is over."""


@dataclass(frozen=True, slots=True)
class CallingBack:
    """The public address of the server, below which callbacks come in, and what is known of those given out."""

    public_url: str
    callbacks: Callbacks

    def address(self, maker: CheckedAdapter, made: Mapping[str, Any], environment: Surroundings | None) -> str:
        """An address of its own for this call; empty where nothing goes on, or nobody could tell who calls back.

        A callback is signed with the secret of the binding, unless the adapter speaks to what cannot sign.
        """
        secret = _secret(made, environment)
        if not maker.can("async") or (maker.facts.get("callbacks", "signed") == "signed" and not secret):
            return ""
        seconds = LONGER + (environment.deadline_seconds if environment else 0.0)
        names = (made["deployment_id"], made["resource_id"], made["generation"])
        return f"{self.public_url}/v1/callbacks/{self.callbacks.offer(*names, secret=secret, seconds=seconds)}"


def beside(made: Mapping[str, Any], adapter: str, site: Site) -> dict[str, Json]:
    """What a request holds besides the plan: `unsure`, and `callback` where there is a public address."""
    told: dict[str, Json] = {"unsure": True} if made["unsure"] else {}
    if site.calling_back is None:
        return told
    maker = site.adapter(adapter, made["request"])
    address = site.calling_back.address(maker, made, site.environments.get(made["request"]["environment"]))
    return {**told, "callback": address} if address else told


def _secret(made: Mapping[str, Any], environment: Surroundings | None) -> str:
    """The reference of the binding that this resource was made by."""
    config = made["request"]["config"]
    bindings = environment.adapters if environment else ()
    mine = (one for one in bindings if one.adapter == made["adapter"] and dict(one.configuration) == config)
    return next((one.callback_secret for one in mine), "")
