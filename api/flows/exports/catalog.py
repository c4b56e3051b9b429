"""How does the whole catalog leave as a stream, whole for an operator, and for others as they may see it?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from api.auth.permissions import Action, require
from api.flows.decisions import event
from engine.model import Principal

if TYPE_CHECKING:
    from api.wiring import House
    from catalog.stream.told import Told
    from engine.policy.mask import Mask


def exported(*, principal: Principal, house: House, after: int = 0, complete: bool = False) -> Iterator[bytes]:
    """The stream of `catalog.stream` of everything that was recorded after a revision, a line at a time.

    `complete` is what another catalog can be made of, and takes an operator. Without, decisions are masked as wherever
    they leave, and there are no links. Nothing is held while nobody reads. Raises Forbidden, MaskInvalid,
    CursorInvalid for a revision that there is not, at once; CatalogUnavailable and MaskInvalid also on the way.
    """
    from catalog.stream.told import Told

    require(principal, Action.READ)
    if complete:
        require(principal, Action.OPERATE)
    shown = None if complete else partial(_masked, principal=principal, house=house, mask=house.mask)
    return _lines(Told(house.database, principal=principal, after=after, shown=shown), complete)


def _lines(told: Told, complete: bool) -> Iterator[bytes]:
    from catalog.stream.framing import Written, header

    written = Written()
    yield written.line(header(told.start, complete=complete))
    for line in told:
        yield written.line(line)
    yield written.end(told.reached)


def _masked(
    ids: Sequence[str], *, principal: Principal, house: House, mask: Mask | None
) -> Mapping[str, Mapping[str, Any]]:
    logged = {id: event(one) for id, one in house.log.found(ids, principal=principal).items()}
    return logged if mask is None else {id: mask.masked(one) for id, one in logged.items()}
