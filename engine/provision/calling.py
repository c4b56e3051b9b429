"""How does a call end in time, whatever the called code does?"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent import futures
from concurrent.futures import Future
from typing import TypeVar

Answered = TypeVar("Answered")


class Late(TimeoutError):
    """The called code did not come back in time; a TimeoutError of its own is none of these."""


class Leaving(Exception):
    """The called code would have ended the process that called it."""


def within(seconds: float, call: Callable[[], Answered]) -> Answered:
    """What the call answers, or raises, within so many seconds.

    Raises Late after that, and Leaving where the call wants to end the process.

    Code that does not come back is left behind in a thread of its own: the fence of generations keeps what it may
    still do from changing anything (provisioning §2.1).
    """
    answer: Future[Answered] = Future()

    def run() -> None:
        try:
            answer.set_result(call())
        except (Exception, KeyboardInterrupt) as error:  # an interrupt is the operator's word, and passes
            answer.set_exception(error)
        except BaseException as error:
            answer.set_exception(Leaving(f"{type(error).__name__} {error}"))

    threading.Thread(target=run, name="meshgate-adapter", daemon=True).start()
    if not futures.wait([answer], timeout=seconds).done:
        raise Late
    return answer.result()
