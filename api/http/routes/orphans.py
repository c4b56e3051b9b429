"""/v1/orphans: what bears our labels where containers run, and is known to nobody?"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from api.flows import orphans as flow
from api.http.parts import Asker, TheHouse, answer

router = APIRouter(tags=["deployments"])


@router.get("/v1/orphans")
def last(house: TheHouse, asker: Asker, environment: str | None = None) -> Response:
    """The last report on each environment, or on one; for operators. Nothing is ever removed."""
    return answer({"reports": flow.last(environment, principal=asker, house=house)})


@router.post("/v1/orphans")
def look(house: TheHouse, asker: Asker, environment: str | None = None) -> Response:
    """Ask the adapters now, and keep what they say as the last report; for operators."""
    return answer({"reports": flow.look(environment, principal=asker, house=house)})
