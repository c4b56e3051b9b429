"""A real server of `/graphql` in this process: uvicorn in a thread, on a free port, over the house of a test."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx2 as httpx
import uvicorn
from doors import until
from fastapi import FastAPI
from graphql import GraphQLSchema

from api.graphql import endpoint
from api.graphql.limits import Limits
from api.http.metrics import Metrics
from api.http.problems import answer_with_problems
from api.http.routes import probes
from api.http.serve import configuration
from api.wiring import House


@dataclass
class Served:
    """Where it listens, and what it counts."""

    address: str
    metrics: Metrics
    server: uvicorn.Server

    @property
    def url(self) -> str:
        return f"{self.address}/graphql"

    @property
    def socket(self) -> str:
        return self.url.replace("http:", "ws:")

    def post(self, query: str, **more: Any) -> httpx.Response:
        return httpx.post(self.url, json={"query": query, **more}, timeout=60)

    def counted(self, name: str, **labels: str) -> float:
        """The sample of this name, 0 if there is none."""
        return self.metrics._registry.get_sample_value(name, labels) or 0.0


@contextmanager
def served(
    house: House, *, schema: GraphQLSchema | None = None, limits: Limits | None = None, **uvicorn_options: Any
) -> Iterator[Served]:
    """The routes of GraphQL and the probes, served until the block ends; then nothing of it runs any more."""
    app, metrics = FastAPI(), Metrics()
    app.state.house = house
    app.include_router(endpoint.router(house, schema=schema, limits=limits, metrics=metrics))
    app.include_router(probes.router)
    answer_with_problems(app)
    with serving(app, house, **uvicorn_options) as (address, server):
        yield Served(address, metrics, server)


@contextmanager
def serving(app: Any, house: House, **uvicorn_options: Any) -> Iterator[tuple[str, uvicorn.Server]]:
    """Any app over this house, served until the block ends; its address."""
    server = uvicorn.Server(configuration(app, port=0, log_level="critical", **uvicorn_options))
    thread = threading.Thread(target=server.run)
    thread.start()
    until(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}", server
    finally:
        house.ending.set()
        server.should_exit = True
        thread.join(30)
        assert not thread.is_alive()
