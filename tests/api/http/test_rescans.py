"""Can an operator have the catalog decided again over HTTP, see how far it is, and how products stand afterwards?"""

from __future__ import annotations

from doors import a_client, problem, product, submit

from api.wiring import House

LINE = "urn:dpds:org.example:dataproducts:parcels:1"
STANDING = """query($fqn: String!) { dataProduct(fqn: $fqn) {
  standing { state version decidedAt confirmedAt compliance { decisionId outcome } } compliance { decisionId } } }"""


def test_a_rescan_is_opened_worked_off_and_told(house: House) -> None:
    client = a_client(house)
    submit(client, product())
    assert client.get(f"/v1/products/{LINE}").json()["standing"] is None
    opened = client.post("/v1/rescans")
    assert (opened.status_code, opened.json()["state"], opened.json()["products"]) == (202, "open", 1)
    while house.rescanner.once():
        pass
    told = client.get(opened.headers["location"]).json()
    assert (told["state"], told["reason"], told["done"], told["changed"]) == ("ended", "asked", 1, 0)
    line = client.get(f"/v1/products/{LINE}").json()
    assert (line["standing"]["state"], line["standing"]["version"]) == ("compliant", "1.0.0")
    assert line["standing"]["decision_id"] == line["decision_id"]


def test_graphql_shows_the_accepting_decision_and_the_standing(house: House) -> None:
    client = a_client(house)
    submit(client, product())
    ask = {"query": STANDING, "variables": {"fqn": LINE}}
    assert client.post("/graphql", json=ask).json()["data"]["dataProduct"]["standing"] is None
    while house.rescanner.once():
        pass
    told = client.post("/graphql", json=ask).json()["data"]["dataProduct"]
    assert (told["standing"]["state"], told["standing"]["version"]) == ("COMPLIANT", "1.0.0")
    assert told["standing"]["compliance"] == {**told["compliance"], "outcome": "ACCEPTED"}


def test_metrics_count_products_by_standing_and_what_waits(house: House) -> None:
    client = a_client(house)
    submit(client, product())
    client.post("/v1/rescans")
    assert "meshgate_rescan_batches_waiting 1.0" in client.get("/metrics").text
    while house.rescanner.once():
        pass
    page = client.get("/metrics").text
    assert 'meshgate_products{standing="compliant"} 1.0' in page
    assert "meshgate_rescan_batches_waiting 0.0" in page


def test_a_strange_rescan_is_not_found(house: House) -> None:
    assert problem(a_client(house).get("/v1/rescans/none"))["code"] == "not-found"
