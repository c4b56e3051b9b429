"""Does a stock OPA, with nothing but its own configuration, follow the releases of a real server and report to it?"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import bundle_keys
import httpx2 as httpx
import outside_parts
import pytest
import released
from bundle_keys import Pair
from bundle_server import BundleServer, serving
from doors import YAML, a_server, product, until
from released import OWNED, STRICT
from stock_opa import stock

from api.in_force import loaded
from engine.policy import query, tarball
from engine.policy.embedded import EmbeddedEngine

STRICTER = {**STRICT, "mesh.trial.more": OWNED}
DOCUMENT = {"info": {"name": "orphans"}}
TOKENS = {"steward": "operator", "sidecar": "opa"}


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return bundle_keys.ec(tmp_path)


def tokens(folder: Path) -> str:
    rows = [
        f"- {{id: {name}, sha256: {hashlib.sha256(name.encode()).hexdigest()}, roles: [{role}]}}"
        for name, role in TOKENS.items()
    ]
    (folder / "tokens.yaml").write_text("\n".join(["tokens:", *rows]) + "\n")
    return str(folder / "tokens.yaml")


def configuration(address: str, pair: Pair, *, bundles_from: str = "") -> dict[str, Any]:
    """The configuration of an OPA as its own documentation describes it."""
    services = {"meshgate": {"url": f"{address}/opa", "credentials": {"bearer": {"token": "sidecar"}}}}
    if bundles_from:
        services["elsewhere"] = {"url": bundles_from}
    bundle = {
        "service": "elsewhere" if bundles_from else "meshgate",
        "signing": {"keyid": "governance"},
        "polling": {"long_polling_timeout_seconds": 30, "min_delay_seconds": 1, "max_delay_seconds": 1},
    }
    return {
        "labels": {"region": "eu"},
        "services": services,
        "keys": {"governance": {"algorithm": "ES256", "key": pair.public.read_text()}},
        "bundles": {"mesh": bundle | ({"resource": "bundle"} if bundles_from else {})},
        "decision_logs": {"service": "meshgate", "reporting": {"min_delay_seconds": 1, "max_delay_seconds": 1}},
        "status": {"service": "meshgate"},
    }


def opa_of(folder: Path, config: Mapping[str, Any]) -> Path:
    """The configuration file of an OPA."""
    (folder / "opa.json").write_text(json.dumps(config))
    return folder / "opa.json"


def steward(address: str) -> httpx.Client:
    return httpx.Client(base_url=address, headers={"Authorization": "Bearer steward"}, timeout=60)


def put(client: httpx.Client, content: bytes) -> str:
    made = client.post("/v1/releases", content=content, headers={"Content-Type": "application/gzip"})
    assert made.status_code == 201, made.text
    revision: str = made.json()["revision"]
    return revision


def shown(client: httpx.Client) -> dict[str, Any]:
    """The one OPA that reported; empty before it did."""
    found: list[dict[str, Any]] = client.get("/v1/opas").json()["opas"]
    return found[0] if found else {}


def test_it_pulls_verifies_decides_follows_and_reports(opa_binary: str, pair: Pair, tmp_path: Path) -> None:
    one, two = (
        released.bundle(tmp_path, policies, hours=hours, signer=pair.signer())
        for hours, policies in enumerate((STRICT, STRICTER))
    )
    told = {"tokens": tokens(tmp_path), "verify_key": str(pair.public)}
    with (
        a_server(tmp_path, **told) as (address, _),
        steward(address) as client,
        stock(opa_binary, opa_of(tmp_path, configuration(address, pair))) as opa,
    ):
        # Nothing is released yet: what the server offers is not signed, and the OPA says that it refuses it.
        refused = until(lambda: shown(client) if shown(client).get("code") else None)
        assert (refused["revision"], refused["labels"]["region"]) == ("", "eu")
        assert "signatures" in refused["message"] + "".join(refused["errors"])
        assert opa.revision is None

        first = put(client, one)
        until(lambda: opa.revision == first)
        until(lambda: shown(client)["revision"] == opa.revision and not shown(client)["code"])

        second = put(client, two)
        until(lambda: opa.revision == second, seconds=8)  # far less than the 30 seconds that it waits

        _, rules = loaded(two, "two", None)
        asked = sorted(rules.bundle.policies)
        document = {**DOCUMENT, "_context": {"policies": asked}}
        answer = opa.data("meshgate/query/answer", document)
        embedded = EmbeddedEngine()
        mine = embedded.evaluate(rules.bundle, asked, document)
        embedded.close()
        theirs = {id: {(one["code"], one["msg"]) for one in found} for id, found in answer["result"]["results"].items()}
        assert theirs == {id: {(one.code, one.msg) for one in found} for id, found in mine.items()}
        assert sum(map(len, theirs.values())) == 3

        logged = until(lambda: _entry(client, answer["decision_id"]))
        assert (logged["path"], logged["bundles"]["mesh"]["revision"]) == ("meshgate/query/answer", second)


def _entry(client: httpx.Client, decision_id: str) -> Any:
    found = client.get(f"/opa/logs/{decision_id}")
    return found.json() if found.status_code == 200 else None


def test_a_bundle_that_was_tampered_with_is_refused_there_too_and_everybody_can_see_it(
    opa_binary: str, pair: Pair, tmp_path: Path
) -> None:
    good = released.bundle(tmp_path, STRICT, signer=pair.signer())
    files = tarball.unpack(good, "good")
    bad = tarball.pack({**files, query.PATH: files[query.PATH] + b"\n"})
    told = {"tokens": tokens(tmp_path), "verify_key": str(pair.public)}
    with (
        serving(BundleServer(good)) as elsewhere,
        a_server(tmp_path, **told) as (address, _),
        steward(address) as client,
    ):
        config = configuration(address, pair, bundles_from=elsewhere.address)
        with stock(opa_binary, opa_of(tmp_path, config)) as opa:
            revision = until(lambda: opa.revision)
            elsewhere.content, elsewhere.tag = bad, '"bad"'
            refused = until(lambda: shown(client) if shown(client).get("code") else None)
            assert (refused["revision"], opa.revision) == (revision, revision)
            assert "digest mismatch" in refused["message"] + "".join(refused["errors"])
        ours = client.post("/v1/releases", content=bad, headers={"Content-Type": "application/gzip"})
    assert (ours.status_code, ours.json()["code"]) == (422, "bundle-tampered")


def test_a_server_decides_through_an_opa_that_gets_its_policies_from_it(
    opa_binary: str, pair: Pair, tmp_path: Path
) -> None:
    port = outside_parts.free_port()
    told = {"tokens": tokens(tmp_path), "opa_url": f"http://127.0.0.1:{port}", "opa_policies": "bundle"}

    def submit(name: str, **options: str) -> httpx.Response:
        return client.post("/v1/descriptors", content=product(name, **options), headers=YAML)

    with a_server(tmp_path, **told) as (address, _), steward(address) as client:
        first = put(client, released.bundle(tmp_path, STRICT, signer=pair.signer()))
        with stock(opa_binary, opa_of(tmp_path, configuration(address, pair)), port=port) as opa:
            until(lambda: opa.revision == first)
            accepted, refused = submit("one"), submit("two", owner="")
            assert accepted.status_code == 201
            decision = accepted.json()["report"]["documents"][0]["decision"]
            assert (decision["engine"].startswith("opa "), decision["bundle_revision"]) == (True, first)
            assert (refused.status_code, refused.json()["code"]) == (422, "descriptor-rejected")

            second = put(client, released.bundle(tmp_path, STRICTER, hours=1, signer=pair.signer()))
            until(lambda: submit("three").status_code == 201)
            decision = submit("three").json()["report"]["documents"][0]["decision"]
            assert decision["bundle_revision"] == second


def test_an_opa_that_holds_another_revision_decides_nothing_and_both_are_named(
    opa_binary: str, pair: Pair, tmp_path: Path
) -> None:
    old = released.bundle(tmp_path, STRICT, signer=pair.signer())
    port = outside_parts.free_port()
    told = {"tokens": tokens(tmp_path), "opa_url": f"http://127.0.0.1:{port}", "opa_policies": "bundle"}
    with (
        serving(BundleServer(old)) as elsewhere,
        a_server(tmp_path, **told) as (address, _),
        steward(address) as client,
    ):
        new = put(client, released.bundle(tmp_path, STRICTER, hours=1))
        config = configuration(address, pair, bundles_from=elsewhere.address)
        with stock(opa_binary, opa_of(tmp_path, config), port=port) as opa:
            until(lambda: opa.revision)
            refused = client.post("/v1/descriptors", content=product(), headers=YAML)
            assert (refused.status_code, refused.json()["code"]) == (503, "policy-engine-unavailable")
            assert f"it holds bundle {opa.revision}, but {new} is expected" in refused.json()["detail"]
