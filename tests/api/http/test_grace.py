"""Does the grace for existing products reach those that exist, and only those, on both stores?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from doors import NOW, YAML, a_client, a_house, product, submit
from starlette.testclient import TestClient

from api.wiring import House

#: the descriptors here describe themselves in one word, which this rule comes to refuse
ASSIGNMENT = f"""
- policy: mesh.documentation.descriptions_present
  scope: mesh
  enforcement: blocking
  effective_from: "{NOW + timedelta(days=10):%Y-%m-%d}"
  grace_for_existing: 90d
"""
BEFORE, WITHIN, AFTER = NOW, NOW + timedelta(days=20), NOW + timedelta(days=101)


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, model: House, tmp_path: Path) -> Iterator[House]:
    (tmp_path / "governance" / "assignments").mkdir(parents=True)
    (tmp_path / "governance" / "assignments" / "mesh.yaml").write_text(ASSIGNMENT)
    flags = {"database_url": request.getfixturevalue("postgresql_url")} if request.param == "postgresql" else {}
    with a_house(tmp_path, governance=tmp_path / "governance", **flags) as house:
        house.__dict__.update(engine=model.engine, bundle=model.bundle)
        house.database.upgrade()
        yield house


@pytest.fixture
def at(house: House) -> Callable[[datetime], TestClient]:
    """A client of the server as it is at a moment."""

    def client(moment: datetime) -> TestClient:
        house.clock = lambda: moment
        return a_client(house)

    return client


def dispositions(report: Any) -> list[str]:
    findings = report["documents"][0]["decision"]["findings"]
    return [one["disposition"] for one in findings if one["policy"] == "mesh.documentation.descriptions_present"]


def test_a_line_accepted_before_the_rule_has_its_grace_and_a_new_one_has_none(
    at: Callable[[datetime], TestClient],
) -> None:
    assert submit(at(BEFORE), product(version="1.2.0")).status_code == 201
    existing = submit(at(WITHIN), product(version="1.1.0"))  # no version below it: the line's age counts
    assert (existing.status_code, dispositions(existing.json()["report"])) == (201, ["advisory"])
    for new in (product("letters"), product(version="2.0.0")):
        refused = submit(at(WITHIN), new)
        assert (refused.status_code, dispositions(refused.json()["report"])) == (422, ["blocking"])


def test_a_check_on_the_server_tells_the_same_and_the_grace_ends(at: Callable[[datetime], TestClient]) -> None:
    assert submit(at(BEFORE), product()).status_code == 201
    told = [
        dispositions(at(moment).post("/v1/checks", content=product(version="1.0.1"), headers=YAML).json())
        for moment in (WITHIN, AFTER)
    ]
    assert told == [["advisory"], ["blocking"]]
