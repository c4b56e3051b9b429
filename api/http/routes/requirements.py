"""/v1/requirements: which needs do you save, and which products fit them?"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.flows import requirements as flow
from api.http import bodies
from api.http.parts import Asker, TheHouse, answer
from api.http.routes.fitness import LARGEST
from engine.model import Json

router = APIRouter(tags=["fitness"])

_TOLD = ("id", "name", "principal", "package", "digest", "query", "parameters", "rego", "at")


class RequirementForm(BaseModel):
    """The body of a new requirement: your name for it, its Rego, parameters, and the line that is searched for."""

    model_config = ConfigDict(extra="forbid")

    name: str
    rego: str
    parameters: dict[str, Any] = {}
    query: str = ""


_BODY: dict[str, Json] = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": RequirementForm.model_json_schema()}}}
}


@router.post("/v1/requirements", status_code=201, openapi_extra=_BODY)
async def save(request: Request, house: TheHouse, asker: Asker) -> Response:
    """Save a requirement: the feed tells you when a product starts or stops to fit it."""
    form = bodies.understood(await bodies.content(request, limit=LARGEST), RequirementForm)
    wish = flow.Saving(form.name, form.rego, form.parameters, form.query)
    made = await run_in_threadpool(flow.save, wish, principal=asker, house=house)
    return answer(_told(made), 201, {"Location": f"/v1/requirements/{made.requirement.id}"})


@router.get("/v1/requirements")
def requirements(house: TheHouse, asker: Asker) -> Response:
    """Your saved requirements (an operator: all), with how many products fit each."""
    return answer({"requirements": [_told(one) for one in flow.listed(principal=asker, house=house)]})


@router.get("/v1/requirements/{requirement}")
def requirement(requirement: str, house: TheHouse, asker: Asker) -> Response:
    """One of them, by id or name, with the products that were asked and their reasons."""
    found = flow.shown(requirement, principal=asker, house=house)
    return answer({**_told(found), "standings": [one._asdict() for one in found.standings]})


@router.delete("/v1/requirements/{requirement}", status_code=204)
def delete(requirement: str, house: TheHouse, asker: Asker) -> Response:
    """Ask it no more."""
    flow.delete(requirement, principal=asker, house=house)
    return Response(status_code=204)


def _told(one: flow.Shown) -> dict[str, Json]:
    told = {name: getattr(one.requirement, name) for name in _TOLD}
    followed = None if one.followed is None else one.followed._asdict()
    return {**told, "counts": dict(one.counts), "followed": followed}
