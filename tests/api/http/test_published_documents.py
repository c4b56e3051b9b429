"""Does REST answer the documents that a command prints, as their published schemas say?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sampled
from doors import YAML, a_client, product, submit
from needs import WRONG, finds
from published import OF_PRODUCTS, answered

from api.flows.watching import follow
from api.wiring import House
from engine.policy.environments import Environment, SampleBinding

LINE, READER = (f"urn:dpds:org.example:dataproducts:{name}:1" for name in ("parcels", "reader"))
TABLES = b"{tables: [{name: moves, columns: [{name: id}, {name: who, tags: [pii]}]}]}"
READS = b"""interfaceComponents:
  inputPorts:
  - {name: parcels, version: "1.0.0", dependsOn: "urn:dpds:org.example:dataproducts:parcels:1:outputports:moved"}
"""
MARKED = finds('"it is not marked"', 'input.info.description != "Marked."')
NEED = {"name": "marked", "rego": MARKED, "query": "domain:logistics", "parameters": {}}
AS_REST = OF_PRODUCTS - {"search", "product", "lineage", "loaded", "adapters", "conformance"}
"""The documents that a command prints as REST answers them."""


@pytest.fixture
def client(house: House, tmp_path: Path) -> Iterator[Any]:
    lake = sampled.parquet(
        tmp_path / "lake" / "moves.parquet", "SELECT i AS id, 'anna' AS who FROM range(5) t(i)"
    ).parent
    bindings = (SampleBinding("duckdb", configuration={"root": str(lake)}),)
    house.__dict__["own_environments"] = {"dev": Environment("dev", 1, (), samples=bindings)}
    parcels = product().replace(b"{tables: []}", TABLES)
    changed = product(version="1.1.0", description="Marked.").replace(b"{tables: []}", TABLES)
    reader = product("reader").replace(b"interfaceComponents:\n", READS)
    with a_client(house) as made:
        for content in (parcels, changed, reader):
            assert submit(made, content).status_code == 201
        yield made


def test_every_document_is_what_its_schema_says(client: Any, house: House) -> None:
    seen = set()

    def asked(kind: str, method: str, path: str, **options: Any) -> Any:
        seen.add(kind)
        return answered(client.request(method, path, **options), kind)

    here = f"/v1/products/{LINE}"
    assert asked("comparison", "POST", "/v1/comparisons", json={"products": [LINE, READER]})["rows"]
    assert asked("difference", "GET", f"{here}/diff")["level"] == "patch"
    reached = asked("downstream", "GET", f"{here}/impact", params={"port": "moved"})
    assert [one["fqn"] for one in reached["impact"]["consumers"]] == [READER]
    renamed = product(version="1.2.0").replace(b"name: moved\n", b"name: gone\n")
    broken = asked("downstream", "POST", "/v1/impacts", content=renamed, headers=YAML)
    assert (broken["product"]["id"], broken["diff"]["level"]) == (reached["product"]["id"], "major")
    assert asked("fitness", "POST", "/v1/fitness", json={"rego": MARKED})["counts"]["fit"] == 1
    assert asked("fitness", "POST", "/v1/fitness", json={"rego": WRONG})["counts"]["undecided"] == 2
    assert "standings" not in asked("requirement", "POST", "/v1/requirements", json=NEED)
    while follow(house, "me"):
        pass
    assert len(asked("requirement", "GET", "/v1/requirements/marked")["standings"]) == 2
    assert asked("requirements", "GET", "/v1/requirements")["requirements"][0]["counts"] == {"fit": 1, "unfit": 1}
    sample = asked("sample", "GET", f"{here}/ports/moved/sample", params={"rows": 2, "columns": ["id", "none"]})
    assert (sample["rows"], sample["missing"]) == ([[0], [1]], ["none"])
    assert asked("trust", "GET", f"{here}/trust")["terms"]
    assert [one["product"] for one in asked("trust-facts", "GET", f"{here}/facts")["consumers"]] == [READER]
    assert seen == AS_REST


def test_trust_without_a_formula_is_told_with_the_reason(client: Any, house: House, monkeypatch: Any) -> None:
    from engine.evaluation.refusals import FormulaInvalid

    def none(house: House) -> None:
        raise FormulaInvalid("There are two formulas.")

    monkeypatch.setattr(House, "formula", property(none))
    told = answered(client.get(f"/v1/products/{LINE}/trust"), "trust")
    assert (told["value"], told["reason"], told["formula"]) == (None, "There are two formulas.", "")
