"""Is what drifted deployed again, and if not, who is told why?

A repair is a deployment like any other: of the version that is live, under a clearance that is given for it now, at the
next generation, with a plan that touches what drifted and what depends on it. It is counted before it begins: what
drifts again and again is repaired after ever longer pauses, and not beyond the day's budget.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.flows import deploy
from api.flows.deploying.site import WORKER
from api.flows.operating.judging import Judged
from api.flows.standing import Wish
from catalog import looks
from catalog.looks import BudgetSpent
from catalog.observable import Observable
from engine.errors import CatalogUnavailable, ContainerOccupied, GovernanceError
from engine.policy.dates import utc_day
from engine.provision.events import Cause

if TYPE_CHECKING:
    from api.wiring import House

PAUSE_SECONDS = 60.0
"""The pause after the first repair of a day; each one after it is four times as long."""


def repair(subject: Observable, found: Judged, house: House) -> str | None:
    """Begin the repair of a container whose environment wants it, and answer the deployment's id, or None.

    What nobody could see is not repaired, nor what the deployment of another version left undone; a repair that failed
    is tried again. Raises CatalogUnavailable.
    """
    environment = house.site.environments.get(subject.container["environment"])
    if environment is None or environment.drift != "repair" or not _needed(subject, found):
        return None
    day, budget = utc_day(house.clock()), environment.repairs_per_day
    try:
        if house.looks.may_repair(subject.id, day=day, budget=budget, first=PAUSE_SECONDS) is None:
            return None
        return _begun(subject, house)
    except BudgetSpent:
        _tell(subject, house, f"it was repaired {budget} times today and drifted again", code="repairs-spent")
    except (CatalogUnavailable, ContainerOccupied) as reason:  # who is at it now sees to it
        if isinstance(reason, CatalogUnavailable):
            raise
    except GovernanceError as reason:
        _tell(subject, house, reason.detail, code=reason.code)
    return None


def _needed(subject: Observable, found: Judged) -> bool:
    return not found.unsure and (subject.redo or bool(found.drifted and subject.clean))


def _begun(subject: Observable, house: House) -> str:
    held = subject.container
    wish = Wish(held["line_id"], held["version"], held["environment"], cause=Cause.DRIFT)
    return deploy.request(
        wish,
        principal=WORKER,
        database=house.database,
        durable=house.durable,
        rules_on=house.rules_on,
        engine=house.engine,
        environments=house.site.environments,
        now=house.clock(),
    ).deployment_id


def _tell(subject: Observable, house: House, why: str, *, code: str) -> None:
    """Say once that it is not repaired, and why."""
    with house.database.work(WORKER) as work:
        work.head()
        if not looks.unrepaired(work.connection, subject.id, why):
            return
        book = work.deployments
        held = book.container(subject.id)
        if held is not None:
            book.tell("container.unrepaired", held, version=held["version"], code=code, reason=why)
        work.commit()
