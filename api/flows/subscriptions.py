"""Who is told of which changes, and who may say so?"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.auth.permissions import Action, may, require
from api.flows.telling.receivers import checked
from api.flows.wanted_changes import wanted
from catalog.shown import Subscription
from engine.errors import Forbidden, NotFound, SubscriptionInvalid
from engine.model import Principal

if TYPE_CHECKING:
    from api.wiring import House

MOST = 100
"""Subscriptions of one principal."""


@dataclass(frozen=True, slots=True)
class Subscribing:
    """What somebody asks to be told; an empty list means all. `after` is a cursor (None: only what comes from now)."""

    url: str
    kinds: Sequence[str] = ()
    domains: Sequence[str] = ()
    products: Sequence[str] = ()
    after: int | None = None


def subscribe(wish: Subscribing, *, principal: Principal, house: House) -> tuple[Subscription, str]:
    """The new subscription, and the secret that its deliveries are signed with, which is never told again.

    Raises Forbidden, SubscriptionInvalid, KeyInvalid, SettingsInvalid, CatalogUnavailable.
    """
    require(principal, Action.SUBSCRIBE)
    checked(wish.url, house.receivers)
    asked = wanted(wish.kinds, wish.domains, wish.products, refusal=SubscriptionInvalid)
    last = house.subscriptions.last_cursor()
    if wish.after is not None and wish.after > last:
        raise SubscriptionInvalid(f"There is no change {wish.after} yet; the last one is {last}.")
    if len(house.subscriptions.listed(principal.id)) >= MOST:
        raise SubscriptionInvalid(f"`{principal.id}` has {MOST} subscriptions already.")
    key = house.subscription_key()
    made = Subscription(
        id=uuid.uuid4().hex,
        principal=principal.id,
        roles=tuple(sorted(principal.roles)),
        principal_domains=tuple(sorted(principal.domains)),
        url=wish.url,
        kinds=tuple(asked.kinds),
        domains=tuple(asked.domains),
        products=tuple(asked.products),
        key_id=key.id,
        state="active",
        reason="",
        cursor=last if wish.after is None else wish.after,
        created_at=house.clock(),
        failures=0,
    )
    house.subscriptions.add(made)
    return made, key.secret(made.id)


def listed(*, principal: Principal, house: House) -> tuple[Subscription, ...]:
    """The principal's own subscriptions; an operator sees all. Raises Forbidden."""
    require(principal, Action.SUBSCRIBE)
    return house.subscriptions.listed(None if may(principal, Action.OPERATE) else principal.id)


def unsubscribe(subscription_id: str, *, principal: Principal, house: House) -> None:
    """Tell it nothing more. Raises Forbidden, NotFound."""
    house.subscriptions.remove(_own(subscription_id, principal, house).id)


def resume(subscription_id: str, *, principal: Principal, house: House) -> Subscription:
    """The subscription, told again from its cursor on. Raises Forbidden, NotFound, SubscriptionInvalid, KeyInvalid."""
    found = _own(subscription_id, principal, house)
    checked(found.url, house.receivers)
    if house.subscription_key().id != found.key_id:
        raise SubscriptionInvalid("The key that its secret came from is not in use any more; subscribe anew.")
    house.subscriptions.resume(found.id)
    return house.subscriptions.one(found.id) or found


def _own(subscription_id: str, principal: Principal, house: House) -> Subscription:
    require(principal, Action.SUBSCRIBE)
    found = house.subscriptions.one(subscription_id)
    if found is None:
        raise NotFound(f"There is no subscription `{subscription_id}`.", subscription=subscription_id)
    if found.principal != principal.id and not may(principal, Action.OPERATE):
        raise Forbidden("This is a subscription of somebody else.", principal=principal.id, action="subscribe")
    return found
