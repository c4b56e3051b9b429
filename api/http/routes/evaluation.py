"""/v1/products/{…}/slos, trust, facts, compliance and badge.svg: how good is a product?"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from api.flows import evaluate as flow
from api.http.badge import badge
from api.http.parts import Asker, TheHouse, answer
from catalog.evaluation import slos as statuses
from catalog.evaluation import trust as trusts
from engine.model import Json

router = APIRouter(tags=["products"])


@router.get("/v1/products/{reference}/slos")
def slos(reference: str, house: TheHouse, asker: Asker) -> Response:
    """Every promise of the current version against what was observed, with its error budget."""
    found = flow.slos(reference, principal=asker, house=house)
    return answer({"slos": [statuses.told(one) for one in found]})


@router.get("/v1/products/{reference}/facts")
def facts(reference: str, house: TheHouse, asker: Asker) -> Response:
    """What a trust formula sees of the product."""
    return answer(flow.facts(reference, principal=asker, house=house))


@router.get("/v1/products/{reference}/trust")
def trust(reference: str, house: TheHouse, asker: Asker) -> Response:
    """How far the product may be trusted now, with every term; `value` is null with a `reason` where it is unknown."""
    found = flow.trust(reference, principal=asker, house=house)
    score = found.score
    told: dict[str, Json] = {
        "product": found.fqn,
        "value": None if score is None else score.value,
        "grade": "" if score is None else score.grade,
        "reason": found.reason,
        "formula": found.formula,
        "computed_at": found.computed_at,
        "terms": [] if score is None else trusts.told(score),
    }
    return answer(told)


@router.get("/v1/products/{reference}/compliance")
def compliance(reference: str, house: TheHouse, asker: Asker) -> Response:
    """How the product stood over time, newest first: by which decision, and which policies ended otherwise."""
    found = flow.history(reference, principal=asker, house=house)
    entries = []
    for one in found:
        told = one.entry._asdict()
        del told["line_id"], told["before_id"]
        entries.append({**told, "policies": [turn._asdict() for turn in one.turns]})
    return answer({"entries": entries})


@router.get("/v1/products/{reference}/badge.svg")
def shown(reference: str, house: TheHouse, asker: Asker) -> Response:
    """A picture of how the product stands and how far it may be trusted, for pages elsewhere."""
    stood = flow.history(reference, principal=asker, house=house)
    found = flow.trust(reference, principal=asker, house=house)
    drawn = badge(stood[0].entry.state, None if found.score is None else found.score.value)
    return Response(drawn, media_type="image/svg+xml", headers={"Cache-Control": "max-age=300"})
