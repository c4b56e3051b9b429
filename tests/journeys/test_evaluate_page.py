"""Does the page on judging a product show what really happens when an observation comes, and does its formula work?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from commands import GOOD, MESH, ROOT, Terminal
from doors import a_client, a_house
from starlette.testclient import TestClient

from api.wiring import House
from engine.evaluation import formula as formulas

PAGE = (ROOT / "docs" / "howto" / "evaluate.md").read_text("utf-8")
BEFORE, _, BEHIND = PAGE.partition("<!-- executed in this order")
BATCH, ANSWER, PROMISE, SCORE = (
    json.loads(text) for text in re.findall(r"^```json\n(.*?)^```$", BEHIND.partition("## How did")[0], re.M | re.S)
)
ORDERS = "/v1/products/urn:dpds:org.example:dataproducts:orders:1"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    terminal = Terminal(tmp_path)
    assert terminal.run("submit", "--quiet", *(MESH / domain for domain in GOOD)).code == 0
    with a_house(terminal.data_dir) as house:
        yield house


@pytest.fixture
def client(house: House) -> TestClient:
    return a_client(house)


def shown(whole: Mapping[str, Any], part: Mapping[str, Any]) -> dict[str, Any]:
    return {name: whole[name] for name in part}


def test_an_observation_changes_the_promise_and_the_score_as_the_page_shows(client: TestClient) -> None:
    before = client.get(f"{ORDERS}/trust").json()
    assert f"trust {before['value']:.4f} ({before['grade']})" in BEFORE
    assert client.post("/v1/observations", json=BATCH).json() == ANSWER
    told = client.get(f"{ORDERS}/slos").json()["slos"]
    promise = next(one for one in told if (one["port"], one["indicator"]) == ("orderHistory", "freshness"))
    assert shown(promise, PROMISE) == PROMISE
    assert shown(client.get(f"{ORDERS}/trust").json(), SCORE) == SCORE
    badge = client.get(f"{ORDERS}/badge.svg")
    assert badge.headers["content-type"] == "image/svg+xml"
    assert f"compliant, trust {SCORE['value']:.2f}" in badge.text


def test_the_formula_of_the_page_can_be_tried(client: TestClient, house: House, tmp_path: Path) -> None:
    (text,) = re.findall(r"^```rego\n(.*?)^```$", PAGE, re.M | re.S)
    client.post("/v1/observations", json=BATCH)
    facts = client.get(f"{ORDERS}/facts").json()
    made = formulas.read(text, beside=house.bundle.modules, workers=house.embedded.workers)
    found = formulas.asked(made, facts, engine=house.embedded)
    assert (made.package, found.value, found.terms[0].name) == ("acme.trust", 0.0, "promises kept")
    assert [one.ref for one in found.terms[0].evidence] == ["probe-7/2026-11-23T11:00"]
    file = tmp_path / "trust.rego"
    file.write_text(text)
    terminal = Terminal(tmp_path / "again")
    terminal.environment["MESHGATE_DATA_DIR"] = str(house.settings.data_dir)
    ended = terminal.run("trust", "orders", "--formula", file, "--explain")
    assert (ended.code, ended.out.partition("\n")[0]) == (
        0,
        "urn:dpds:org.example:dataproducts:orders:1  trust 0.0000, by acme.trust",
    )
