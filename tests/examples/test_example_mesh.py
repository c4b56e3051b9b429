"""Do the example products say what the README and the demo claim of them?"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from policy_cases import POLICIES, ROOT, document

from engine.descriptor import Directory, Submission, ingest
from engine.model import Answer, Bundle, Descriptor, PolicyFailure, ProblemSeverity, SourceKind, pointer
from engine.policy.bundle import load
from engine.policy.embedded import EmbeddedEngine
from engine.provision.components import in_order
from engine.provision.tasks import lifecycle

MESH = ROOT / "examples" / "mesh"
DOMAINS = ("customer", "finance", "logistics", "sales")
SPLIT = "logistics/shipments/data-product-descriptor.yaml"
GOOD = [
    *sorted(str(path.relative_to(MESH)) for domain in DOMAINS for path in (MESH / domain).glob("*.*")),
    SPLIT,
]
VERSIONS = ["versions/orders-1.1.0.yaml", "versions/orders-2.0.0.yaml"]


def ingested(name: str) -> Descriptor:
    path = MESH / name
    return ingest(Submission(path.name, Directory(path.parent)))


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return load([POLICIES])


@pytest.fixture(scope="module")
def engine() -> Iterator[EmbeddedEngine]:
    embedded = EmbeddedEngine()
    yield embedded
    embedded.close()


def judged(descriptor: Descriptor, bundle: Bundle, engine: EmbeddedEngine) -> dict[str, Answer]:
    assert descriptor.effective is not None
    policies = sorted(bundle.policies)
    return engine.evaluate(bundle, policies, document(descriptor.effective, policies))


def findings(answers: dict[str, Answer]) -> set[tuple[str, str]]:
    assert not [one for one in answers.values() if isinstance(one, PolicyFailure)]
    return {(one.code, pointer(one.path)) for found in answers.values() if isinstance(found, tuple) for one in found}


@pytest.mark.parametrize("name", [*GOOD, *VERSIONS])
def test_a_good_product_has_neither_problems_nor_findings(name: str, bundle: Bundle, engine: EmbeddedEngine) -> None:
    descriptor = ingested(name)
    assert descriptor.problems == ()
    assert findings(judged(descriptor, bundle, engine)) == set()
    assert descriptor.identity is not None
    assert descriptor.identity.domain == (name.split("/")[0] if name in GOOD else "sales")


@pytest.mark.parametrize("name", [*GOOD, *VERSIONS])
def test_every_component_of_a_good_product_is_joined_to_others_that_exist(name: str) -> None:
    descriptor = ingested(name)
    assert descriptor.effective is not None
    assert descriptor.identity is not None
    ordered = in_order(descriptor.effective, descriptor.identity)
    assert {one.kind for one in ordered} == {"infrastructure", "application", "outputport"}
    assert all(one.depends_on for one in ordered if one.kind != "infrastructure")
    tasks = [lifecycle(descriptor.effective, descriptor.identity, stage) for stage in ("dev", "prod")]
    assert [[task.name for task in stage] for stage in tasks] == [
        ["makeStorage", "loadSample"],
        ["makeStorage", "scheduleLoad"],
    ]


def test_there_are_twelve_good_products_in_four_domains_in_both_formats() -> None:
    formats = Counter(Path(name).suffix for name in GOOD)
    names = {one.identity.name for one in map(ingested, GOOD) if one.identity}
    assert (len(names), len(GOOD)) == (12, 12)
    assert formats == {".yaml": 8, ".json": 4}


def test_the_split_product_is_joined_from_its_files() -> None:
    shipments = ingested(SPLIT)
    assert {part.path for part in shipments.parts} == {
        "data-product-descriptor.yaml",
        "apis/delivery-times.yaml",
        "apis/shipment-events.json",
        "ports/carrier-messages.yaml",
        "ports/delivery-times.json",
        "ports/shipment-events.yaml",
    }
    assert {(port.kind, port.name) for port in shipments.ports} == {
        ("outputport", "shipmentEvents"),
        ("outputport", "deliveryTimes"),
        ("inputport", "orders"),
        ("inputport", "carrierMessages"),
        ("observabilityport", "health"),
    }


def test_every_port_that_is_read_exists_in_the_mesh() -> None:
    mesh = [ingested(name) for name in GOOD]
    offered = {
        (one.identity.fqn, port.name) for one in mesh if one.identity for port in one.ports if port.kind == "outputport"
    }
    read = [reading for one in mesh for reading in one.readings]
    edges = {(one.product_fqn, one.port_name) for one in read if one.kind is SourceKind.PORT}
    outside = {one.target for one in read if one.kind is SourceKind.EXTERNAL}
    assert edges <= offered
    assert len(edges) > 10
    assert "webshop-checkout" in outside


def test_the_two_other_versions_follow_orders() -> None:
    told = [ingested(name).identity for name in ("sales/orders.yaml", *VERSIONS)]
    assert [(one.fqn, one.version) for one in told if one] == [
        ("urn:dpds:org.example:dataproducts:orders:1", "1.0.0"),
        ("urn:dpds:org.example:dataproducts:orders:1", "1.1.0"),
        ("urn:dpds:org.example:dataproducts:orders:2", "2.0.0"),
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("returns-without-owner.yaml", {("owner_missing", "/info/owner/id")}),
        (
            "newsletter-without-terms.json",
            {("terms_missing", "/interfaceComponents/outputPorts/0/obligations/termsAndConditions")},
        ),
        (
            "clickstream-without-contract.yaml",
            {
                ("contract_missing", "/interfaceComponents/outputPorts/0/promises/api"),
                ("slo_missing", "/interfaceComponents/outputPorts/0/promises/slo"),
            },
        ),
    ],
)
def test_a_broken_product_has_the_findings_in_its_name(
    name: str, expected: set[tuple[str, str]], bundle: Bundle, engine: EmbeddedEngine
) -> None:
    assert findings(judged(ingested(f"broken/{name}"), bundle, engine)) == expected


def test_the_missing_owner_is_shown_at_the_line_of_the_owner() -> None:
    descriptor = ingested("broken/returns-without-owner.yaml")
    lines = (MESH / "broken" / "returns-without-owner.yaml").read_text().splitlines()
    place = descriptor.locate(("info", "owner", "id"))
    assert lines[place.line - 1].strip() == "owner:"


def test_the_unreadable_one_stops_at_the_second_domain() -> None:
    descriptor = ingested("broken/couriers-unreadable.yaml")
    assert descriptor.effective is None
    (problem,) = descriptor.problems
    assert (problem.severity, problem.stops_the_road, problem.place.line) == (ProblemSeverity.ERROR, True, 9)


def test_no_example_file_is_left_out_of_these_tests() -> None:
    broken = {str(path.relative_to(MESH)) for path in (MESH / "broken").iterdir()}
    shared = {path for path in MESH.rglob("*.*") if path.parent.name in ("apis", "ports")}
    every = {str(path.relative_to(MESH)) for path in MESH.rglob("*.*") if path not in shared}
    assert every == {*GOOD, *VERSIONS, *broken}
    assert len(broken) == 4
    assert all(json.loads(path.read_text()) for path in shared if path.suffix == ".json")
