"""What may a route ask for? The house it serves, who is asking, and how answers are written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

import orjson
from fastapi import Depends
from pydantic import BeforeValidator
from starlette.requests import HTTPConnection
from starlette.responses import Response

from api.flows.self_test import Probation
from api.http import who
from api.http.errors import RequestInvalid
from api.http.metrics import Metrics
from api.http.news import News, NewsOfEach
from api.wiring import House
from engine.model import Json, Principal


async def _house(connection: HTTPConnection) -> House:
    return connection.app.state.house  # type: ignore[no-any-return]


async def _metrics(connection: HTTPConnection) -> Metrics:
    return connection.app.state.metrics  # type: ignore[no-any-return]


async def _probation(connection: HTTPConnection) -> Probation:
    return connection.app.state.probation  # type: ignore[no-any-return]


async def _news(connection: HTTPConnection) -> News:
    return connection.app.state.news  # type: ignore[no-any-return]


async def _happening(connection: HTTPConnection) -> NewsOfEach:
    return connection.app.state.happening  # type: ignore[no-any-return]


async def _asker(connection: HTTPConnection) -> Principal:
    if "\0" in connection.scope["path"] or b"%00" in connection.scope["query_string"]:
        raise RequestInvalid("An address holds no NUL.")  # PostgreSQL takes none in any text
    return who.principal(connection, connection.app.state.house.tokens)


def _moment(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        told = datetime.fromisoformat(value)
        return told.replace(tzinfo=UTC) if told.tzinfo is None else told.astimezone(UTC)
    except (ValueError, OverflowError) as reason:
        raise ValueError("must be a date or moment in ISO 8601") from reason


TheHouse = Annotated[House, Depends(_house)]
TheMetrics = Annotated[Metrics, Depends(_metrics)]
TheProbation = Annotated[Probation, Depends(_probation)]
TheNews = Annotated[News, Depends(_news)]
Happening = Annotated[NewsOfEach, Depends(_happening)]
Asker = Annotated[Principal, Depends(_asker)]
Moment = Annotated[datetime, BeforeValidator(_moment)]
"""A date or moment as text, in UTC; a bare date is its beginning there."""


def answer(value: Json, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """The value as JSON; moments are written in ISO 8601."""
    return Response(orjson.dumps(value), status, headers, "application/json")
