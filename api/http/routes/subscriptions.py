"""/v1/subscriptions: who is told of changes, and how does one begin and end to be?"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.flows import subscriptions as flow
from api.http import bodies
from api.http.parts import Asker, TheHouse, answer
from catalog.shown import Subscription
from engine.model import Json

router = APIRouter(tags=["subscriptions"])

_TOLD = (
    "id",
    "principal",
    "url",
    "kinds",
    "domains",
    "products",
    "state",
    "reason",
    "cursor",
    "created_at",
    "failures",
)


class SubscriptionForm(BaseModel):
    """The body of a new subscription; empty lists want all, `after` is a cursor of the feed (else: from now on)."""

    model_config = ConfigDict(extra="forbid")

    url: str
    kinds: list[str] = []
    domains: list[str] = []
    products: list[str] = []
    after: Annotated[int | None, Field(ge=0, le=2**63 - 1)] = None


_BODY: dict[str, Json] = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": SubscriptionForm.model_json_schema()}}}
}


@router.post("/v1/subscriptions", status_code=201, openapi_extra=_BODY)
async def subscribe(request: Request, house: TheHouse, asker: Asker) -> Response:
    """Be told of changes at an address: CloudEvents, signed as Standard Webhooks says with `secret`, told only here."""
    form = await bodies.form(request, SubscriptionForm)
    wish = flow.Subscribing(form.url, form.kinds, form.domains, form.products, form.after)
    made, secret = await run_in_threadpool(flow.subscribe, wish, principal=asker, house=house)
    return answer({**_shown(made), "secret": secret}, 201, {"Location": f"/v1/subscriptions/{made.id}"})


@router.get("/v1/subscriptions")
def subscriptions(house: TheHouse, asker: Asker) -> Response:
    """Your subscriptions (an operator: all), with the cursor that each has been told up to and why one is paused."""
    return answer({"subscriptions": [_shown(one) for one in flow.listed(principal=asker, house=house)]})


@router.delete("/v1/subscriptions/{subscription}", status_code=204)
def unsubscribe(subscription: str, house: TheHouse, asker: Asker) -> Response:
    """Be told nothing more."""
    flow.unsubscribe(subscription, principal=asker, house=house)
    return Response(status_code=204)


@router.post("/v1/subscriptions/{subscription}/resume")
def resume(subscription: str, house: TheHouse, asker: Asker) -> Response:
    """Be told again, from the cursor on at which it was paused."""
    return answer(_shown(flow.resume(subscription, principal=asker, house=house)))


def _shown(one: Subscription) -> Json:
    return {name: getattr(one, name) for name in _TOLD}
