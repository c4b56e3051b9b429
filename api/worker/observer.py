"""Who looks in the background whether containers are as they were made?"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from api.flows.operating.gates import Gates
from api.flows.operating.judging import Judged
from api.flows.operating.looking import ended, every, look, wanted, write
from api.flows.operating.repairing import repair
from api.worker.rounds import Rounds
from catalog.looks import Claim, Looked
from catalog.observable import Observable, observable

if TYPE_CHECKING:
    from api.wiring import House

AT_ONCE = 32
"""Containers that one process looks at at the same time."""
LEASE_SECONDS = 120.0
"""How long a claim holds; it is renewed as long as the adapter takes."""
SECONDS = 1.0

log = logging.getLogger("meshgate.observer")


class _UnderWay(NamedTuple):
    """A look that goes on."""

    claim: Claim
    subject: Observable


class Observer(Rounds):
    """Looks at containers that are due, each in a thread of its own, and writes what they found in this one.

    `sole` says that this process owns the data: then every claim is one of a dead process, and void at once. A look
    that hangs ends with its adapter's own limit; when the process stops, it is left behind and its claim runs out.
    """

    def __init__(self, house: House, *, sole: bool, seconds: float = SECONDS, gates: Gates | None = None) -> None:
        super().__init__("observer", log, seconds=seconds)
        self._house, self._sole, self._gates = house, sole, gates or Gates()
        self._holder = uuid.uuid4().hex
        self._under_way: dict[Future[Judged | None], _UnderWay] = {}
        self._extend_at = 0.0

    def prepare(self) -> None:
        """Void the claims of the dead, and let the intervals hold that are configured now."""
        looks, site = self._house.looks, self._house.site
        if self._sole:
            looks.free_all()
        looks.settle({name: every(one) for name, one in site.environments.items() if one.observe_seconds})

    def once(self) -> bool:
        """Write what was found and begin further looks; whether any go on."""
        self._write_done()
        self._extend()
        if len(self._under_way) <= AT_ONCE // 2:
            self._begin(AT_ONCE - len(self._under_way))
        return bool(self._under_way)

    def _extend(self) -> None:
        """Keep what takes long."""
        if self._under_way and time.monotonic() >= self._extend_at:
            claims = [one.claim for one in self._under_way.values()]
            self._house.looks.extend(claims, self._holder, seconds=LEASE_SECONDS)
            self._extend_at = time.monotonic() + LEASE_SECONDS / 3

    def _begin(self, free: int) -> None:
        looks, site = self._house.looks, self._house.site
        claims = looks.claim(self._holder, limit=free, seconds=LEASE_SECONDS)
        if not claims:
            return
        subjects = observable(self._house.database, [one.container_id for one in claims])
        idle = [one for one in claims if one.container_id not in subjects or not wanted(one, site)]
        if idle:
            put_off = [Looked(one, every(site.environments.get(one.environment)), observed=False) for one in idle]
            looks.seen(put_off, self._holder)
        for one in claims:
            if one not in idle:
                subject = subjects[one.container_id]
                future = _in_a_thread(partial(look, subject, site, self._gates))
                self._under_way[future] = _UnderWay(one, subject)

    def _write_done(self) -> None:
        """One statement for all that are as they were; a transaction for each of the others."""
        done = wait(self._under_way, timeout=self._seconds, return_when=FIRST_COMPLETED).done
        found = [(self._under_way.pop(future), _result(future)) for future in done]
        ends = [(one, judged, ended(one.claim, judged, self._house.site)) for one, judged in found]
        same = [end for *_, end in ends if end is not None]
        if same:
            self._house.looks.seen(same, self._holder)
        for one, judged, end in ends:
            if judged is None:
                continue
            if end is not None or write(one.subject, one.claim, self._holder, judged, self._house.site):
                repair(one.subject, judged, self._house)


def _result(look: Future[Judged | None]) -> Judged | None:
    """What was found; None, and it is looked again, where the look itself failed."""
    try:
        return look.result()
    except Exception:
        log.exception("a look at a container failed; it is looked at again")
        return None


def _in_a_thread(call: Callable[[], Judged | None]) -> Future[Judged | None]:
    """The call in a thread that keeps no process from ending."""
    answer: Future[Judged | None] = Future()

    def run() -> None:
        try:
            answer.set_result(call())
        except BaseException as error:
            answer.set_exception(error)

    threading.Thread(target=run, name="meshgate-look", daemon=True).start()
    return answer
