"""/v1/exports/…: the mesh, or one product of it, in forms that others understand."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from itertools import chain
from typing import Annotated

import orjson
from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api.flows.exports import archive, catalog, dcat, dpds, openlineage
from api.http import packed
from api.http.parts import Asker, TheHouse

router = APIRouter(tags=["exports"])

NDJSON, JSON_LD = "application/x-ndjson", "application/ld+json"
Revision = Annotated[int, Query(ge=0, le=2**63 - 1)]


class Form(StrEnum):
    """How a descriptor leaves."""

    ROOT = "root"
    ZIP = "zip"
    EFFECTIVE = "effective"


@router.get("/v1/exports/catalog", response_class=Response)
def whole(request: Request, house: TheHouse, asker: Asker, after: Revision = 0, complete: bool = False) -> Response:
    """Everything that was recorded after a revision, one JSON object in a line (`meshgate/catalog/1`).

    The last line, of the type `end`, counts the lines and names the head; without it the answer was cut. Decisions are
    masked; with `complete=true`, which takes an operator, the stream is one that `meshgate db load` takes in.
    """
    return _streamed(request, catalog.exported(principal=asker, house=house, after=after, complete=complete), NDJSON)


@router.get("/v1/exports/dcat", response_class=Response)
def portal(request: Request, house: TheHouse, asker: Asker, product: str | None = None) -> Response:
    """The catalog as DCAT 3 in JSON-LD, or one product of it."""
    if product is not None:
        return Response(orjson.dumps(dcat.of_product(product, principal=asker, house=house)), media_type=JSON_LD)
    return _streamed(request, dcat.document(principal=asker, house=house), JSON_LD)


@router.get("/v1/exports/openlineage", response_class=Response)
def lineage(
    request: Request,
    house: TheHouse,
    asker: Asker,
    after: Revision = 0,
    product: str | None = None,
    version: str | None = None,
) -> Response:
    """An OpenLineage RunEvent for each version accepted after a revision, one in a line; or those of one product.

    Go on after the `revision` in the facet `meshgate_acceptance` of the last line.
    """
    found = (
        openlineage.events(principal=asker, house=house, after=after)
        if product is None
        else openlineage.of_product(product, version, principal=asker, house=house)
    )
    return _streamed(request, (orjson.dumps(one) + b"\n" for one in found), NDJSON)


@router.get("/v1/exports/dpds", response_class=Response)
def descriptor(
    house: TheHouse, asker: Asker, product: str, version: str | None = None, form: Form = Form.ROOT
) -> Response:
    """A descriptor as it was submitted (its root document, or a ZIP of all its files), or its effective content."""
    if form is Form.EFFECTIVE:
        effective = dpds.effective(product, version, principal=asker, house=house)
        return Response(orjson.dumps(effective), media_type="application/json")
    parts = dpds.verbatim(product, version, principal=asker, house=house)
    if form is Form.ZIP:
        return Response(archive.zipped(parts), media_type="application/zip")
    kind = "application/json" if parts[0].path.lower().endswith(".json") else "application/yaml"
    return Response(parts[0].content, media_type=kind)


def _streamed(request: Request, pieces: Iterator[bytes], media_type: str) -> Response:
    """The pieces in larger ones, packed for who takes gzip. What goes wrong before the first one is an error as ever;
    after it the connection is cut, so that half an answer never passes for a whole one."""
    first = [one for one in (next(pieces, None),) if one is not None]
    gzip = packed.wanted(request.headers.get("accept-encoding", ""))
    headers = {"Vary": "Accept-Encoding", **({"Content-Encoding": "gzip"} if gzip else {})}
    return StreamingResponse(packed.pieces(chain(first, pieces), gzip=gzip), headers=headers, media_type=media_type)
