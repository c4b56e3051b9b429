"""Which policies, assignments and waivers hold here, as one bundle that others can pull?"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from api.auth.permissions import Action, require
from engine.errors import NotFound
from engine.model import Bundle, Principal
from engine.policy import archive
from engine.policy.governance import Governance

if TYPE_CHECKING:
    from datetime import datetime

    from api.wiring import House
    from engine.policy.archive import Signer

NAME = "mesh"
"""The one bundle that there is: everything that holds in this mesh."""


@dataclass(frozen=True, slots=True)
class Released:
    """A bundle as it travels; the tag is another whenever its policies, assignments, waivers or their day are."""

    content: bytes
    tag: str

    @classmethod
    def of(cls, bundle: Bundle, governance: Governance, *, taken: datetime) -> Released:
        return cls.holding(archive.write(bundle, governance, taken=taken))

    @classmethod
    def holding(cls, content: bytes) -> Released:
        return cls(content, f'"{hashlib.sha256(content).hexdigest()}"')


def released(name: str, *, principal: Principal, house: House) -> Released:
    """The bundle of this name. Raises NotFound, Forbidden."""
    require(principal, Action.READ)
    if name != NAME:
        raise NotFound(f"There is no bundle `{name}`; there is `{NAME}`.")
    return house.released


def built(house: House, *, released: datetime | None = None, signer: Signer | None = None) -> bytes:
    """The configured policies and governance as a bundle to release, of this moment or of the beginning of today.

    Built twice with the same moment it is the same bytes, on whatever day. Raises BundleInvalid, GovernanceInvalid.
    """
    held = replace(house.governance, environments=dict(house.environments))
    taken = released or house.clock()
    return archive.write(house.bundle, held, taken=taken, released=released, signer=signer)
