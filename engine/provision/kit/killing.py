"""What does a worker leave that dies in the middle of an apply?

The apply runs in a process of its own, which is killed after a while; the last time it was not killed in time, so that
every moment in between was met.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator
from typing import NamedTuple

from engine.provision.contract import Body, Provisioner
from engine.provision.kit.case import Case, Trial

FIRST, MOST = 0.002, 12
"""The first time after which it is killed, in seconds; each next one is twice as long."""


class Kill(NamedTuple):
    """A trial whose apply was killed after so many seconds."""

    trial: Trial
    after: float


def killed_while_applying(case: Case) -> Iterator[Kill]:
    """Trials whose apply was killed, each later than the one before, until one had ended by then."""
    context = multiprocessing.get_context("fork")
    after = FIRST
    for _ in range(MOST):
        trial = case.trial()
        process = context.Process(target=_apply, args=(case.made(), trial.request()), daemon=True)
        process.start()
        time.sleep(after)
        over = not process.is_alive()
        process.kill()
        process.join()
        process.close()
        yield Kill(trial, after)
        if over:
            return
        after *= 2


def _apply(adapter: Provisioner, request: Body) -> None:
    adapter.apply(request)
