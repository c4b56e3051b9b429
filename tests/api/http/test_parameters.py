"""Does every route refuse a query parameter that it does not know, and take those that it does?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from doors import YAML, a_client, problem, product
from starlette.testclient import TestClient

from api.http.app import create_app
from api.wiring import House

#: what each route takes; those that take none are not listed
TAKEN: dict[tuple[str, str], set[str]] = {
    ("POST", "/v1/checks"): {"as_of", "environment", "event"},
    ("GET", "/v1/products/{reference}/versions/{version}"): {"part"},
    ("GET", "/v1/containers"): {"after", "as_of", "environment", "limit", "live", "product", "status"},
    ("GET", "/v1/products/{reference}"): {"as_of"},
    ("DELETE", "/v1/containers/{container}"): {"delete_data"},
    ("GET", "/v1/deployments"): {"after", "container", "environment", "limit", "product", "state"},
    ("GET", "/v1/deployments/{deployment}/events"): {"after", "limit", "wait"},
    ("GET", "/v1/changes"): {"after", "limit", "kind", "domain", "product"},
    ("GET", "/v1/decisions"): {"after", "complete", "limit"},
    ("GET", "/v1/waivers"): {"expiring_within", "limit", "policy", "product", "state", "unused"},
    ("GET", "/v1/trace"): {"id"},
    ("GET", "/v1/releases"): {"below", "first"},
    ("POST", "/v1/releases"): {"sample"},
    ("GET", "/v1/opas"): {"after", "first"},
    ("GET", "/v1/subjects"): {"after", "facts", "limit", "product"},
    ("GET", "/v1/subjects/decided"): {"after", "limit", "since"},
    ("GET", "/graphql"): {"query"},
    ("GET", "/v1/products"): {"after", "first", "order", "query"},
    ("GET", "/v1/products/{reference}/diff"): {"from", "to"},
    ("GET", "/v1/products/{reference}/impact"): {"column", "depth", "port"},
    ("POST", "/v1/impacts"): {"depth"},
    ("GET", "/v1/products/{reference}/ports/{port}/sample"): {"columns", "dataset", "environment", "purpose", "rows"},
    ("GET", "/v1/samples"): {"after", "limit", "principal", "product"},
    ("GET", "/v1/access-requests"): {"after", "environment", "limit", "port", "product", "state", "subject"},
    ("GET", "/v1/orphans"): {"environment"},
    ("POST", "/v1/orphans"): {"environment"},
    ("GET", "/v1/exports/catalog"): {"after", "complete"},
    ("GET", "/v1/exports/dcat"): {"product"},
    ("GET", "/v1/exports/openlineage"): {"after", "product", "version"},
    ("GET", "/v1/exports/dpds"): {"form", "product", "version"},
}
#: these are the framework's own, and their answer is the same whatever is asked
FRAMEWORK = {"/openapi.json", "/static-offline-docs"}


def routes(router: Any) -> Iterator[Any]:
    for route in router.routes:
        if hasattr(route, "original_router"):
            yield from routes(route.original_router)
        else:
            yield route


@pytest.fixture
def client(house: House) -> TestClient:
    return a_client(house)


def test_every_route_refuses_what_it_does_not_know_and_names_what_it_does(house: House, client: TestClient) -> None:
    app: Any = create_app(house)
    asked = 0
    for route in routes(app._app):
        if route.path in FRAMEWORK:
            continue
        for method in getattr(route, "methods", ()):  # a WebSocket has none
            taken = sorted(TAKEN.get((method, route.path), ()))
            got = client.request(method, route.path, params={"evnt": "deploy", "after ": "1"})
            told = problem(got)
            there = f"there are {', '.join(taken)}" if taken else "this call takes none"
            assert (got.status_code, told["code"]) == (422, "request-invalid"), route.path
            assert told["errors"] == [
                {"at": f"query/{name}", "msg": f"unknown parameter; {there}"} for name in ("evnt", "after ")
            ], route.path
            asked += 1
    assert asked > len(TAKEN) + 10


def test_a_misspelt_parameter_is_refused_and_the_known_ones_are_taken(client: TestClient) -> None:
    def status(query: str) -> int:
        return client.post(f"/v1/checks?{query}", content=product(), headers=YAML).status_code

    assert [status(query) for query in ("evnt=deploy", "event=deploy&environment=dev", "")] == [422, 200, 200]
