"""Which routes does a server have, and what surrounds them?"""

from __future__ import annotations

import sys
from importlib import metadata

import structlog
from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from starlette.types import ASGIApp

from api.graphql import endpoint as graphql
from api.http.envelope import Envelope
from api.http.metrics import Metrics
from api.http.problems import answer_with_problems
from api.http.routes import changes, checks, containers, decisions, deployments, descriptors, docs, probes, products
from api.wiring import House

_ROUTES = (checks, descriptors, products, decisions, deployments, containers, changes, probes, docs)


def create_app(house: House, *, log: structlog.typing.BindableLogger | None = None) -> ASGIApp:
    """The ASGI app over these parts. It holds no state of its own but its counters."""
    app: FastAPI = FastAPIOffline(
        docs_url=None,
        redoc_url=None,
        title="meshgate",
        version=metadata.version("meshgate"),
        description="Decides whether a data product may join the mesh, remembers why, and deploys what was cleared.",
        redirect_slashes=False,
    )
    app.state.house, app.state.metrics = house, Metrics()
    answer_with_problems(app)
    for routes in _ROUTES:
        app.include_router(routes.router)
    app.include_router(graphql.router(house))
    return Envelope(app, metrics=app.state.metrics, log=log or json_log())


def json_log() -> structlog.typing.BindableLogger:
    """One JSON object per line on stderr; this project configures no logging for others."""
    return structlog.wrap_logger(  # type: ignore[no-any-return]
        structlog.WriteLogger(sys.stderr),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.dict_tracebacks,
            structlog.processors.JSONRenderer(),
        ],
    )
