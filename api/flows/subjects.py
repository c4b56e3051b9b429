"""What would who decides the catalog somewhere else, by rules of their own, need to know of it?

The server gives facts and computes nothing: policies of a pull request are run by whoever proposes them.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from api.auth.permissions import Action, require
from api.flows import facts, stored
from engine.model import Event, Json, Principal

if TYPE_CHECKING:
    from api.wiring import House
    from catalog.subjects import Subject

MOST = 200


def subjects(
    *,
    principal: Principal,
    house: House,
    after: str = "",
    product: str | None = None,
    limit: int = 100,
    with_facts: bool = True,
) -> Json:
    """The listed versions after this fqn in its order, or of one line only, each with what the catalog knows around it.

    Without facts only what stands in the descriptor itself is told, which is much cheaper. Raises Forbidden.
    """
    require(principal, Action.READ)
    if product is not None:
        found = house.subjects.of(product, principal=principal)
    else:
        found = house.subjects.page(principal=principal, after=after, limit=min(limit, MOST))
    told = [_told(one, house, with_facts) for one in found]
    more = product is None and len(found) == min(limit, MOST)
    return {"subjects": told, "next": found[-1].identity.fqn if more else None}


def granted(*, principal: Principal, house: House) -> Json:
    """The approved waivers and the suspensions of the catalog, whenever they hold: they hold beside any rules.

    Those of the folder or the release are part of the rules of who decides. Raises Forbidden.
    """
    from catalog.granted import granted_on

    require(principal, Action.READ)
    with house.database.reading() as connection:
        found = granted_on(connection)
    return {kind: [asdict(one) for one in each] for kind, each in found._asdict().items()}


def decided(
    *, principal: Principal, house: House, since: datetime | None = None, after: str | None = None, limit: int = 100
) -> Json:
    """Past decisions, newest first, with exactly what their policies saw.

    For auditors only: what a mask policy hides from everybody else is needed to decide again. Raises Forbidden,
    CursorInvalid.
    """
    from catalog.decided import decided as read

    require(principal, Action.AUDIT)
    size = min(limit, MOST)
    found = read(house.database, principal=principal, since=since, after=after, limit=size)
    told = [
        {"id": one.id, "outcome": one.outcome, "moment": one.moment, "input": one.seen, "product": one.product}
        for one in found
    ]
    return {"decisions": told, "next": found[-1].cursor if len(found) == size else None}


def _told(subject: Subject, house: House, with_facts: bool) -> Json:
    told = {
        "product": asdict(subject.identity),
        "owner": subject.owner,
        "digest": subject.digest,
        "file": subject.file,
        "effective": subject.effective,
        "facts": {"accepted_at": subject.line_accepted_at},
    }
    return {**told, "facts": _facts(subject, house)} if with_facts else told


def _facts(subject: Subject, house: House) -> Json:
    from catalog.deployable import by_id

    descriptor = stored.descriptor(by_id(house.database, subject.version_id))
    now = datetime.now(UTC)
    with house.database.reading() as connection:
        known = facts.known_on(connection, descriptor, event=Event.SUBMIT, environment=None, now=now)
    names = ("previous", "mesh", "catalog_revision", "accepted_at")
    return {name: getattr(known, name) for name in names}
