"""What is told of decisions and changes, and to whom?"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from api.part import part
from api.wiring.deciding import Deciding
from api.wiring.remembering import Remembering
from engine.errors import SettingsInvalid

if TYPE_CHECKING:
    from api.destinations import Destinations
    from api.flows.decisions import Seen
    from api.flows.telling.secrets import SubscriptionKey
    from api.worker.sender import Sender
    from catalog.log import Log
    from catalog.subscriptions import Subscriptions
    from engine.policy.mask import Mask


class Telling(Deciding, Remembering):
    """The parts through which what was recorded leaves the house."""

    @part
    def mask(self) -> Mask | None:
        """What the governance folder hides of decisions that leave; None where it says nothing. Raises MaskInvalid."""
        from engine.policy import mask

        return mask.load(self.settings.governance, self.embedded.workers) if self.settings.governance else None

    @part
    def log(self) -> Log:
        """The whole log of decisions, as it is kept; only flows that mask or audit read it."""
        from catalog.log import Log

        return Log(self.database)

    @part
    def seen(self) -> Seen:
        """Decisions as whoever asks may see them."""
        from api.flows.decisions import Seen

        return Seen(self.decisions, self.log, mask=lambda: self.mask)

    # --- subscriptions ----------------------------------------------------------------------------------------------

    @part
    def subscriptions(self) -> Subscriptions:
        from catalog.subscriptions import Subscriptions

        return Subscriptions(self.database)

    @part
    def receivers(self) -> Destinations:
        """Who may be told besides public addresses: what the settings name, and this machine where it is one's own."""
        from api.destinations import THIS_MACHINE, Destinations

        own = THIS_MACHINE if self.settings.on_sqlite and self.settings.tokens is None else ()
        return Destinations.of([*self.settings.subscription_receivers, *own], key="subscription_receivers")

    def subscription_key(self) -> SubscriptionKey:
        """What the secrets of subscriptions come from; read again each time. Raises KeyInvalid, SettingsInvalid."""
        from api.flows.telling import secrets

        if self.settings.subscription_key is not None:
            return secrets.read(self.settings.subscription_key)
        if not self.settings.on_sqlite:
            told = "`subscription_key`: on PostgreSQL every server and worker needs the same key file."
            raise SettingsInvalid(told, key="subscription_key")
        return secrets.made_once(self.settings.data_dir / "subscription.key")

    @part
    def sender(self) -> Sender:
        """What tells subscriptions of changes, where this process is one that works."""
        from api.flows.telling.delivery import Delivery
        from api.flows.telling.event import source
        from api.worker.post import HttpPost
        from api.worker.sender import Sender
        from engine.descriptor.completion import DEFAULT_NAMESPACE

        stopping = threading.Event()
        delivery = Delivery(
            subscriptions=self.subscriptions,
            changes=self.changes,
            post=HttpPost(self.receivers),
            key=self.subscription_key,
            source=source(self.settings.namespace or DEFAULT_NAMESPACE),
            clock=self.clock,
            days=self.settings.subscription_days,
            stopping=stopping.is_set,
        )
        return Sender(delivery, stopping=stopping)
