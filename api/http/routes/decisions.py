"""/v1/decisions: what was decided, and why, one by one or all of it; and how is an input erased?"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Annotated

import orjson
from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api.flows import decisions as flow
from api.flows.replay import decide_again
from api.http import bodies
from api.http.parts import Asker, TheHouse, answer
from engine.model import Json

router = APIRouter(tags=["decisions"])

MEDIA_TYPE = "application/x-ndjson"
LARGEST_PAGE = 100


@router.get("/v1/decisions", response_class=Response)
def export(
    house: TheHouse,
    asker: Asker,
    after: str | None = None,
    complete: bool = False,
    limit: Annotated[int | None, Query(ge=1, le=LARGEST_PAGE)] = None,
) -> Response:
    """Every decision after a cursor, oldest first, one JSON object in a line; go on with the last line's `cursor`.

    Masked by the mask policy unless `complete=true`, which takes an auditor. With `limit` the answer is a page, whole
    or an error. Without, everything is streamed: what goes wrong after the first decision cuts the connection, so that
    half an answer never passes for a whole one.
    """
    found = flow.exported(after, principal=asker, house=house, complete=complete, limit=limit)
    if limit is not None:
        return Response(b"".join(_lines(found)), media_type=MEDIA_TYPE)
    first = [one for one in (next(found, None),) if one is not None]
    return StreamingResponse(_lines(chain(first, found)), media_type=MEDIA_TYPE)


def _lines(found: Iterator[dict[str, Json]]) -> Iterator[bytes]:
    return (orjson.dumps(one) + b"\n" for one in found)


@router.get("/v1/decisions/{decision}")
def decision(decision: str, house: TheHouse, asker: Asker) -> Response:
    """The logged decision; `record` is its entry of the report (`meshgate/report/1`), null when it was erased.

    Masked by the mask policy for everybody but auditors.
    """
    return answer(flow.decision(decision, principal=asker, house=house)._asdict())


@router.get("/v1/decisions/{decision}/replay")
def replay(decision: str, house: TheHouse, asker: Asker) -> Response:
    """What deciding again gives, as of the decision's moment: the same, or what differs. Auditors only.

    410 `input-erased`; 409 `not-replayable` for a document that could not be read.
    """
    return answer(decide_again(decision, principal=asker, house=house))


class ErasureForm(BaseModel):
    """The body of an erasure; `record` asks for the entry of the report too, whose messages may quote the input."""

    model_config = ConfigDict(extra="forbid")

    reason: str
    record: bool = False


_BODY: dict[str, Json] = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": ErasureForm.model_json_schema()}}}
}


@router.post("/v1/decisions/{decision}/erasure", openapi_extra=_BODY)
async def erase(request: Request, decision: str, house: TheHouse, asker: Asker) -> Response:
    """Erase what the policies saw; `decisions` are all that had the same input and lost it too. Operators only."""
    form = await bodies.form(request, ErasureForm)
    erased = await run_in_threadpool(
        flow.erase, decision, reason=form.reason, record=form.record, principal=asker, house=house
    )
    return answer({"decision": decision, "input_digest": erased.input_digest, "decisions": erased.decisions})
