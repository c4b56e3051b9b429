"""Which process tells subscriptions what happened, and how does exactly one tell each of them?"""

from __future__ import annotations

import logging
import threading
import uuid
from concurrent.futures import Future, ThreadPoolExecutor, wait

import stamina.instrumentation

from api.flows.telling.delivery import LEASE_SECONDS, Delivery
from catalog.shown import Subscription

AT_ONCE = 8
"""Subscriptions that one sender tells at the same time: one that hangs keeps the others from nothing."""

log = logging.getLogger("meshgate.sender")


class Sender:
    """A thread that asks for subscriptions that are due, leases each and tells it.

    Any number of senders may run on one catalog: the lease in the row of a subscription lets one of them tell it.
    """

    def __init__(self, delivery: Delivery, *, stopping: threading.Event, poll_seconds: float = 1.0) -> None:
        self._delivery = delivery
        self._stopping = stopping
        self._poll_seconds = poll_seconds
        self._thread: threading.Thread | None = None
        self.id = f"sender-{uuid.uuid4().hex}"

    def start(self) -> None:
        """Begin to tell; not twice."""
        stamina.instrumentation.set_on_retry_hooks(())  # its own would write to standard output, where answers are
        self._stopping.clear()
        self._thread = threading.Thread(target=self._keep_telling, name="meshgate-sender", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop after the delivery under way; a sender that never started may stop too."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _keep_telling(self) -> None:
        """Ask again and again: one failed round must never end the telling."""
        under_way: dict[Future[None], str] = {}
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="meshgate-sender") as pool:
            while not self._stopping.is_set():
                try:
                    for one in self._due(AT_ONCE - len(under_way), [*under_way.values()]):
                        under_way[pool.submit(self._tell, one)] = one.id
                except Exception:
                    log.exception("a round of the sender failed; the next one follows")
                self._stopping.wait(self._poll_seconds)
                for ended in wait(under_way, timeout=0).done:
                    del under_way[ended]

    def _due(self, free: int, but: list[str]) -> tuple[Subscription, ...]:
        if not free:
            return ()
        return self._delivery.subscriptions.claim(self.id, seconds=LEASE_SECONDS, limit=free, but=but)

    def _tell(self, one: Subscription) -> None:
        try:
            self._delivery.tell(one, self.id)
        except Exception:
            log.exception("telling the subscription %s failed; it is told again when its lease is over", one.id)
