"""A sender process that kills itself between the receiver's yes and its own memory of it: `URL CURSOR`."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from telling import delivery

from catalog.database import Database
from catalog.subscriptions import Subscriptions


class Dying(Subscriptions):
    """Subscriptions that die before they remember this cursor."""

    deadly = 0

    def advance(self, *arguments: Any, cursor: int, **options: Any) -> bool:
        if cursor == self.deadly:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().advance(*arguments, cursor=cursor, **options)


if __name__ == "__main__":
    database = Database(sys.argv[1])
    dying = Dying(database)
    dying.deadly = int(sys.argv[2])
    sender = delivery(database, subscriptions=dying)
    for one in dying.claim("dying", seconds=60, limit=5):
        sender.tell(one, "dying")
