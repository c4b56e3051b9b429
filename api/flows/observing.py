"""How do measurements of a product become known, each at most once?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import orjson

from api.auth.permissions import Action, require
from engine.errors import Forbidden
from engine.evaluation.measurement import Measurement, Refusal, measurement
from engine.evaluation.promises import Promise, promises
from engine.evaluation.refusals import ObservationsInvalid
from engine.model import Json, Principal

if TYPE_CHECKING:
    from api.wiring import House
    from catalog.observations import Observed

MOST = 1_000
"""Observations of one batch."""


class Taken(NamedTuple):
    """What became of one observation: `stored`, `repeated` (it was known) or `refused`.

    `promised` says whether the product promises its indicator at that port, in a unit that it can be compared with.
    """

    id: str
    state: str
    promised: bool | None = None
    refusal: Refusal | None = None


def observe(sent: Json, *, principal: Principal, house: House) -> tuple[Taken, ...]:
    """Keep these observations, and say of each what became of it; what is wrong with one harms no other.

    Equal ones under an id that the principal used before are known already. Raises Forbidden, ObservationsInvalid for
    a batch that is none or too large, CatalogUnavailable (then none was kept).
    """
    require(principal, Action.OBSERVE)
    if not isinstance(sent, list) or not 1 <= len(sent) <= MOST:
        count = len(sent) if isinstance(sent, list) else "no list"
        raise ObservationsInvalid(f"`observations` holds {count}; it is a list of 1 to {MOST}.", most=MOST)
    now = house.clock()
    read = [measurement(one, now=now) for one in sent]
    return _kept(sent, read, principal, house)


def _kept(
    sent: Sequence[Json], read: Sequence[Measurement | Refusal], principal: Principal, house: House
) -> tuple[Taken, ...]:
    from catalog.observations import ObservationBook, named_on

    fit = [one for one in read if isinstance(one, Measurement)]
    with house.database.work(principal, at=house.clock()) as work:
        book = ObservationBook(work)
        lines = named_on(work.connection, list(dict.fromkeys(one.product for one in fit)), principal=principal)
        known = book.kept([one.id for one in fit])
        judged = _Judged(lines, known, principal)
        answers = [judged.answer(one, _id(item)) for item, one in zip(sent, read, strict=True)]
        book.add(judged.fresh)
        after = book.kept([one.id for one, _ in judged.fresh])
        work.commit()
    return tuple(_settled(answer, judged.digests, after) for answer in answers)


class _Judged:
    """What may be kept of a batch, one observation after the other."""

    def __init__(self, lines: Mapping[str, Observed], known: Mapping[str, str], principal: Principal) -> None:
        self._lines, self._known, self._principal = lines, known, principal
        self._promises: dict[str, tuple[Promise, ...]] = {}
        self.fresh: list[tuple[Measurement, Observed]] = []
        self.digests: dict[str, str] = {}

    def answer(self, one: Measurement | Refusal, id: str) -> Taken:
        if isinstance(one, Refusal):
            return Taken(id, "refused", refusal=one)
        line = self._lines.get(one.product)
        if line is None:
            return _refused(one, "product-unknown", f"No listed product is named `{one.product[:200]}`.")
        if (wrong := self._unfit(one, line)) is not None:
            return Taken(one.id, "refused", refusal=wrong)
        promised = any(_about(each, one) for each in self._promised(line))
        before = self.digests.get(one.id) or self._known.get(one.id)
        if before is not None:
            return Taken(one.id, "repeated", promised) if before == one.digest else _reused(one.id)
        self.digests[one.id] = one.digest
        self.fresh.append((one, line))
        return Taken(one.id, "stored", promised)

    def _unfit(self, one: Measurement, line: Observed) -> Refusal | None:
        try:
            require(self._principal, Action.OBSERVE, domain=line.domain)
        except Forbidden as reason:
            return Refusal(reason.code, reason.detail)
        if one.port and one.port not in line.output_ports:
            there = ", ".join(f"`{name}`" for name in sorted(line.output_ports)[:20]) or "none"
            return Refusal("port-unknown", f"There is no output port `{one.port[:100]}`; there are {there}.")
        return None

    def _promised(self, line: Observed) -> tuple[Promise, ...]:
        if line.line_id not in self._promises:
            self._promises[line.line_id] = promises(orjson.loads(line.effective))
        return self._promises[line.line_id]


def _about(promise: Promise, one: Measurement) -> bool:
    """Whether the observation says how the promise is kept."""
    same = promise.indicator.key == one.indicator.key and one.port in ("", promise.port)
    return same and (promise.threshold.dimension, promise.threshold.unit) == (one.amount.dimension, one.amount.unit)


def _settled(answer: Taken, digests: Mapping[str, str], after: Mapping[str, str]) -> Taken:
    """Of two transactions that send one id at the same time, one kept it."""
    if answer.state != "stored" or after.get(answer.id) == digests[answer.id]:
        return answer
    return _reused(answer.id)


def _reused(id: str) -> Taken:
    told = "This id was used before for another observation; give every observation an id of its own."
    return Taken(id, "refused", refusal=Refusal("observation-id-reused", told))


def _refused(one: Measurement, code: str, message: str) -> Taken:
    return Taken(one.id, "refused", refusal=Refusal(code, message))


def _id(item: Json) -> str:
    """The id as it was sent, as far as it is one."""
    id = item.get("id") if isinstance(item, Mapping) else None
    return id[:200] if isinstance(id, str) else ""
