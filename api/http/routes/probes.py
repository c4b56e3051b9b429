"""GET /livez, /readyz, /metrics: does this process run, can it work, and what has it counted?"""

from __future__ import annotations

import math
from collections.abc import Callable

from fastapi import APIRouter
from starlette.responses import Response

from api.auth.permissions import Action, require
from api.flows.backlog import Work, refuse_stuck, work
from api.http.metrics import MEDIA_TYPE
from api.http.parts import Asker, TheHouse, TheMetrics, TheProbation, answer
from api.wiring import House
from engine.errors import GovernanceError

router = APIRouter(tags=["operation"])


@router.get("/livez")
async def livez() -> Response:
    """200 while the process answers at all; an engine or database that is down is no reason to restart it."""
    return answer({"alive": True})


@router.get("/readyz")
def readyz(house: TheHouse, probation: TheProbation) -> Response:
    """200 when the policies are loaded, the engine objects to an empty descriptor, and the catalog is reachable.

    The catalog must have its newest schema too, deployments must not have been waiting for a worker for too long, and
    the process must not be about to end. Else 503, and `checks` says what is missing.
    """
    checks = {
        "process": "ending" if house.ending.is_set() else "ok",
        "policies": _state(lambda: house.rules),
        "engine": _state(probation.check),
        "catalog": _state(lambda: _catalog(house)),
        "deployments": _state(lambda: _deployments(house)),
    }
    ready = all(state == "ok" for state in checks.values())
    return answer({"ready": ready, "checks": checks}, 200 if ready else 503)


@router.get("/metrics")
def metrics(asker: Asker, house: TheHouse, counted: TheMetrics) -> Response:
    """Counters, and how long work has been waiting, in Prometheus' text format."""
    require(asker, Action.READ)
    standings, batches = _rescans(house)
    page = counted.page(work=_work(house), standings=standings, batches=batches, orphans=_orphans(house))
    return Response(page, headers={"Content-Type": MEDIA_TYPE})


def _work(house: House) -> Work | None:
    """The deployments under way and who does them; None when nobody knows."""
    try:
        _catalog(house)  # first: the durable engine is not asked for where there is no database for it
        return work(house.database, house.durable)
    except GovernanceError:
        return None


def _deployments(house: House) -> None:
    _catalog(house)
    refuse_stuck(work(house.database, house.durable), seconds=house.settings.stuck_seconds)


def _rescans(house: House) -> tuple[dict[str, float], float]:
    """How the products stand, and how many batches of rescans wait; not a number when nobody knows."""
    try:
        _catalog(house)
        return {state: float(count) for state, count in house.standings.counted().items()}, float(house.rescans.left())
    except GovernanceError:
        return {}, math.nan


def _orphans(house: House) -> dict[str, float]:
    """How many orphans the last look at each environment found; nothing where nobody knows."""
    try:
        _catalog(house)
        return {one.environment: float(len(one.orphans)) for one in house.orphans.reports()}
    except GovernanceError:
        return {}


def _state(question: Callable[[], object]) -> str:
    try:
        question()
    except GovernanceError as error:
        return f"{error.code}: {error.detail}"
    return "ok"


def _catalog(house: House) -> None:
    from engine.errors import CatalogBehind

    if not house.database.at_head():
        raise CatalogBehind()
