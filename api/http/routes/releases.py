"""/v1/releases: which bundles were released, how does one come into force, and how does an earlier one come back?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.auth.permissions import Action, require
from api.flows.releases.release import Activated, release
from api.flows.releases.rollback import listed, rollback
from api.http import bodies
from api.http.errors import MediaTypeUnsupported
from api.http.parts import Asker, TheHouse, answer
from engine.model import Json
from engine.policy import tarball
from engine.policy.assignments import MESH

if TYPE_CHECKING:
    from catalog.releases import Release

router = APIRouter(tags=["policies"])

_TYPES = ("application/gzip", "application/octet-stream", "")
_BUNDLE: dict[str, Json] = {
    "requestBody": {
        "required": True,
        "content": {"application/gzip": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class RollbackForm(BaseModel):
    """The body of a rollback: a release by number or revision (else the one before), and why."""

    model_config = ConfigDict(extra="forbid")

    to: str | None = None
    reason: str = ""


_FORM: dict[str, Json] = {
    "requestBody": {"content": {"application/json": {"schema": RollbackForm.model_json_schema()}}}
}


@router.get("/v1/releases")
def releases(
    house: TheHouse,
    asker: Asker,
    first: Annotated[int, Query(ge=1, le=1000)] = 100,
    below: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
) -> Response:
    """Releases, the newest first; ask again with `below` the last number."""
    found = listed(principal=asker, house=house, first=first, below=below)
    return answer({"releases": [_told(one) for one in found]})


@router.post("/v1/releases", status_code=201, openapi_extra=_BUNDLE)
async def create(
    request: Request, house: TheHouse, asker: Asker, sample: Annotated[int | None, Query(ge=1)] = None
) -> Response:
    """Put a bundle in force: verified, loaded, self-tested and tried on the catalog (or a sample of N products).

    201: it is in force now; 200: it was already.
    """
    require(asker, Action.RELEASE, domain=MESH)  # before anything is read
    if bodies.media_type(request) not in _TYPES:
        raise MediaTypeUnsupported("This call takes a bundle as application/gzip.")
    content = await bodies.content(request, limit=tarball.PACKED)

    def released() -> Activated:
        return release(content, principal=asker, house=house, sample=sample)

    made = await run_in_threadpool(released)
    return answer({**_told(made.release), "tried": made.tried}, 200 if made.tried is None else 201)


@router.post("/v1/releases/rollback", openapi_extra=_FORM)
async def back(request: Request, house: TheHouse, asker: Asker) -> Response:
    """Put an earlier release in force again."""
    form = await bodies.form(request, RollbackForm)
    made = await run_in_threadpool(rollback, form.to, reason=form.reason, principal=asker, house=house)
    return answer(_told(made))


def _told(one: Release) -> dict[str, Json]:
    return {**one._asdict(), "active": one.active_since is not None}
