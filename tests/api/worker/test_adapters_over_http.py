"""Does a service at an address keep the promises of an adapter, and is nothing else asked than what is allowed?"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from api.destinations import Destinations
from api.http.adapter_app import app
from api.worker.asking import HttpAsk
from engine.errors import ProvisioningFailed
from engine.provision import openapi
from engine.provision.adapters.http import Http
from engine.provision.adapters.local_fs import LocalFs
from engine.provision.calls import CALLS
from engine.provision.kit.case import Case
from engine.provision.kit.trying import Kept, tried
from engine.provision.openapi import document

PUBLISHED = Path(openapi.__file__).with_name("schemas") / "upp-1.openapi.json"
HERE = Destinations.of(["127.0.0.0/8"], key="adapter_hosts")
COMPONENT = {"kind": "infrastructure", "name": "store", "platform": "local:files", "type": "storage-resource"}
REF = {
    "resource_id": "00000000-0000-4000-8000-000000000001",
    "generation": 1,
    "environment": "dev",
    "container": {
        "id": "00000000-0000-4000-8000-000000000002",
        "product": "p",
        "domain": "d",
        "name": "n",
        "major": 1,
        "version": "1.0.0",
    },
    "component": {"fqn": "store", "kind": "infrastructure", "name": "store"},
}


@contextmanager
def served(adapter: Any) -> Iterator[str]:
    """The adapter as a service; gives its address."""
    server = uvicorn.Server(uvicorn.Config(app(adapter), host="127.0.0.1", port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


@contextmanager
def answering(status: int, headers: dict[str, str], body: bytes) -> Iterator[tuple[str, list[str]]]:
    """A server that answers everything in one way; gives its address, and what it was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            self.rfile.read(int(self.headers.get("content-length") or 0))
            asked.append(f"{self.command} {self.path}")
            self.send_response(status)
            for name, value in {"content-length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}", asked
    server.shutdown()
    server.server_close()


def refusal(call: Any) -> str:
    with pytest.raises(ProvisioningFailed) as error:
        call()
    return str(error.value.context["error_class"])


def test_local_fs_behind_http_keeps_every_promise(tmp_path: Path) -> None:
    with served(LocalFs({"directory": str(tmp_path / "made")})) as address:
        made = partial(Http, {"address": address}, ask=HttpAsk(HERE))
        results = list(tried(Case("http", made, COMPONENT, ({"size": 1}, {"size": 2}))))
    assert [one for one in results if one.kept is Kept.BROKEN] == []


@pytest.mark.parametrize(
    ("status", "body", "reading", "writing"),
    [
        (400, b"", "INVALID", "INVALID"),
        (401, b"", "UNAUTHORIZED", "UNAUTHORIZED"),
        (418, b"", "INVALID", "INVALID"),
        (409, b'{"class": "STALE_GENERATION", "detail": "late"}', "STALE_GENERATION", "STALE_GENERATION"),
        (429, b"", "TRANSIENT", "TRANSIENT"),
        (500, b"", "TRANSIENT", "UNKNOWN_OUTCOME"),
        (500, b'{"class": "QUOTA", "detail": "full"}', "QUOTA", "QUOTA"),
        (503, b"<html>", "TRANSIENT", "TRANSIENT"),
        (503, b'{"class": "MADE_UP", "detail": "?"}', "TRANSIENT", "TRANSIENT"),
        (302, b"", "INVALID", "INVALID"),
        (200, b"[]", "INTERNAL", "UNKNOWN_OUTCOME"),
        (200, b"x" * 5_000_000, "TRANSIENT", "UNKNOWN_OUTCOME"),
    ],
)
def test_the_class_of_an_error_is_the_one_it_tells_else_that_of_its_status(
    status: int, body: bytes, reading: str, writing: str
) -> None:
    with answering(status, {"location": "http://127.0.0.1:1/elsewhere"}, body) as (address, asked):
        adapter = Http({"address": address, "seconds": 20}, ask=HttpAsk(HERE))
        assert refusal(adapter.info) == reading
        try:
            outcome = adapter.destroy(REF, "delete")
            found = outcome["error"]["class"]
        except ProvisioningFailed as error:
            found = error.context["error_class"]
        assert (found, len(asked)) == (writing, 2)


@pytest.mark.parametrize(
    ("allowed", "address"),
    [([], "http://127.0.0.1:9"), ([], "https://127.0.0.1:9"), (["10.0.0.0/8"], "http://192.0.2.1:9")],
)
def test_an_address_that_is_not_allowed_is_not_asked(allowed: list[str], address: str) -> None:
    adapter = Http({"address": address}, ask=HttpAsk(Destinations.of(allowed, key="adapter_hosts")))
    assert refusal(adapter.info) == "INVALID"


def test_where_nobody_listens_nothing_was_heard() -> None:
    adapter = Http({"address": "http://127.0.0.1:9"}, ask=HttpAsk(HERE))
    assert refusal(lambda: adapter.destroy(REF, "delete")) == "TRANSIENT"


def test_the_openapi_document_tells_every_call_with_bodies_that_are_there() -> None:
    told = document()
    assert json.loads(PUBLISHED.read_text("utf-8")) == told, "`python -m engine.provision.openapi` writes it anew"
    operations = [one["operationId"] for path in told["paths"].values() for one in path.values()]
    assert sorted(operations) == sorted(CALLS)
    text = json.dumps(told)
    for name in {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}:
        assert name.split("/")[0] in told["components"]["schemas"]


def test_a_request_that_names_another_resource_than_its_path_is_refused(tmp_path: Path) -> None:
    with served(LocalFs({"directory": str(tmp_path)})) as address:
        url = f"{address}/upp/v1/resources/other"
        body = json.dumps({**REF, "definition": {}, "resolved": {}, "config": {}}).encode()
        told = HttpAsk(HERE)("PUT", url, headers={}, body=body, seconds=20, at_most=10_000)
    assert (told.status, json.loads(told.body)["class"]) == (422, "INVALID")


class Recording(LocalFs):
    """local-fs that keeps what it was asked for."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        super().__init__(config)
        self.heard: list[dict[str, Any]] = []

    def apply(self, request: dict[str, Any]) -> dict[str, Any]:
        self.heard.append(request)
        return super().apply(request)

    def destroy(self, ref: dict[str, Any], policy: str) -> dict[str, Any]:
        self.heard.append(ref)
        return super().destroy(ref, policy)


def test_an_address_to_call_back_travels_in_a_header_and_in_no_query_and_no_body(tmp_path: Path) -> None:
    adapter = Recording({"directory": str(tmp_path)})
    sent: list[tuple[str, bytes, Mapping[str, str]]] = []

    def recording(method: str, url: str, **more: Any) -> Any:
        sent.append((url, more["body"], more["headers"]))
        return HttpAsk(HERE)(method, url, **more)

    called = {**REF, "definition": {}, "resolved": {}, "config": {}, "callback": "https://m.example/v1/callbacks/abc"}
    with served(adapter) as address:
        made = Http({"address": address}, ask=recording)
        made.apply({**called, "unsure": True})
        made.destroy(called, "delete")
    assert [one["callback"] for one in adapter.heard] == [called["callback"]] * 2
    assert [one.get("unsure") for one in adapter.heard] == [True, None]
    assert [headers["callback-location"] for _, _, headers in sent] == [called["callback"]] * 2
    assert [(url, body) for url, body, _ in sent if "callbacks" in url or b"callbacks" in body] == []
