"""Which roles see data, and which see who saw it?"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from doors import a_client, a_house, product, submit

SAMPLE = "/v1/products/urn:dpds:org.example:dataproducts:parcels:1/ports/moved/sample"
ROLES = ("reader", "submitter", "deployer", "approver", "auditor", "sampler", "opa", "operator")


@pytest.fixture
def client(tmp_path: Path) -> Any:
    hashed = {role: hashlib.sha256(role.encode()).hexdigest() for role in ROLES}
    rows = "".join(f"- {{id: {role}, sha256: {sha}, roles: [{role}]}}\n" for role, sha in hashed.items())
    (tmp_path / "tokens.yaml").write_text(f"tokens:\n{rows}")
    with a_house(tmp_path, tokens=tmp_path / "tokens.yaml") as house, a_client(house) as made:
        assert submit(made, product(), Authorization="Bearer operator").status_code == 201
        yield made


def test_only_samplers_and_operators_see_data_and_only_auditors_the_record(client: Any) -> None:
    codes: dict[str, tuple[str, int]] = {}
    for role in ROLES:
        told = {"Authorization": f"Bearer {role}"}
        codes[role] = (
            client.get(SAMPLE, headers=told).json()["code"],
            client.get("/v1/samples", headers=told).status_code,
        )
    assert {role for role, (code, _) in codes.items() if code != "sample-denied"} == {"sampler", "operator"}
    assert {role for role, (_, status) in codes.items() if status == 200} == {"auditor", "operator"}
    assert client.get(SAMPLE).status_code == 401
