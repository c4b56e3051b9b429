"""How is a request for access shown, and is what it grants in effect where the port runs?

That somebody may read a port, and that an adapter lets them in, are separate facts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from api.auth.permissions import Action, require
from catalog.access import AccessRequest, Sought
from catalog.access_sets import Set
from engine.errors import NotFound
from engine.model import Json, Principal

if TYPE_CHECKING:
    from api.wiring import House
    from catalog.access_sets import AccessSets


class State(StrEnum):
    """The states of a request."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REJECTED = "rejected"
    REVOKED = "revoked"
    EXPIRED = "expired"


class Effect(StrEnum):
    """Whether a grant is in effect where the port runs."""

    NONE = "none"
    WAITING = "waiting"
    IN_EFFECT = "in_effect"
    CATALOG_ONLY = "catalog_only"
    FAILED = "failed"


class Shown(NamedTuple):
    """A request with what became of it in the world; `effect_reason` says why, where it is not in effect."""

    request: AccessRequest
    effect: Effect
    effect_reason: str

    def told(self) -> dict[str, Json]:
        """As JSON: moments as ISO 8601 text."""
        facts = {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in self.request._asdict().items()
            if name not in ("line_id", "product_id")
        }
        return {**facts, "effect": self.effect, "effect_reason": self.effect_reason}


class Found(NamedTuple):
    """One page of requests, and the cursor to go on from, None after the last."""

    requests: list[Shown]
    next: str | None


def one(request_id: str, *, principal: Principal, house: House) -> Shown:
    """The request with this id. Raises NotFound and Forbidden."""
    require(principal, Action.READ)
    found = house.access_requests.one(request_id, principal=principal)
    if found is None:
        raise NotFound(f"There is no request for access `{request_id}`.", request=request_id)
    return shown([found], principal=principal, sets=house.access_sets)[0]


def page(sought: Sought, *, principal: Principal, house: House, limit: int = 100, after: str | None = None) -> Found:
    """Requests, the newest first. Raises Forbidden and CursorInvalid."""
    require(principal, Action.READ)
    found = house.access_requests.page(sought, principal=principal, first=limit, after=after)
    return Found(
        shown(found.items, principal=principal, sets=house.access_sets),
        found.end_cursor if found.has_next_page else None,
    )


def shown(requests: Sequence[AccessRequest], *, principal: Principal, sets: AccessSets) -> list[Shown]:
    """These requests with what became of each, by one more statement where one of them was approved."""
    lines = list({one.line_id for one in requests if one.state == State.APPROVED})
    ports = sets.of_lines(lines, principal=principal) if lines else {}
    return [Shown(one, *effect_of(one, ports.get(one.line_id, {}))) for one in requests]


def effect_of(one: AccessRequest, ports: Mapping[tuple[str, str], Set | None]) -> tuple[Effect, str]:
    """Whether what was asked for is in effect, and why not; `ports` are those of its line that are there."""
    if one.state != State.APPROVED:
        return Effect.NONE, ""
    if (one.environment, one.port) not in ports:
        return Effect.WAITING, f"nothing of {one.product} that runs in {one.environment} has the port {one.port}"
    known = ports[one.environment, one.port]
    if known is None:
        return Effect.WAITING, "a worker will let the subject in"
    if known.state == "unsupported":
        return Effect.CATALOG_ONLY, known.reason
    if one.subject in known.given:
        return Effect.IN_EFFECT, ""
    if known.state == "failed":
        return Effect.FAILED, f"{known.error_class}: {known.reason}"
    return Effect.WAITING, "a worker lets the subject in"
