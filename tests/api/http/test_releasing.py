"""Do releases come and go over HTTP, and does an OPA that waits hear of it at once?"""

from __future__ import annotations

import asyncio
import io
import tarfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bundle_keys
import httpx2 as httpx
import pytest
import released
from doors import a_client, problem, product, submit, until
from released import ERRING, OWNED, STRICT
from starlette.testclient import TestClient

from api.http.app import create_app
from api.http.news import wait_seconds
from api.wiring import House

GZIP = {"Content-Type": "application/gzip"}
CALL = "/opa/bundles/mesh"
LONG = {"Prefer": "modes=snapshot,delta;wait=30"}


@pytest.fixture
def client(house: House) -> TestClient:
    return a_client(house)


def put(client: TestClient, content: bytes, **params: int) -> Any:
    return client.post("/v1/releases", content=content, headers=GZIP, params=params)


def test_a_release_is_in_force_for_checks_submissions_and_opas(client: TestClient, tmp_path: Path) -> None:
    content = released.bundle(tmp_path, STRICT)
    before = client.get(CALL).headers["etag"]
    made = put(client, content)
    assert (made.status_code, made.json()["number"], made.json()["active"], made.json()["tried"]) == (201, 1, True, 0)
    served = client.get(CALL, headers={"If-None-Match": before})
    assert (served.status_code, served.content) == (200, content)
    accepted = submit(client, product())
    assert accepted.json()["report"]["documents"][0]["decision"]["bundle_revision"] == made.json()["revision"]
    again = put(client, content)
    assert (again.status_code, again.json()["tried"]) == (200, None)
    assert client.get("/readyz").json()["ready"]


def test_releases_are_listed_and_one_call_goes_back(client: TestClient, tmp_path: Path) -> None:
    for hours in range(2):
        put(client, released.bundle(tmp_path, {**STRICT, f"mesh.trial.n{hours}": OWNED}, hours=hours))
    listed = client.get("/v1/releases").json()["releases"]
    assert [(one["number"], one["active"], one["principal"]) for one in listed] == [
        (2, True, "local"),
        (1, False, "local"),
    ]
    back = client.post("/v1/releases/rollback", json={"reason": "too strict"})
    assert (back.status_code, back.json()["number"], back.json()["reason"]) == (200, 1, "too strict")
    assert [one["number"] for one in client.get("/v1/releases", params={"below": 2}).json()["releases"]] == [1]
    kinds = [one["kind"] for one in client.get("/v1/changes").json()["changes"]]
    assert kinds == ["release.activated", "release.activated", "release.rolled-back"]


@pytest.mark.parametrize(
    ("made", "status", "code"),
    [
        (lambda folder: b"no bundle", 422, "release-invalid"),
        (lambda folder: released.bundle(folder, STRICT, hours=-9), 422, "bundle-older"),
        (lambda folder: released.bundle(folder, {"mesh.trial.silent": released.SILENT}), 422, "self-test-failed"),
        (lambda folder: released.bundle(folder, {**STRICT, "mesh.trial.erring": ERRING}), 422, "bundle-newly-errs"),
    ],
)
def test_what_speaks_against_a_release_has_its_code_and_changes_nothing(
    made: Callable[[Path], bytes], status: int, code: str, client: TestClient, tmp_path: Path
) -> None:
    put(client, released.bundle(tmp_path, STRICT))
    assert submit(client, product()).status_code == 201
    tag = client.get(CALL).headers["etag"]
    refused = put(client, made(tmp_path))
    assert (refused.status_code, problem(refused)["code"]) == (status, code)
    assert client.get(CALL).headers["etag"] == tag


def test_with_a_key_an_unsigned_one_is_refused(build: Callable[..., House], tmp_path: Path) -> None:
    pair = bundle_keys.ec(tmp_path)
    client = a_client(build(tmp_path, verify_key=pair.public))
    assert problem(put(client, released.bundle(tmp_path, STRICT)))["code"] == "bundle-unsigned"
    assert put(client, released.bundle(tmp_path, STRICT, signer=pair.signer())).json()["key_id"] == "governance"


def test_the_request_has_to_be_one(client: TestClient) -> None:
    wrong = [
        client.post("/v1/releases", content=b"x", headers={"Content-Type": "application/json"}),
        client.post("/v1/releases", content=b"x", headers={**GZIP, "Content-Length": str(17 << 20)}),
        put(client, b"x", sample=0),
        client.post("/v1/releases/rollback", json={"wrong": 1}),
        client.post("/v1/releases/rollback", json={}),
    ]
    assert [problem(one)["code"] for one in wrong] == [
        "media-type-unsupported",
        "body-too-large",
        "request-invalid",
        "request-invalid",
        "not-found",
    ]


