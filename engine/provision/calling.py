"""How does a call end in time, whatever the called code does?"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

Answered = TypeVar("Answered")


def within(seconds: float, call: Callable[[], Answered]) -> Answered:
    """What the call answers, or raises, within so many seconds; raises TimeoutError after that.

    Code that does not come back is left behind in a thread of its own: the fence of generations keeps what it may
    still do from changing anything (provisioning §2.1).
    """
    answer: Future[Answered] = Future()

    def run() -> None:
        try:
            answer.set_result(call())
        except BaseException as error:
            answer.set_exception(error)

    threading.Thread(target=run, name="meshgate-adapter", daemon=True).start()
    return answer.result(timeout=seconds)
