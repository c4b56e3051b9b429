"""/v1/products/…: what is known of a product line, what was submitted, and how does a version's status change?"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, BeforeValidator, ConfigDict
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.flows.evolution import diff
from api.flows.moments import told_as_of
from api.flows.search import search
from api.flows.show import Line, show, submitted
from api.flows.status import Standing, Status, change_status
from api.http import bodies
from api.http.parts import Asker, Moment, TheHouse, answer
from engine.model import Json, Part
from engine.report import difference

router = APIRouter(tags=["products"])

_TYPES = {"json": "application/json", "yaml": "application/yaml", "yml": "application/yaml"}


@router.get("/v1/products")
def find(
    house: TheHouse,
    asker: Asker,
    query: str = "",
    order: Literal["best", "trust"] = "best",
    first: Annotated[int, Query(ge=1, le=100)] = 20,
    after: str | None = None,
) -> Response:
    """One page of the products that a line of words and filters finds; `after` is the `next` of the page before."""
    page, hints = search(query, principal=asker, house=house, order=order, first=first, after=after)
    hits = [{**hit.product._asdict(), "match": hit.match, "field": hit.field} for hit in page.items]
    total = {"value": page.total, "exact": page.exact}
    following = page.end_cursor if page.has_next_page else None
    return answer({"products": hits, "total": total, "next": following, "hints": [one._asdict() for one in hints]})


@router.get("/v1/products/{reference}")
def line(reference: str, house: TheHouse, asker: Asker, as_of: str | None = None) -> Response:
    """The line that an fqn in any dialect, an id or an ODM id means, with all its versions, highest first, and their
    artifacts.

    With `as_of` (a moment, or a day for its first moment in UTC) as the catalog told it then.
    """
    return answer(_line(show(reference, principal=asker, house=house, as_of=told_as_of(as_of))))


@router.get("/v1/products/{reference}/diff")
def changed(
    reference: str,
    house: TheHouse,
    asker: Asker,
    before: Annotated[str | None, Query(alias="from")] = None,
    now: Annotated[str | None, Query(alias="to")] = None,
) -> Response:
    """What changed between two versions of the product: `from` (else the one below) and `to` (else the one shown)."""
    return answer(difference.told(diff(reference, before, now, principal=asker, house=house)))


@router.get("/v1/products/{reference}/versions/{version}")
def version(reference: str, version: str, house: TheHouse, asker: Asker, part: str | None = None) -> Response:
    """The root document byte for byte as it was submitted, or another file of the submission."""
    return _file(submitted(reference, version, principal=asker, house=house, part=part))


class StandingForm(BaseModel):
    """The body of a change of status."""

    model_config = ConfigDict(extra="forbid")

    status: Annotated[Status, BeforeValidator(lambda value: Status(value) if value in list(Status) else value)]
    reason: str
    sunset: Moment | None = None
    successor: str = ""


_BODY: dict[str, Json] = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": StandingForm.model_json_schema()}}}
}


@router.post("/v1/products/{reference}/versions/{version}/status", openapi_extra=_BODY)
async def status(request: Request, reference: str, version: str, house: TheHouse, asker: Asker) -> Response:
    """Make a version active, deprecated or withdrawn, with a reason."""
    form = await bodies.form(request, StandingForm)
    wanted = Standing(form.status, form.reason, form.sunset, form.successor)
    changed = await run_in_threadpool(change_status, reference, version, wanted, principal=asker, house=house)
    return answer({"version": changed.version, "status": changed.status, "digest": changed.digest})


def _line(line: Line) -> Json:
    product = line.product._asdict()
    versions = [
        {**one._asdict(), "artifacts": [built._asdict() for built in line.artifacts.get(one.id, ())]}
        for one in line.versions
    ]
    standing = None if line.standing is None else {**line.standing._asdict()}
    if standing is not None:
        del standing["line_id"]
    told = {**product, "versions": versions, "standing": standing}
    return told if line.instant is None else {**told, "as_of": line.instant._asdict()}


def _file(part: Part) -> Response:
    """The bytes under a type by their name that no browser runs."""
    kind = _TYPES.get(part.path.rpartition(".")[2].lower(), "application/octet-stream")
    return Response(part.content, media_type=kind)
