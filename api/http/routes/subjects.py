"""/v1/subjects: the catalog as facts, for who decides it by rules of their own (`meshgate policy impact`)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.flows import subjects as flow
from api.http.parts import Asker, Moment, TheHouse, answer

router = APIRouter(tags=["decisions"])

Limit = Annotated[int, Query(ge=1, le=flow.MOST)]


@router.get("/v1/subjects")
def subjects(
    house: TheHouse,
    asker: Asker,
    after: str = "",
    product: str | None = None,
    limit: Limit = 100,
    facts: bool = True,
) -> Response:
    """The version that stands for each line, in the order of their fqn, with its facts; go on with `next`."""
    found = flow.subjects(principal=asker, house=house, after=after, product=product, limit=limit, with_facts=facts)
    return answer(found)


@router.get("/v1/subjects/granted")
def granted(house: TheHouse, asker: Asker) -> Response:
    """The waivers and suspensions that the catalog granted, which hold beside any rules."""
    return answer(flow.granted(principal=asker, house=house))


@router.get("/v1/subjects/decided")
def decided(
    house: TheHouse, asker: Asker, since: Moment | None = None, after: str | None = None, limit: Limit = 100
) -> Response:
    """Past decisions, newest first, with exactly what their policies saw; go on with `next`."""
    return answer(flow.decided(principal=asker, house=house, since=since, after=after, limit=limit))
