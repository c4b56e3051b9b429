"""Who may do what over HTTP, with a tokens file and without one?"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from doors import a_client, a_house, problem, product, submit
from starlette.testclient import TestClient

from api.auth.permissions import LOCAL
from api.http.serve import serve
from api.wiring import House
from engine.errors import SettingsInvalid

TOKENS = {
    "reading": ("portal", "[reader]", "[]"),
    "sending": ("logistics-ci", "[submitter]", "[logistics]"),
    "elsewhere": ("sales-ci", "[submitter]", "[sales]"),
    "both": ("mover", "[submitter]", "[logistics, sales]"),
}


@pytest.fixture
def house(build: Callable[..., House], tmp_path: Path) -> House:
    rows = [
        f"- {{id: {who}, sha256: {hashlib.sha256(token.encode()).hexdigest()}, roles: {roles}, domains: {domains}}}"
        for token, (who, roles, domains) in TOKENS.items()
    ]
    (tmp_path / "tokens.yaml").write_text("\n".join(["tokens:", *rows]) + "\n")
    return build(tmp_path, tokens=tmp_path / "tokens.yaml")


@pytest.fixture
def client(house: House) -> TestClient:
    return a_client(house)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("headers", [{}, bearer("guess"), bearer(""), {"Authorization": "Basic cmVhZGluZzo="}])
def test_nobody_without_a_token_gets_anything(client: TestClient, headers: dict[str, str]) -> None:
    for call in ("/v1/changes", "/v1/products/x", "/v1/decisions/x", "/v1/containers", "/metrics"):
        got = client.get(call, headers=headers)
        assert (got.status_code, problem(got)["code"], got.headers["WWW-Authenticate"]) == (
            401,
            "unauthenticated",
            "Bearer",
        )
    assert submit(client, product(), **headers).status_code == 401


def test_probes_and_pages_need_no_token(client: TestClient) -> None:
    assert [client.get(path).status_code for path in ("/livez", "/readyz", "/docs", "/openapi.json")] == [200] * 4


def test_a_reader_reads_and_checks_but_does_not_submit(client: TestClient) -> None:
    assert client.get("/v1/changes", headers=bearer("reading")).status_code == 200
    kind = {"Content-Type": "application/yaml", **bearer("reading")}
    assert client.post("/v1/checks", content=product(), headers=kind).status_code == 200
    got = submit(client, product(), **bearer("reading"))
    assert (got.status_code, problem(got)["code"], problem(got)["principal"]) == (403, "forbidden", "portal")


def test_a_submitter_of_another_domain_does_not_submit_here(client: TestClient, house: House) -> None:
    got = submit(client, product(), **bearer("elsewhere"))
    assert (got.status_code, problem(got)["domain"]) == (403, "logistics")
    assert house.changes.after(0, principal=LOCAL) == ()


@pytest.mark.parametrize("version", ["0.9.0", "1.1.0", "2.0.0"])
def test_naming_its_own_domain_gives_nobody_the_product_of_another(
    client: TestClient, house: House, version: str
) -> None:
    assert submit(client, product(), **bearer("sending")).status_code == 201
    before = house.changes.after(0, principal=LOCAL)
    taken = product(version=version).replace(b"domain: logistics", b"domain: sales")
    got = submit(client, taken, **bearer("elsewhere"))
    assert (got.status_code, problem(got)["domain"]) == (403, "logistics")
    assert house.changes.after(0, principal=LOCAL) == before


def test_who_may_write_in_both_domains_moves_a_product_and_then_it_belongs_to_the_other(client: TestClient) -> None:
    moved = product(version="1.1.0").replace(b"domain: logistics", b"domain: sales")
    assert submit(client, product(), **bearer("sending")).status_code == 201
    assert submit(client, moved, **bearer("both")).status_code == 201
    assert submit(client, product(version="1.2.0"), **bearer("sending")).status_code == 403
    assert submit(client, moved.replace(b"1.1.0", b"1.3.0"), **bearer("elsewhere")).status_code == 201


def test_what_is_written_bears_the_name_of_who_sent_it(client: TestClient, house: House) -> None:
    assert submit(client, product(), **bearer("sending")).status_code == 201
    assert {change.principal for change in house.changes.after(0, principal=LOCAL)} == {"logistics-ci"}


def test_with_tokens_any_host_name_will_do(client: TestClient) -> None:
    assert client.get("/v1/changes", headers={**bearer("reading"), "Host": "meshgate.example"}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [{"Host": "attacker.example"}, {"Origin": "https://attacker.example"}, {"Origin": "null"}],
    ids=["rebound name", "other site", "opaque origin"],
)
def test_without_tokens_a_web_page_cannot_write(
    build: Callable[..., House], tmp_path: Path, headers: dict[str, str]
) -> None:
    house = build(tmp_path)
    got = submit(a_client(house), product(), **headers)
    assert (got.status_code, problem(got)["code"]) == (403, "host-refused")
    assert house.changes.after(0, principal=LOCAL) == ()


def test_without_tokens_a_server_does_not_start_beyond_loopback(tmp_path: Path) -> None:
    with a_house(tmp_path) as house, pytest.raises(SettingsInvalid, match="only to loopback"):
        serve(house, host="0.0.0.0", port=0)
    assert list(tmp_path.iterdir()) == []
