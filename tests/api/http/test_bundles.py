"""Can others pull the policies that hold here, with nothing but what OPA itself knows?"""

from __future__ import annotations

import hashlib
import json
import subprocess
import urllib.request
from collections.abc import Callable
from pathlib import Path

import outside_parts
import pytest
from doors import a_client, a_house, a_server, problem, product, submit, until
from starlette.testclient import TestClient

from api.flows.bundles import Released
from api.wiring import House
from engine.policy import archive, governance

ROOT = Path(__file__).resolve().parents[3]
GOVERNANCE = ROOT / "examples" / "governance"
CALL = "/opa/bundles/mesh"
TOKEN = "pulling"
ROW = "- {{id: {id}, sha256: {hash}, roles: {roles}}}\n"


@pytest.fixture
def client(house: House) -> TestClient:
    return a_client(house)


def tokens(folder: Path) -> Path:
    file = folder / "tokens.yaml"
    rows = {TOKEN: "[reader]", "nothing": "[]"}
    hashed = [ROW.format(id=one, hash=hashlib.sha256(one.encode()).hexdigest(), roles=may) for one, may in rows.items()]
    file.write_text("tokens:\n" + "".join(hashed))
    return file


def test_the_bundle_is_the_one_that_decides_here(client: TestClient, house: House) -> None:
    answer = client.get(CALL)
    read = archive.read(answer.content, "mesh")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/gzip")
    assert answer.headers["etag"] == f'"{hashlib.sha256(answer.content).hexdigest()}"'
    assert read.revision == house.bundle.revision
    assert read.snapshot.waivers_digest == house.governance.waivers_digest


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', '"other",W/{}'])
def test_who_has_it_already_is_told_so_without_a_body(client: TestClient, form: str) -> None:
    tag = client.get(CALL).headers["etag"]
    again = client.get(CALL, headers={"If-None-Match": form.format(tag)})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)


@pytest.mark.parametrize("tag", ["", '"other"', "sha256"])
def test_who_has_another_one_gets_it(client: TestClient, tag: str) -> None:
    assert client.get(CALL, headers={"If-None-Match": tag}).status_code == 200


def test_waivers_and_their_day_change_the_tag(house: House) -> None:
    held = governance.load(GOVERNANCE, house.bundle)
    empty = governance.of()
    made = [(held, 23), (empty, 23), (held, 24), (held, 23)]
    tags = [Released.of(house.bundle, one, taken=house.clock().replace(day=day)).tag for one, day in made]
    assert (len(set(tags)), tags[0]) == (3, tags[3])


def test_the_environments_that_hold_here_are_named(build: Callable[..., House], tmp_path: Path) -> None:
    (tmp_path / "environments.yaml").write_text("- name: lab\n- name: prod\n")
    house = build(tmp_path, environments=tmp_path / "environments.yaml")
    read = archive.read(a_client(house).get(CALL).content, "mesh")
    assert list(archive.governance(read, house.bundle).environments) == ["lab", "prod"]


def test_another_bundle_there_is_not(client: TestClient) -> None:
    answer = client.get("/opa/bundles/other")
    assert (answer.status_code, problem(answer)["code"]) == (404, "not-found")


@pytest.mark.parametrize(("token", "status"), [("", 401), ("guess", 401), ("nothing", 403), (TOKEN, 200)])
def test_it_is_read_under_the_rules_of_every_read(
    build: Callable[..., House], tmp_path: Path, token: str, status: int
) -> None:
    client = a_client(build(tmp_path, tokens=tokens(tmp_path)))
    assert client.get(CALL, headers={"Authorization": f"Bearer {token}"}).status_code == status


def test_a_real_opa_pulls_it_by_its_own_configuration_and_decides_for_us(opa_binary: str, tmp_path: Path) -> None:
    for name in ("server", "other", "opa"):
        (tmp_path / name).mkdir()
    told = {"governance": str(GOVERNANCE), "tokens": str(tokens(tmp_path))}
    with a_server(tmp_path / "server", **told) as (address, _):
        config = {
            "services": {"meshgate": {"url": address, "credentials": {"bearer": {"token": TOKEN}}}},
            "bundles": {"mesh": {"service": "meshgate", "resource": "opa/bundles/mesh"}},
        }
        (tmp_path / "opa" / "opa.json").write_text(json.dumps(config))
        here = f"127.0.0.1:{outside_parts.free_port()}"
        command = [opa_binary, "run", "--server", "--disable-telemetry", "--addr", here, "-c", "opa.json"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": tmp_path / "opa"}
        opa = outside_parts.started(command, f"http://{here}/health", **quiet)
        try:
            until(lambda: _revision(here))
            settings = {"governance": GOVERNANCE, "opa_url": f"http://{here}", "opa_policies": "bundle"}
            with a_house(tmp_path / "other", **settings) as house:
                assert _revision(here) == house.bundle.revision
                client = a_client(house)
                good, bad = submit(client, product()), submit(client, product("orphans", owner=""))
        finally:
            opa.terminate()
            opa.wait(10)
    assert (good.status_code, problem(bad)["code"]) == (201, "descriptor-rejected")
    decision = problem(bad)["report"]["documents"][0]["decision"]
    assert decision["engine"].startswith("opa ")
    assert {one["policy"] for one in decision["findings"] if one["disposition"] == "blocking"} == {
        "mesh.ownership.owner_declared"
    }


def _revision(address: str) -> str | None:
    with urllib.request.urlopen(f"http://{address}/v1/data/meshgate/query/revision", timeout=5) as answer:
        told: dict[str, str] = json.load(answer)
    return told.get("result")
