"""POST /v1/comparisons: what do two to five products have in common, and where do they differ?"""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.flows.compare import Comparison, compare
from api.http import bodies
from api.http.parts import Asker, TheHouse, answer
from engine.model import Json

router = APIRouter(tags=["comparisons"])


class ComparisonForm(BaseModel):
    """Two to five products: each an fqn in any dialect or an id, perhaps with `@VERSION` behind it."""

    model_config = ConfigDict(extra="forbid")

    products: list[str]


_BODY: dict[str, Json] = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": ComparisonForm.model_json_schema()}}}
}


@router.post("/v1/comparisons", openapi_extra=_BODY)
async def comparison(request: Request, house: TheHouse, asker: Asker) -> Response:
    """One row for each thing that is said of any of them: products, ports, columns, objectives and policies."""
    form = await bodies.form(request, ComparisonForm)
    made = await run_in_threadpool(compare, form.products, principal=asker, house=house)
    return answer(_told(made))


def _told(made: Comparison) -> Json:
    names = ("fqn", "version", "status", "domain")
    return {
        "products": [{name: getattr(one, name) for name in names} for one in made.products],
        "rows": [
            {"aspect": row.aspect, "key": row.key, "values": row.values, "differs": row.differs} for row in made.rows
        ],
        "cut": made.cut,
    }
