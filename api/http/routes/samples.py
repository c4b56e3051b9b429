"""/v1/products/…/ports/…/sample and /v1/samples: what does the data look like, and who was shown it?"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.flows.sampling import told
from api.flows.sampling.sample import LONGEST_PURPOSE, ROWS, Wish
from api.flows.sampling.sample import sample as taken
from api.http.parts import Asker, TheHouse, answer
from engine.sampling.sample import Sample

router = APIRouter(tags=["samples"])

LARGEST_PAGE = 200
MOST_COLUMNS = 500


@router.get("/v1/products/{reference}/ports/{port}/sample")
def sample(
    reference: str,
    port: str,
    house: TheHouse,
    asker: Asker,
    rows: int = ROWS,
    columns: Annotated[list[str] | None, Query(max_length=MOST_COLUMNS)] = None,
    environment: str | None = None,
    dataset: str | None = None,
    purpose: Annotated[str, Query(max_length=LONGEST_PURPOSE)] = "",
) -> Response:
    """The first rows of an output port, masked by the sampling policy; that they were shown is recorded.

    403 `sample-denied`, 503 `source-unavailable` with its `reason`, 429 `sample-limit-exceeded` with its `limit`.
    """
    wish = Wish(port, rows, tuple(columns) if columns else None, environment, dataset, purpose)
    outcome = taken(reference, wish, principal=asker, house=house)
    if not isinstance(outcome, Sample):
        raise told.refusal(outcome)
    return answer(told.as_json(outcome), headers={"Cache-Control": "no-store"})


@router.get("/v1/samples")
def samples(
    house: TheHouse,
    asker: Asker,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 50,
    principal: str | None = None,
    product: str | None = None,
) -> Response:
    """Who asked for which data and what came of it, the newest first; go on with `next`. Auditors only."""
    page = told.recorded(principal=asker, house=house, first=limit, after=after, by=principal, product=product)
    listed = [one._asdict() for _, one in page.items]
    return answer({"samples": listed, "next": page.end_cursor if page.has_next_page else None})
