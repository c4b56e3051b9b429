"""GET /livez, /readyz, /metrics: does this process run, can it work, and what has it counted?"""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter
from starlette.responses import Response

from api.auth.permissions import Action, require
from api.http.metrics import MEDIA_TYPE
from api.http.parts import Asker, TheHouse, TheMetrics, answer
from api.wiring import House
from engine.errors import GovernanceError

router = APIRouter(tags=["operation"])


@router.get("/livez")
async def livez() -> Response:
    """200 while the process answers at all; an engine or database that is down is no reason to restart it."""
    return answer({"alive": True})


@router.get("/readyz")
def readyz(house: TheHouse) -> Response:
    """200 when policies are loaded and the catalog is reachable with its newest schema, else 503 saying what is not."""
    checks = {"policies": _state(lambda: house.bundle), "catalog": _state(lambda: _catalog(house))}
    ready = all(state == "ok" for state in checks.values())
    return answer({"ready": ready, "checks": checks}, 200 if ready else 503)


@router.get("/metrics")
async def metrics(asker: Asker, counted: TheMetrics) -> Response:
    """Counters in Prometheus' text format."""
    require(asker, Action.READ)
    return Response(counted.page(), headers={"Content-Type": MEDIA_TYPE})


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
