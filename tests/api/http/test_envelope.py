"""Does every answer, a crash included, carry an id, safe headers, a log line and one form of error?"""

from __future__ import annotations

from typing import Any

import pytest
import structlog
from fastapi import FastAPI
from starlette.requests import Request
from starlette.testclient import TestClient

from api.http import bodies
from api.http.envelope import SECURITY, Envelope
from api.http.metrics import Metrics
from api.http.problems import STATUS, answer_with_problems, status_of
from engine import errors
from engine.errors import GovernanceError, PolicyEngineUnavailable, VersionConflict


class Doors:
    """A small app inside a real envelope, its log lines and its client."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []
        app = FastAPI(redirect_slashes=False)
        answer_with_problems(app)

        @app.get("/v1/things/{thing}")
        def thing(thing: int) -> dict[str, int]:
            return {"thing": thing}

        @app.get("/busy")
        def busy() -> None:
            raise PolicyEngineUnavailable("opa at 127.0.0.1:8181 is silent", engine="opa")

        @app.get("/conflict")
        def conflict() -> None:
            raise VersionConflict("1.0.0 was accepted before", digest="sha256:1")

        @app.get("/crash")
        def crash() -> None:
            raise RuntimeError("the password is hunter2")

        @app.post("/bodies")
        async def read(request: Request) -> dict[str, int]:
            return {"bytes": len(await bodies.content(request, limit=1000))}

        self.app = Envelope(app, metrics=Metrics(), log=structlog.wrap_logger(None, processors=[self._keep]))
        self.metrics = self.app._metrics
        self.client = TestClient(self.app, base_url="http://127.0.0.1")

    def _keep(self, _logger: object, _name: str, line: dict[str, Any]) -> dict[str, Any]:
        self.lines.append(line)
        raise structlog.DropEvent


@pytest.fixture
def doors() -> Doors:
    return Doors()


def test_an_answer_carries_its_id_and_safe_headers(doors: Doors) -> None:
    got = doors.client.get("/v1/things/1", headers={"X-Request-Id": "from-the-caller.1"})
    assert got.json() == {"thing": 1}
    assert {name: got.headers[name] for name in SECURITY} == SECURITY
    assert got.headers["X-Request-Id"] == "from-the-caller.1"


def test_an_id_that_could_forge_a_log_line_is_replaced(doors: Doors) -> None:
    got = doors.client.get("/v1/things/1", headers={"X-Request-Id": 'a" level="b'})
    assert len(got.headers["X-Request-Id"]) == 32


def test_one_line_is_logged_with_the_route_and_without_the_body(doors: Doors) -> None:
    doors.client.post("/bodies", content=b"secret", headers={"X-Request-Id": "one"})
    (line,) = doors.lines
    assert line.pop("milliseconds") >= 0
    assert line == {
        "event": "answered",
        "request_id": "one",
        "method": "POST",
        "route": "/bodies",
        "path": "/bodies",
        "status": 200,
        "principal": None,
    }


def test_the_end_of_an_address_to_call_back_stands_in_no_log(doors: Doors) -> None:
    assert doors.client.post("/v1/callbacks/unguessable", content=b"{}").status_code == 404
    (line,) = doors.lines
    assert (line["path"], "unguessable" in str(line)) == ("/v1/callbacks/***", False)


def test_a_crash_is_a_problem_that_tells_the_client_nothing_and_the_log_everything(doors: Doors) -> None:
    got = doors.client.get("/crash")
    assert (got.status_code, got.headers["content-type"]) == (500, "application/problem+json")
    assert got.json() == {
        "type": "urn:meshgate:problem:internal-error",
        "title": "Something went wrong, and nothing was decided or changed.",
        "status": 500,
        "detail": "Something went wrong, and nothing was decided or changed.",
        "code": "internal-error",
        "instance": "/crash",
    }
    assert "hunter2" in str(doors.lines[0]["exc_info"])


def test_an_error_of_ours_is_a_problem_with_its_facts(doors: Doors) -> None:
    got = doors.client.get("/conflict")
    assert got.status_code == 409
    assert got.json() == {
        "type": "urn:meshgate:problem:version-conflict",
        "title": "This version was already accepted with other content.",
        "status": 409,
        "detail": "1.0.0 was accepted before",
        "code": "version-conflict",
        "instance": "/conflict",
        "hint": "Raise info.version; an accepted version never changes.",
        "digest": "sha256:1",
    }


def test_what_may_pass_says_when_to_come_back(doors: Doors) -> None:
    got = doors.client.get("/busy")
    assert (got.status_code, got.headers["Retry-After"], got.json()["engine"]) == (503, "5", "opa")


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "route-unknown"),
        ("GET", "/v1/things/1/", 404, "route-unknown"),
        ("DELETE", "/v1/things/1", 405, "method-unsupported"),
        ("GET", "/v1/things/many", 422, "request-invalid"),
    ],
)
def test_errors_of_the_framework_have_the_same_form(
    doors: Doors, method: str, path: str, status: int, code: str
) -> None:
    got = doors.client.request(method, path)
    assert (got.status_code, got.json()["code"], got.headers["content-type"]) == (
        status,
        code,
        "application/problem+json",
    )


def test_a_refused_method_says_which_are_taken(doors: Doors) -> None:
    assert doors.client.delete("/v1/things/1").headers["Allow"] == "GET"


def test_a_body_at_the_limit_is_read(doors: Doors) -> None:
    assert doors.client.post("/bodies", content=1000 * b"x").json() == {"bytes": 1000}


@pytest.mark.parametrize("declared", [True, False])
def test_a_body_above_the_limit_is_refused(doors: Doors, declared: bool) -> None:
    pieces = (b"x" for _ in range(1001))
    got = doors.client.post("/bodies", content=1001 * b"x" if declared else pieces)
    assert (got.status_code, got.json()["code"], got.json()["limit"]) == (413, "body-too-large", 1000)


def test_a_body_that_is_too_large_is_not_read_to_its_end(doors: Doors) -> None:
    sent = []

    def pieces() -> Any:
        for number in range(1000):
            sent.append(number)
            yield 100 * b"x"

    async def call() -> int:
        messages: list[dict[str, Any]] = []
        stream = pieces()

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": next(stream), "more_body": True}

        async def send(message: Any) -> None:
            messages.append(message)

        scope = {"type": "http", "method": "POST", "path": "/bodies", "headers": [], "query_string": b"", "state": {}}
        await doors.app(scope, receive, send)
        return int(messages[0]["status"])

    import asyncio

    assert asyncio.run(call()) == 413
    assert len(sent) == 11


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "identity"])
def test_a_compressed_body_is_refused(doors: Doors, encoding: str) -> None:
    got = doors.client.post("/bodies", content=b"x", headers={"Content-Encoding": encoding})
    assert (got.status_code, got.json()["code"]) == (415, "media-type-unsupported")


def test_counters_grow_by_route_and_not_by_address(doors: Doors) -> None:
    for number in range(3):
        doors.client.get(f"/v1/things/{number}")
    page = doors.metrics.page(work=None, standings={}, batches=0, orphans={}).decode()
    assert 'meshgate_http_requests_total{method="GET",route="/v1/things/{thing}",status="200"} 3.0' in page


def test_every_error_of_the_family_has_a_status_that_fits_its_kind() -> None:
    def family(kind: type[GovernanceError]) -> set[type[GovernanceError]]:
        """What is known by now of the family, but for errors of the command line, which no request meets."""
        here = set() if kind.__module__.startswith("api.cli.") else {kind}
        return here.union(*map(family, kind.__subclasses__()))

    codes = {kind.code: status_of(kind()) for kind in family(GovernanceError)}
    assert codes["internal-error"] == 500
    assert set(codes.values()) <= {400, 401, 403, 404, 405, 409, 410, 413, 415, 422, 429, 500, 503}
    assert all(kind in STATUS or status_of(kind()) != 500 for kind in family(errors.UsageError))


def test_methods_that_a_client_invents_are_counted_under_one_name(doors: Doors) -> None:
    for number in range(5):
        assert doors.client.request(f"FOO{number}", "/nowhere").status_code == 404
    page = doors.metrics.page(work=None, standings={}, batches=0, orphans={}).decode()
    assert 'meshgate_http_requests_total{method="(other)",route="(none)",status="404"} 5.0' in page
    assert "FOO" not in page
