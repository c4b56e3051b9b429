"""Which requests does `/graphql` take, and with which status does it answer?

POST with a JSON body only (a browser must ask first before another site may send one); GET shows the query page, and a
WebSocket speaks `graphql-transport-ws`. Faults of the transport are problem+json like everywhere else; what is wrong
with the GraphQL request itself is a GraphQL error, with status 400 for `application/graphql-response+json` and 200 for
plain `application/json`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter
from graphql import GraphQLSchema
from starlette.requests import Request
from starlette.responses import Response

from api.graphql import listed, negotiation
from api.graphql.answering import Answering
from api.graphql.kept import Documents, Kept
from api.graphql.limits import Limits
from api.graphql.listed import Listed
from api.graphql.live.socket import Sockets
from api.graphql.serving import Serving
from api.http.bodies import charset, content, media_type
from api.http.errors import MediaTypeUnsupported, MethodUnsupported
from api.http.metrics import Metrics
from api.http.problems import problem
from api.http.who import principal
from api.web.assets_folder import Assets
from api.web.routes import query_page
from api.web.routes import router as web_router

if TYPE_CHECKING:
    from api.wiring import House


def router(
    house: House,
    *,
    schema: GraphQLSchema | None = None,
    limits: Limits | None = None,
    assets: Assets | None = None,
    metrics: Metrics | None = None,
) -> APIRouter:
    """The routes of `/graphql` and of the files that its page loads. Raises SettingsInvalid for a wrong list."""
    limits = limits or Limits(introspection=house.settings.introspection == "on")
    assets, metrics, schema = assets or Assets(), metrics or Metrics(), schema or _mesh()
    answering = Answering(schema, limits, documents=_documents(house, schema, limits, metrics))
    serving = Serving(house, answering, limits, metrics)
    routes = APIRouter()

    @routes.get("/graphql", include_in_schema=False)
    async def page(request: Request, query: str | None = None) -> Response:
        if query is not None or not negotiation.wants_page(request.headers.get("accept")):
            told = "Ask by POST with a JSON body; GET shows the query page to browsers."
            return problem(MethodUnsupported(told), instance=request.url.path, extra_headers={"Allow": "POST"})
        return query_page(assets, request)

    @routes.post("/graphql", include_in_schema=False)
    async def ask(request: Request) -> Response:
        return await _answered(request, house, serving)

    routes.add_websocket_route("/graphql", Sockets(house, serving).take)
    routes.include_router(web_router(assets))
    return routes


def _mesh() -> GraphQLSchema:
    from api.graphql.schema import schema

    return schema()


def _documents(house: House, schema: GraphQLSchema, limits: Limits, metrics: Metrics) -> Documents:
    folder = house.settings.graphql_documents
    if folder is None:
        return Kept(schema, limits, metrics.looked)
    return Listed(listed.load(folder), schema, limits, metrics.looked)


async def _answered(request: Request, house: House, serving: Serving) -> Response:
    asking = principal(request, house.tokens)
    wanted = negotiation.answer_type(request.headers.get("accept"))
    if media_type(request) != negotiation.JSON or charset(request) not in ("", "utf-8"):
        raise MediaTypeUnsupported("GraphQL takes application/json in UTF-8.")
    body = await content(request, limit=serving.limits.body)
    answer = await serving.over_http(body, asking)
    status = 200 if answer.ran or wanted == negotiation.JSON else 400
    return Response(answer.content, status, {"Cache-Control": "no-store"}, wanted)
