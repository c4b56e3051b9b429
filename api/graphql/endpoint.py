"""Which requests does `/graphql` take, and with which status does it answer?

POST with a JSON body only (a browser must ask first before another site may send one); GET shows the query page.
Faults of the transport are problem+json like everywhere else; what is wrong with the GraphQL request itself is a
GraphQL error, with status 400 for `application/graphql-response+json` and 200 for plain `application/json`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter
from graphql import GraphQLSchema
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from api.graphql import negotiation
from api.graphql.answering import Answer, Answering, refusal_answer
from api.graphql.context import Context
from api.graphql.documents import Refused
from api.graphql.limits import Limits
from api.graphql.request import request as understood
from api.http.bodies import content, media_type
from api.http.errors import MediaTypeUnsupported, MethodUnsupported
from api.http.problems import problem
from api.http.who import principal
from api.web.assets_folder import Assets
from api.web.routes import query_page
from api.web.routes import router as web_router
from engine.model import Principal

if TYPE_CHECKING:
    from api.wiring import House


def router(
    house: House, *, schema: GraphQLSchema | None = None, limits: Limits | None = None, assets: Assets | None = None
) -> APIRouter:
    """The routes of `/graphql` and of the files that its page loads."""
    limits = limits or Limits(introspection=house.settings.introspection == "on")
    assets = assets or Assets()
    door = _Door(house, Answering(schema or _mesh(), limits), limits)
    routes = APIRouter()

    @routes.get("/graphql", include_in_schema=False)
    async def page(request: Request, query: str | None = None) -> Response:
        if query is not None or not negotiation.wants_page(request.headers.get("accept")):
            told = "Ask by POST with a JSON body; GET shows the query page to browsers."
            return problem(MethodUnsupported(told), instance=request.url.path, extra_headers={"Allow": "POST"})
        return query_page(assets, request)

    @routes.post("/graphql", include_in_schema=False)
    async def ask(request: Request) -> Response:
        return await door.answer(request)

    routes.include_router(web_router(assets))
    return routes


def _mesh() -> GraphQLSchema:
    from api.graphql.schema import schema

    return schema()


class _Door:
    """Reads one request in the event loop and answers it in the thread pool."""

    def __init__(self, house: House, answering: Answering, limits: Limits) -> None:
        self._house, self._answering, self._limits = house, answering, limits

    async def answer(self, request: Request) -> Response:
        asking = principal(request, self._house.tokens)
        wanted = negotiation.answer_type(request.headers.get("accept"))
        if media_type(request) != negotiation.JSON:
            raise MediaTypeUnsupported("GraphQL takes application/json.")
        body = await content(request, limit=self._limits.body)
        answer = await run_in_threadpool(self._answered, body, asking)
        status = 200 if answer.ran or wanted == negotiation.JSON else 400
        return Response(answer.content, status, {"Cache-Control": "no-store"}, wanted)

    def _answered(self, body: bytes, asking: Principal) -> Answer:
        try:
            request = understood(body)
        except Refused as refusal:
            return refusal_answer(refusal)
        return self._answering.answer(request, Context(self._house, asking))
