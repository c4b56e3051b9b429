"""POST /v1/fitness: which products fit what you need, and why not the others?"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.flows import fitness as flow
from api.flows.requirements import wish_of
from api.http import bodies
from api.http.parts import Asker, TheHouse, answer
from engine.fitness.verdict import Fitness
from engine.model import Json

router = APIRouter(tags=["fitness"])

LARGEST = 256 * 1024


class FitnessForm(BaseModel):
    """A requirement (Rego, or the id of a saved one), its parameters, and which products are asked about it."""

    model_config = ConfigDict(extra="forbid")

    rego: str | None = None
    saved: str | None = None
    parameters: dict[str, Any] = {}
    query: str | None = None
    candidates: Annotated[int, Field(ge=1, le=flow.MOST)] = flow.MOST


_BODY: dict[str, Json] = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": FitnessForm.model_json_schema()}}}
}


@router.post("/v1/fitness", openapi_extra=_BODY)
async def fitness(request: Request, house: TheHouse, asker: Asker) -> Response:
    """The products that a search finds, those that fit first, then by fewest reasons; nothing is stored."""
    form = bodies.understood(await bodies.content(request, limit=LARGEST), FitnessForm)

    def fitting() -> Response:
        wish = wish_of(form.rego, form.saved, form.parameters, principal=asker, house=house)
        asked = wish.asking(form.query, form.candidates)
        return answer(told(flow.fitting(asked, principal=asker, house=house)))

    return await run_in_threadpool(fitting)


def told(fitting: flow.Fitting) -> Json:
    """A fitting as data."""
    return {
        "requirement": {"package": fitting.need.policy.id, "digest": fitting.need.digest},
        "found": {"value": fitting.found, "exact": fitting.exact},
        "considered": len(fitting.candidates),
        "counts": fitting.counts,
        "candidates": [{**_product(one.hit.product), **fitness_told(one.fitness)} for one in fitting.candidates],
    }


def fitness_told(one: Fitness) -> dict[str, Json]:
    """The fitness of one product as data."""
    reasons = [{name: getattr(reason, name) for name in reason.__slots__} for reason in one.reasons]
    return {"verdict": one.verdict, "reasons": reasons, "reason_count": one.count, "undecided_because": one.told}


def _product(product: Any) -> dict[str, Json]:
    return {name: getattr(product, name) for name in ("fqn", "name", "version", "status", "domain", "owner")}
