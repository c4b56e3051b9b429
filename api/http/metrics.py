"""What does this server count for Prometheus?"""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from api.flows.backlog import Work
from api.http.work_metrics import Deploying

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Metrics:
    """Counters of one server process and gauges of the whole mesh, in a registry of their own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "meshgate_http_requests", "Requests answered", ["method", "route", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "meshgate_http_request_seconds", "Time to answer", ["method", "route"], registry=self._registry
        )
        self._decisions = Counter(
            "meshgate_decisions", "Decisions made, by door and outcome", ["event", "outcome"], registry=self._registry
        )
        self._deploying = Deploying(self._registry)
        self._standings = Gauge(
            "meshgate_products", "Product lines by their standing", ["standing"], registry=self._registry
        )
        self._operations = Counter(
            "meshgate_graphql_operations",
            "GraphQL operations, by door and by the code of those that gave nothing",
            ["door", "outcome"],
            registry=self._registry,
        )
        self._documents = Counter(
            "meshgate_graphql_documents",
            "Looks for the document of a GraphQL request",
            ["found"],
            registry=self._registry,
        )
        self.websockets = Gauge("meshgate_graphql_websockets", "Open WebSockets", registry=self._registry)
        self.following = Gauge("meshgate_graphql_subscriptions", "GraphQL subscriptions", registry=self._registry)
        self._rescans = Gauge(
            "meshgate_rescan_batches_waiting", "Batches of open rescans that are not done", registry=self._registry
        )
        self._orphans = Gauge(
            "meshgate_orphans",
            "Resources with labels of this mesh that the catalog does not know, as of the last look at an environment",
            ["environment"],
            registry=self._registry,
        )

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer; methods that nobody defined share one name, so that no client makes the page grow."""
        method = method if method in _METHODS else "(other)"
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def decided(self, event: str, outcome: str) -> None:
        self._decisions.labels(event, outcome).inc()

    def operated(self, door: str, code: str) -> None:
        """Count one GraphQL operation; `code` is empty for one that was answered."""
        self._operations.labels(door, code or "answered").inc()

    def looked(self, known: bool) -> None:
        """Count one look for a GraphQL document that was known already or was not."""
        self._documents.labels("kept" if known else "new").inc()

    def page(
        self, *, work: Work | None, standings: Mapping[str, float], batches: float, orphans: Mapping[str, float]
    ) -> bytes:
        """Everything in Prometheus' text format; what is told here is asked for only now: it is the whole mesh's."""
        self._deploying.set(work)
        self._rescans.set(batches)
        for standing, count in standings.items():
            self._standings.labels(standing).set(count)
        for environment, count in orphans.items():
            self._orphans.labels(environment).set(count)
        return generate_latest(self._registry)
