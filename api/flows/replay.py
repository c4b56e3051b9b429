"""Does deciding again what a decision saw give the same findings and the same outcome, and if not, what differs?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from api.auth.permissions import Action, require
from engine import differences, replay
from engine.errors import InputErased, NotFound, NotReplayable
from engine.model import Json, Principal
from engine.report import record

if TYPE_CHECKING:
    from api.wiring import House
    from catalog.shown import LoggedDecision
    from engine.policy.rules import Rules


def decide_again(decision_id: str, *, principal: Principal, house: House) -> dict[str, Json]:
    """What deciding again gives beside what was recorded (`meshgate/replay/1`); nothing is stored.

    Decided under the rules of then where they are kept, else under those of the same policies, else under those in
    force; `under` says so. It tells what masking hides, so it takes an auditor. Raises NotFound, Forbidden,
    InputErased, NotReplayable.
    """
    require(principal, Action.AUDIT)
    logged = house.log.found([decision_id], principal=principal).get(decision_id)
    if logged is None:
        raise NotFound(f"There is no decision `{decision_id}`.", decision=decision_id)
    recorded = _recorded(logged)
    rules = _rules(recorded.entry["decision"], logged.revision, house)
    made = replay.again(recorded, rules=rules, engine=house.engine)
    return differences.replayed(recorded.entry, record.document(made, file=recorded.entry["file"], folder=""))


def _rules(told: Mapping[str, Json], revision: int, house: House) -> Rules:
    """The rules of the decision that this revision logged; where they are lost, those of its policies, or of now."""
    bundle, assignments, waivers = (
        str(told[name] or "") for name in ("bundle_revision", "assignments_digest", "waivers_digest")
    )
    then = house.rules_then((bundle, assignments, waivers), revision=revision - 1)
    return then or next(house.rules_of(bundle), None) or house.rules_now()


def _recorded(logged: LoggedDecision) -> replay.Recorded:
    stored = logged.decision
    if logged.input_erased_at is not None:
        when = logged.input_erased_at.isoformat(timespec="seconds")
        told = f"What the policies saw of the decision {stored.id} was erased at {when}; it cannot be decided again."
        raise InputErased(told, decision=stored.id, input_digest=logged.input_digest, erased_at=when)
    if logged.input is None or stored.record is None:
        raise NotReplayable(f"The decision {stored.id} asked no policy: its document could not be read.")
    return replay.Recorded(stored.record, logged.input, stored.moment, logged.line_since)
