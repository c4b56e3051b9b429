"""How is one subscription told what it wants to know: in order, nothing left out, and again where nobody heard it?"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import stamina

from api.flows.telling.event import event, signed
from api.flows.telling.secrets import SubscriptionKey
from catalog.changes import Changes, Wanted
from catalog.shown import Change, Subscription
from catalog.subscriptions import Subscriptions
from engine.errors import GovernanceError
from engine.model import Principal

LEASE_SECONDS = 90.0
"""Longer than one change may take with all its tries, so that a living sender keeps what it holds."""
AT_ONCE = 50
FIRST_PAUSE, LONGEST_PAUSE = 15.0, 3600.0
DAY = 86400.0


class Undelivered(Exception):
    """The receiver did not take it; the message says why. `gone` means that it asked never to be told again."""

    def __init__(self, reason: str, *, gone: bool = False) -> None:
        super().__init__(reason)
        self.gone = gone


class Post(Protocol):
    """Does this address take this body?"""

    def __call__(self, url: str, headers: dict[str, str], body: bytes) -> None:
        """Return when it was taken. Raises Undelivered."""
        ...


def worth_another_try(error: Exception) -> bool:
    return isinstance(error, Undelivered) and not error.gone


@dataclass(frozen=True, slots=True)
class Delivery:
    """What telling takes. `stopping` is asked between two changes; `tries` are made in a row before it waits long."""

    subscriptions: Subscriptions
    changes: Changes
    post: Post
    key: Callable[[], SubscriptionKey]
    source: str
    clock: Callable[[], datetime]
    days: int
    stopping: Callable[[], bool] = lambda: False
    tries: int = 3
    rolled: Callable[[], float] = field(default=random.random)

    def tell(self, one: Subscription, sender: str) -> None:
        """Tell a claimed subscription everything that waits for it, oldest first, then let go of it.

        The cursor moves only after the receiver took a change: a crash in between sends it again under the same id,
        and never leaves one out. Where something cannot be told, it is kept for later with the reason.
        """
        try:
            self._told(one, sender)
        except Undelivered as reason:
            self._later(one, sender, str(reason), gone=reason.gone)
        except GovernanceError as reason:
            self._later(one, sender, f"{reason.detail} [{reason.code}]")

    def _told(self, one: Subscription, sender: str) -> None:
        key = self.key()
        if key.id != one.key_id:
            raise Undelivered("the key that its secret came from is not in use any more; subscribe anew", gone=True)
        secret, cursor = key.secret(one.id), one.cursor
        asker = Principal(one.principal, frozenset(one.roles), frozenset(one.principal_domains))
        wanted = Wanted(one.kinds, one.domains, one.products)
        while not self.stopping():
            found, reached, more = self.changes.wanted(wanted, cursor, principal=asker, limit=AT_ONCE)
            if not self._all_taken(one, sender, found, secret):
                break
            passed_over = not found or found[-1].cursor < reached
            if passed_over and not self._remembered(one, sender, reached):
                break
            cursor = reached
            if not more:
                break
        self.subscriptions.release(one.id, sender)

    def _all_taken(self, one: Subscription, sender: str, found: Sequence[Change], secret: str) -> bool:
        """Whether all were taken and remembered; not where another sender goes on from here, or this one stops."""
        for change in found:
            if self.stopping():
                return False
            self._deliver(one, change, secret)
            if not self._remembered(one, sender, change.cursor):
                return False
        return True

    def _deliver(self, one: Subscription, change: Change, secret: str) -> None:
        for attempt in stamina.retry_context(
            on=worth_another_try, attempts=self.tries, timeout=LEASE_SECONDS / 3, wait_initial=0.2, wait_max=3.0
        ):
            with attempt:
                body, headers = signed(event(change, source=self.source), secret=secret, now=self.clock())
                self.post(one.url, headers, body)

    def _remembered(self, one: Subscription, sender: str, cursor: int) -> bool:
        return self.subscriptions.advance(one.id, sender, cursor=cursor, seconds=LEASE_SECONDS)

    def _later(self, one: Subscription, sender: str, reason: str, *, gone: bool = False) -> None:
        """Twice as long after each failure, and never two at the same time to one receiver that comes back."""
        pause = min(FIRST_PAUSE * 2 ** min(one.failures, 16), LONGEST_PAUSE) * (0.5 + self.rolled() / 2)
        self.subscriptions.fail(one.id, sender, reason=reason, retry_in=pause, patience=self.days * DAY, pause=gone)
