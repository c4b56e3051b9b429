"""/v1/rescans: is the catalog being decided again, and how far is that?"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from api.flows import rescan as flow
from api.http.parts import Asker, TheHouse, answer

router = APIRouter(tags=["decisions"])


@router.post("/v1/rescans", status_code=202)
def request(house: TheHouse, asker: Asker) -> Response:
    """Decide every product of the catalog again, in the background; it takes the place of a rescan that is open."""
    opened = flow.request(principal=asker, house=house)
    return answer(opened, 202, {"Location": f"/v1/rescans/{opened['id']}"})


@router.get("/v1/rescans/{rescan}")
def rescan(rescan: str, house: TheHouse, asker: Asker) -> Response:
    """The rescan with its progress, counted in products."""
    return answer(flow.rescan(rescan, principal=asker, house=house))
