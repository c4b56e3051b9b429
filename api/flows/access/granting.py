"""How does every port that runs get exactly the grants that hold for it, and no other?

Looked at whenever the catalog or the time makes it worth looking: what was approved and is not over is the full set of
a port. A set is given under a claim and noted afterwards; a worker that dies between the two leaves a claim that runs
out, and the same set is given again. No deployment of the container is at work meanwhile (but for one that waits for
an approval), and the fence of generations is the adapter's.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from api.flows.access.deciding import end
from api.flows.deploying.looking import observed
from api.flows.deploying.site import WORKER, Site, fault_of
from catalog.access_sets import Port, Set, claimed, look, next_due, noted, of_resource, signs
from catalog.deployments import DeploymentBook
from engine.errors import GovernanceError
from engine.model import Json
from engine.provision.checked import CheckedAdapter, Pending
from engine.provision.contract import Body, failed
from engine.provision.pace import RETRIED

log = logging.getLogger("meshgate.access")

AGAIN = 3600.0
"""Seconds after which a set is given once more, whatever was noted: somebody may have changed it by hand."""
LATER = 300.0
"""Seconds after which what another try does not overcome is tried all the same: a role may be there by then."""
BEYOND = 30.0
"""Seconds that a claim lasts beyond the longest call of its adapter."""


class Granting:
    """Rounds that bring grants about; any number of workers may do them."""

    def __init__(self, site: Site, clock: Callable[[], datetime]) -> None:
        self._site, self._clock = site, clock
        self._looked: tuple[int, datetime | None, float | None] | None = None

    def round(self) -> bool:
        """End what is over and give every set that is due; whether there was anything to do."""
        now = self._clock()
        ended = end(self._site.database, principal=WORKER, now=now)
        if not ended and not self._worth_looking(now):
            return False
        with self._site.database.reading() as connection:
            revision, _ = signs(connection)
            found = look(connection, now)
            following = next_due(connection, now)
        due = [port for port in found.ports if port.due(found.now)]
        for port in due:
            self._give(port)
        self._looked = None if due else (revision, *following)
        return bool(ended or due)

    def _worth_looking(self, now: datetime) -> bool:
        """Whether the catalog is another one, a grant is over or a set is due since nothing was found to do."""
        if self._looked is None:
            return True
        revision, ends, due = self._looked
        with self._site.database.reading() as connection:
            last, second = signs(connection)
        return last != revision or (ends is not None and ends <= now) or (due is not None and due <= second)

    def _give(self, port: Port) -> None:
        try:
            Giving(port, self._site, self._clock).give()
        except Exception:
            log.exception("the access of %s could not be set; it is tried again", port.resource_id)


class Giving:
    """The giving of one set."""

    def __init__(self, port: Port, site: Site, clock: Callable[[], datetime]) -> None:
        self._port, self._site, self._clock = port, site, clock
        self._request = dict(port.request)
        self._claim = ""

    def give(self) -> None:
        """Claim the set, have the adapter give it, and note how that went."""
        try:
            maker = self._site.adapter(self._port.adapter, self._request)
        except GovernanceError as error:
            if self._take(LATER, intact=False):
                self._failed(error)
            return
        able = maker.can("access")
        intact = self._intact() if able else True
        if not self._take(maker.seconds + BEYOND, intact=intact):
            return
        if not able:
            self._unable(maker)
            return
        try:
            answer = self._asked(maker)
        except GovernanceError as error:
            self._refused(maker, error)
            return
        if isinstance(answer, Pending):
            self._goes_on(answer)
            return
        known = self._port.known
        self._done(known.wanted if known is not None and known.operation else self._port.wanted, answer)

    def _intact(self) -> bool:
        """Whether the resource is as it was made, so that what is seen after it was given access is what was made.

        Where a set was being given already, it may be in effect: then what was seen before that holds.
        """
        known = self._port.known
        if known is not None and known.state == "setting" and known.generation == self._port.generation:
            return known.intact
        row = {"adapter": self._port.adapter, "request": self._request, "state": self._port.state}
        seen = observed({**row, "fingerprint": self._port.fingerprint, "generation": 0, "outputs": {}}, self._site)
        return bool(seen["state"] == "present" and seen["fingerprint"] == self._port.fingerprint)

    def _take(self, seconds: float, *, intact: bool) -> bool:
        """Claim it, if it is still what it was; what is wanted is what is granted at this moment."""
        with self._site.writing() as book:
            connection = book.work.connection
            key = (self._port.container_id, self._port.resource_id)
            found = look(connection, self._clock(), resource=key)
            port = next((one for one in found.ports if one.due(found.now)), None)
            if port is None or (port.generation, port.adapter) != (self._port.generation, self._port.adapter):
                return False
            self._port, self._request = port, dict(port.request)
            self._claim = claimed(connection, port, seconds=seconds, intact=intact)
        return True

    def _asked(self, maker: CheckedAdapter) -> Body | Pending:
        """The set is given, or what goes on is asked how far it is."""
        known = self._port.known
        if known is None or not known.operation:
            return maker.set_access(self._request, grants(self._port.wanted))
        told = maker.poll(known.operation)
        if told["state"] == "running":
            return Pending(known.operation, told.get("retry_after"))
        if told["state"] != "succeeded":
            error = told.get("error") or {"class": "INTERNAL", "message": f"the operation is {told['state']}"}
            raise failed(error["class"], f"{maker.name}: {error['message']}")
        return told.get("observation") or maker.observe(self._request)

    def _goes_on(self, pending: Pending) -> None:
        pace = self._site.pace
        seconds = pace.look if pending.retry_after is None else min(pending.retry_after, pace.most)
        self._note(seconds, operation=pending.operation)

    def _unable(self, maker: CheckedAdapter) -> None:
        told = f"granted in the catalog, not enforced by the adapter {maker.name}"
        self._note(AGAIN, state="unsupported", reason=told, given=[], tries=0, error_class="", operation="")

    def _done(self, given: tuple[str, ...], seen: Mapping[str, Json]) -> None:
        values = {"given": list(given), "tries": 0, "reason": "", "error_class": "", "operation": ""}
        self._note(AGAIN, seen=seen, state="set", **values)

    def _refused(self, maker: CheckedAdapter, error: GovernanceError) -> None:
        """Whoever was shut out stays so although the whole set cannot be given: what was in and may be is a set too."""
        before = self._port.known.given if self._port.known else ()
        kept = tuple(one for one in before if one in self._port.wanted)
        if fault_of(error)["class"] in RETRIED or kept == before:
            self._failed(error)
            return
        try:
            seen = maker.set_access(self._request, grants(kept))
        except GovernanceError as worse:
            self._failed(worse)
            return
        if isinstance(seen, Pending):
            self._failed(error)
            return
        self._failed(error, given=list(kept), seen=seen)

    def _failed(self, error: GovernanceError, seen: Mapping[str, Json] | None = None, **values: Any) -> None:
        fault = fault_of(error)
        tries = self._port.known.tries + 1 if self._port.known else 1
        seconds = self._site.pace.delay(tries) if fault["class"] in RETRIED else LATER
        told = {"reason": fault["reason"], "error_class": fault["class"], "operation": "", "tries": tries}
        self._note(seconds, seen=seen, state="failed", **told, **values)

    def _note(self, seconds: float, *, seen: Mapping[str, Json] | None = None, **values: Any) -> None:
        """Note it, tell the feed what is news, and know what is seen now as what was made, if it was so before."""
        before = self._port.known
        with self._site.writing() as book:
            if not noted(book.work.connection, self._port, self._claim, seconds=seconds, **values):
                return
            container = book.container(self._port.container_id) or {}
            told = {"port": self._port.name, "adapter": self._port.adapter}
            given = tuple(values.get("given", before.given if before else ()))
            if values.get("state") in ("set", "failed") and given != (before.given if before else ()):
                book.tell("access.applied", container, **told, subjects=list(given))
            if values.get("state") in ("failed", "unsupported") and not _known_so(before, values):
                kind = "access.failed" if values["state"] == "failed" else "access.unsupported"
                book.tell(kind, container, **told, reason=values["reason"], error_class=values["error_class"])
            self._keep(book, seen)

    def _keep(self, book: DeploymentBook, seen: Mapping[str, Json] | None) -> None:
        key = (self._port.container_id, self._port.resource_id)
        stored, intact = book.resource(*key), self._intact_then(book)
        if seen is None or seen.get("state") != "present" or stored is None or not intact:
            return
        same = stored["generation"] == self._port.generation and stored["state"] == "ready"
        if same and stored["fingerprint"] != seen["fingerprint"]:
            book.found_resource(*key, fingerprint=seen["fingerprint"], outputs=seen["outputs"])

    def _intact_then(self, book: DeploymentBook) -> bool:
        known = of_resource(book.work.connection, self._port.container_id, self._port.resource_id)
        return known is not None and known.intact


def grants(subjects: tuple[str, ...]) -> list[Body]:
    """These subjects as upp/1 says them: a port is read."""
    return [{"principal": one, "privilege": "read"} for one in subjects]


def _known_so(before: Set | None, values: Mapping[str, Any]) -> bool:
    """Whether the same was told before: a failure is news once, and not again at every try."""
    return before is not None and before.state == values["state"] and before.error_class == values["error_class"]
