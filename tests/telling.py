"""Shared by tests of subscriptions: one that is kept, changes that happen, and a delivery to a real receiver."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import make
from remembered import ANNA

from api.destinations import THIS_MACHINE, Destinations
from api.flows.telling.delivery import Delivery
from api.flows.telling.secrets import SubscriptionKey
from api.worker.post import HttpPost
from catalog.changes import Changes
from catalog.database import Database
from catalog.shown import Subscription
from catalog.subscriptions import Subscriptions

KEY = SubscriptionKey(b"k" * 48)


def subscription(database: Database, url: str, **changes: Any) -> Subscription:
    """A subscription of anna to everything from the start."""
    told: dict[str, Any] = {
        "id": uuid.uuid4().hex,
        "principal": ANNA.id,
        "roles": ("submitter",),
        "principal_domains": ("sales",),
        "url": url,
        "kinds": (),
        "domains": (),
        "products": (),
        "key_id": KEY.id,
        "state": "active",
        "reason": "",
        "cursor": 0,
        "created_at": make.NOW,
        "failures": 0,
    }
    made = Subscription(**{**told, **changes})
    Subscriptions(database).add(made)
    return made


def happen(
    database: Database, *kinds: str, subject: str = "urn:dpds:x:dataproducts:orders:1", domain: str = ""
) -> None:
    """One revision with a change of each kind."""
    with database.work(ANNA, at=make.NOW) as work:
        for number, kind in enumerate(kinds):
            work.changes.append(kind, subject, {"number": number}, domain=domain)
        work.commit()


def delivery(database: Database, **changes: Any) -> Delivery:
    """Tells over HTTP on this machine, one try each, with a deadline of a second."""
    told: dict[str, Any] = {
        "subscriptions": Subscriptions(database),
        "changes": Changes(database),
        "post": HttpPost(Destinations.of(THIS_MACHINE, key="k"), seconds=1.0),
        "key": lambda: KEY,
        "source": "urn:meshgate:org.example",
        "clock": lambda: datetime.now(UTC),
        "days": 3,
        "tries": 1,
        "rolled": lambda: 1.0,
    }
    return Delivery(**{**told, **changes})


def told_once(database: Database, sender: str = "s1", **changes: Any) -> int:
    """Claim everything that is due and tell it; gives how many subscriptions were."""
    made = delivery(database, **changes)
    claimed = made.subscriptions.claim(sender, seconds=60, limit=10)
    for one in claimed:
        made.tell(one, sender)
    return len(claimed)


def sql(database: Database, statement: str) -> None:
    with database.bind.begin() as connection:
        connection.exec_driver_sql(statement)
