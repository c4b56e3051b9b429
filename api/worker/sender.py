"""Which process tells subscriptions what happened, and how does exactly one tell each of them?"""

from __future__ import annotations

import logging
import threading
import uuid
from concurrent.futures import Future, ThreadPoolExecutor, wait

import stamina.instrumentation

from api.flows.telling.delivery import LEASE_SECONDS, Delivery
from api.worker.rounds import Rounds
from catalog.shown import Subscription

AT_ONCE = 8
"""Subscriptions that one sender tells at the same time: one that hangs keeps the others from nothing."""

SECONDS = 1.0
log = logging.getLogger("meshgate.sender")


class Sender(Rounds):
    """Asks for subscriptions that are due, leases each and tells it, several at once.

    Any number of senders may run on one catalog: the lease in the row of a subscription lets one of them tell it.
    `stopping` is what also a delivery under way looks at.
    """

    def __init__(self, delivery: Delivery, *, stopping: threading.Event, seconds: float = SECONDS) -> None:
        super().__init__("sender", log, seconds=seconds, stopping=stopping)
        self._delivery = delivery
        self._under_way: dict[Future[None], str] = {}
        self._pool: ThreadPoolExecutor | None = None
        self.id = f"sender-{uuid.uuid4().hex}"

    def prepare(self) -> None:
        """Take the threads that tell."""
        stamina.instrumentation.set_on_retry_hooks(())  # its own would write to standard output, where answers are
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="meshgate-sender")

    def once(self) -> bool:
        """Begin to tell those that are due; always False, so that it rests before it asks again."""
        assert self._pool is not None
        for ended in wait(self._under_way, timeout=0).done:
            del self._under_way[ended]
        for one in self._due(AT_ONCE - len(self._under_way), [*self._under_way.values()]):
            self._under_way[self._pool.submit(self._tell, one)] = one.id
        return False

    def stop(self) -> None:
        """Stop after the deliveries under way."""
        super().stop()
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None

    def _due(self, free: int, but: list[str]) -> tuple[Subscription, ...]:
        if not free:
            return ()
        return self._delivery.subscriptions.claim(self.id, seconds=LEASE_SECONDS, limit=free, but=but)

    def _tell(self, one: Subscription) -> None:
        try:
            self._delivery.tell(one, self.id)
        except Exception:
            log.exception("telling the subscription %s failed; it is told again when its lease is over", one.id)
