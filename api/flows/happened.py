"""What happened to a deployment after a given event?"""

from __future__ import annotations

from api.auth.permissions import Action, require
from catalog.happenings import Course, Happening, Happenings
from engine.errors import CursorInvalid, NotFound
from engine.model import Json, Principal

MOST = 1000


def events(
    deployment_id: str, after: int = 0, *, principal: Principal, happenings: Happenings, limit: int = 100
) -> Course:
    """Up to `limit` events of the deployment after this number, oldest first.

    Raises NotFound, Forbidden, and CursorInvalid for a number that there is not yet.
    """
    require(principal, Action.READ)
    found = happenings.after(deployment_id, after, principal=principal, limit=min(limit, MOST))
    if found is None:
        raise NotFound(f"There is no deployment {deployment_id}.")
    if not found.events and after > (last := happenings.last(deployment_id)):
        raise CursorInvalid(f"There is no event {after} yet; the last one is {last}.")
    return found


def told(one: Happening) -> dict[str, Json]:
    """An event as JSON."""
    return {**one._asdict(), "at": one.at.isoformat()}
