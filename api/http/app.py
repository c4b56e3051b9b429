"""Which routes does a server have, and what surrounds them?"""

from __future__ import annotations

import sys
from importlib import metadata

import structlog
from fastapi import Depends, FastAPI
from fastapi_offline import FastAPIOffline
from starlette.types import ASGIApp

from api.flows.self_test import Probation
from api.graphql import endpoint as graphql
from api.http.envelope import Envelope
from api.http.metrics import Metrics
from api.http.news import News, NewsOfEach
from api.http.parameters import only_known
from api.http.problems import answer_with_problems
from api.http.routes import (
    access,
    bundles,
    callbacks,
    changes,
    checks,
    comparisons,
    containers,
    decisions,
    deployments,
    descriptors,
    docs,
    evaluation,
    exports,
    fitness,
    impacts,
    observations,
    odm,
    opas,
    orphans,
    plans,
    policies,
    probes,
    products,
    releases,
    requirements,
    rescans,
    samples,
    subjects,
    subscriptions,
    trace,
    waivers,
)
from api.wiring import House

_ROUTES = (
    *(checks, descriptors, products, impacts, decisions, deployments, plans, containers, changes, subscriptions),
    *(waivers, policies, trace, probes, docs, bundles, releases, opas, rescans, subjects, odm),
    *(comparisons, fitness, requirements, samples, access, orphans),
    *(observations, evaluation),
    *(exports, callbacks),
)


def create_app(house: House, *, log: structlog.typing.FilteringBoundLogger | None = None) -> ASGIApp:
    """The ASGI app over these parts, which decides for their catalog and so follows its releases.

    It holds no state of its own but its counters and its last self-test.
    """
    house.follow_releases()
    app: FastAPI = FastAPIOffline(
        docs_url=None,
        redoc_url=None,
        title="meshgate",
        version=metadata.version("meshgate"),
        description="Decides whether a data product may join the mesh, remembers why, and deploys what was cleared.",
        redirect_slashes=False,
        dependencies=[Depends(only_known)],
    )
    app.state.house, app.state.metrics, app.state.probation = house, Metrics(), Probation(house)
    app.state.news = News(house.released_number, ending=house.ending)
    app.state.happening = NewsOfEach(lambda deployment: house.happenings.last(deployment), ending=house.ending)
    answer_with_problems(app)
    for routes in _ROUTES:
        app.include_router(routes.router)
    app.include_router(graphql.router(house, metrics=app.state.metrics))
    return Envelope(app, metrics=app.state.metrics, log=log or failures_log())


def json_log() -> structlog.typing.FilteringBoundLogger:
    """One JSON object per line on stderr; this project configures no logging for others."""
    return _log(structlog.processors.add_log_level)


def failures_log() -> structlog.typing.FilteringBoundLogger:
    """Only what went wrong, for commands that use the app inside their own process."""
    return _log(_only_failures)


def _log(first: structlog.typing.Processor) -> structlog.typing.FilteringBoundLogger:
    return structlog.wrap_logger(  # type: ignore[no-any-return]
        structlog.WriteLogger(sys.stderr),
        processors=[
            first,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,  # never with local variables: they hold bodies and tokens
            structlog.processors.JSONRenderer(),
        ],
    )


def _only_failures(_logger: object, name: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    if name != "error":
        raise structlog.DropEvent
    return line