@pytest.mark.parametrize(
    ("prefer", "seconds"),
    [
        ("", 0),
        ("modes=snapshot,delta", 0),
        ("modes=snapshot,delta;wait=10", 10),
        ("wait=7", 7),
        ("wait=999999999", 300),
        ("wait=99999999999999999999", 0),
        ("await=7", 0),
        ("wait=-1", 0),
    ],
)
def test_how_long_opa_waits_is_read_from_what_it_prefers(prefer: str, seconds: int) -> None:
    assert wait_seconds(prefer) == seconds


def test_opa_sees_that_waiting_is_understood(client: TestClient) -> None:
    assert client.get(CALL, headers=LONG).headers["content-type"] == "application/vnd.openpolicyagent.bundles"
    assert client.get(CALL, headers={"Prefer": "modes=snapshot,delta"}).headers["content-type"] == "application/gzip"


def test_who_waits_in_vain_is_told_after_the_time_that_nothing_changed(client: TestClient) -> None:
    tag = client.get(CALL).headers["etag"]
    answer = client.get(CALL, headers={"If-None-Match": tag, "Prefer": "wait=1"})
    assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)


async def waiting(app: Any, many: int, tag: str) -> list[Any]:
    """The answers to so many requests that wait at the same time."""
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", timeout=60) as client:
        asked = [client.get(CALL, headers={"If-None-Match": tag, **LONG}) for _ in range(many)]
        return list(await asyncio.gather(*asked))


def test_everybody_who_waits_hears_of_a_release_and_none_holds_a_thread(
    house: House, client: TestClient, tmp_path: Path
) -> None:
    """Two hundred wait: five times as many as there are threads for requests, which other requests have to get."""
    tag, content = client.get(CALL).headers["etag"], released.bundle(tmp_path, STRICT)
    app = create_app(house)
    news = app._app.state.news  # type: ignore[attr-defined]

    def meanwhile() -> None:
        until(lambda: news.waiting == 200, seconds=60)
        assert put(client, content).status_code == 201

    releasing = threading.Thread(target=meanwhile)
    releasing.start()
    answers = asyncio.run(waiting(app, 200, tag))
    releasing.join()
    assert {(one.status_code, one.content) for one in answers} == {(200, content)}
    assert news.waiting == 0


def test_a_process_that_is_about_to_end_lets_them_go(house: House, client: TestClient) -> None:
    tag = client.get(CALL).headers["etag"]
    app = create_app(house)
    ending = threading.Thread(
        target=lambda: (until(lambda: app._app.state.news.waiting == 3), house.ending.set())  # type: ignore[attr-defined]
    )
    ending.start()
    answers = asyncio.run(waiting(app, 3, tag))
    ending.join()
    assert [one.status_code for one in answers] == [304, 304, 304]


def archive(*members: tarfile.TarInfo) -> bytes:
    """A bundle as somebody writes one who wants to write elsewhere on the server, or to read what lies there."""
    blocks = io.BytesIO()
    with tarfile.open(fileobj=blocks, mode="w:gz", format=tarfile.USTAR_FORMAT) as made:
        for info in members:
            body = b"package a\n" if info.type == tarfile.REGTYPE else b""
            info.size = len(body)
            made.addfile(info, io.BytesIO(body))
    return blocks.getvalue()


def member(path: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(path)
    info.type, info.linkname = kind, target
    return info


@pytest.mark.parametrize(
    "members",
    [
        (member("mesh", tarfile.SYMTYPE, "/etc"), member("mesh/passwd.rego")),
        (member("a.rego", tarfile.SYMTYPE, "/etc/passwd"),),
        (member("a.rego", tarfile.LNKTYPE, ".manifest"),),
        (member("../../outside.rego"),),
        (member("/etc//outside.rego"),),
        (member("a.rego", tarfile.CHRTYPE),),
        (member("a.rego", tarfile.BLKTYPE),),
        (member("a.rego", tarfile.FIFOTYPE),),
    ],
    ids=["through a link", "link", "hard link", "upwards", "absolute", "device", "block device", "pipe"],
)
def test_a_bundle_that_points_elsewhere_is_refused_and_leaves_nothing(
    members: tuple[tarfile.TarInfo, ...], client: TestClient, tmp_path: Path
) -> None:
    before = sorted(tmp_path.rglob("*.rego"))
    got = put(client, archive(*members))
    assert (got.status_code, problem(got)["code"]) == (422, "release-invalid")
    assert client.get("/v1/releases").json() == {"releases": []}
    assert sorted(tmp_path.rglob("*.rego")) == before
