"""Is every dialect of fully qualified names understood, and are ids those of the specification?"""

from __future__ import annotations

from typing import Any

import pytest

from engine.descriptor import Parts, Submission, ingest
from engine.descriptor.identity import Dialect, ParsedFqn, line_fqn, line_id, odm_id, parse_fqn
from engine.model import Descriptor


@pytest.mark.parametrize(
    ("fqn", "meaning"),
    [
        ("urn:dpds:it.quantyca:dataproducts:trip:1", ParsedFqn("it.quantyca", "trip", 1, None, None, Dialect.DPDS)),
        (
            "urn:dpds:com.company-xyz:dataproducts:trip:1:outputports:events",
            ParsedFqn("com.company-xyz", "trip", 1, "outputports", "events", Dialect.DPDS),
        ),
        (
            "urn:org.opendatamesh:dataproducts:dpdCore",
            ParsedFqn("org.opendatamesh", "dpdCore", None, None, None, Dialect.ODM_V1),
        ),
        (
            "urn:org.opendatamesh:dataproducts:dpdCore:2.0.0:infrastructures:infraA:1.1.0",
            ParsedFqn("org.opendatamesh", "dpdCore", 2, "infrastructure", "infraA", Dialect.ODM_V1),
        ),
        (
            "urn:dpds:qualityDemo:dataproducts:test1:1:1.0.0:outputPorts:port",
            ParsedFqn("qualityDemo", "test1", 1, "outputports", "port", Dialect.MIXED),
        ),
        (
            "urn:dpds:orm.opendatamesh:dataproducts:x",
            ParsedFqn("orm.opendatamesh", "x", None, None, None, Dialect.MIXED),
        ),
    ],
)
def test_every_dialect_says_product_major_and_component(fqn: str, meaning: ParsedFqn) -> None:
    assert parse_fqn(fqn) == meaning


@pytest.mark.parametrize(
    "fqn",
    [
        *("", "orders", "urn:", "urn:dpds:a:dataproducts:", "urn:dpds:a:apis:x:1", "urn:dpds::dataproducts:a:1"),
        *(
            "urn:dpds:a:dataproducts:b:1:tables:c",
            "urn:dpds:a:dataproducts:b:c:outputports:d",
            "urn:dpds:a:dataproducts:b:01",
        ),
        *("urn:dpds:a:dataproducts:b:1:outputports", "urn:dpds:a:dataproducts:b:1:outputports:c:d", None, 1),
        "urn:dpds:a:dataproducts:b\n:1",
    ],
)
def test_other_texts_mean_nothing(fqn: Any) -> None:
    assert parse_fqn(fqn) is None


def test_ids_are_those_printed_in_the_specification_and_by_open_data_mesh() -> None:
    line = line_fqn("it.quantyca", "tripExecution", 1)
    assert line_id(line) == "2b172838-73b1-5d6c-be45-cc75aee180a0"
    assert line_id(f"{line}:inputports:tmsTripCDC") == "3235744b-8d2e-57b5-afba-f66862cc6a21"
    assert odm_id("urn:org.opendatamesh:dataproducts:dpdCore") == "f350cab5-992b-32f7-9c90-79bca1bf10be"


def described(info: str, rest: str = "", namespace: str | None = "it.example") -> Descriptor:
    text = (
        f'dataProductDescriptor: "1.0.0"\ninfo: {{name: trip, version: 2.1.0, domain: sales, owner: {{id: jo}}, '
        f"{info}}}\n"
        f"interfaceComponents: {{outputPorts: [{rest}]}}\n"
    )
    return ingest(Submission("dp.yaml", Parts({"dp.yaml": text.encode()})), namespace=namespace)


def test_read_only_fields_are_filled_in_from_the_namespace() -> None:
    found = described("x-a: 1", "{name: events, version: 1.0.0}")
    line = "urn:dpds:it.example:dataproducts:trip:2"
    assert found.problems == ()
    assert found.effective is not None
    info, port = found.effective["info"], found.effective["interfaceComponents"]["outputPorts"][0]
    assert (info["fullyQualifiedName"], info["id"], info["entityType"]) == (line, line_id(line), "dataproduct")
    assert port == {
        "name": "events",
        "version": "1.0.0",
        "entityType": "outputport",
        "fullyQualifiedName": f"{line}:outputports:events",
        "id": line_id(f"{line}:outputports:events"),
    }
    assert found.ports[0].fqn == port["fullyQualifiedName"]


def test_a_filled_in_field_stands_at_the_object_that_holds_it() -> None:
    found = described("x-a: 1", "{name: events, version: 1.0.0}")
    place = found.locate(("interfaceComponents", "outputPorts", 0, "id"))
    assert (place.line, place.source_path) == (3, "/interfaceComponents/outputPorts/0")
    assert found.locate(("_context", "mesh")).source_path == ""


def test_an_author_s_name_in_any_dialect_is_kept_and_means_the_same_line() -> None:
    found = described("fullyQualifiedName: 'urn:org.mesh:dataproducts:trip'")
    assert found.identity is not None
    assert found.effective is not None
    assert found.identity.fqn == "urn:dpds:org.mesh:dataproducts:trip:2"
    assert found.identity.odm_id == odm_id("urn:org.mesh:dataproducts:trip")
    assert found.effective["info"]["fullyQualifiedName"] == "urn:org.mesh:dataproducts:trip"
    assert found.problems == ()


def test_the_default_namespace_is_used_with_a_warning() -> None:
    found = described("x-a: 1", namespace=None)
    assert found.identity is not None
    assert found.identity.namespace == "org.example"
    assert [one.code for one in found.problems] == ["DP455"]
    assert not found.has_errors


@pytest.mark.parametrize(
    ("info", "codes"),
    [
        ("fullyQualifiedName: 'urn:dpds:a:dataproducts:trip:1'", ["DP407"]),
        ("fullyQualifiedName: 'urn:dpds:a:dataproducts:other:2'", ["DP406"]),
        ("fullyQualifiedName: 'trip'", ["DP453"]),
        ("id: 00000000-0000-0000-0000-000000000000", ["DP406"]),
        (f"id: {line_id('urn:dpds:it.example:dataproducts:trip:2').upper()}", []),
        (f"id: {odm_id('urn:dpds:it.example:dataproducts:trip:2')}", []),
        ("entityType: product", ["DP403"]),
        ("entityType: dataproduct", []),
    ],
)
def test_what_the_author_wrote_into_read_only_fields_must_match(info: str, codes: list[str]) -> None:
    assert [one.code for one in described(info).problems] == codes


@pytest.mark.parametrize(
    ("port", "codes"),
    [
        ("fullyQualifiedName: 'urn:dpds:it.example:dataproducts:trip:2:outputports:events'", []),
        ("fullyQualifiedName: 'urn:dpds:it.example:dataproducts:trip:2:inputports:events'", ["DP406"]),
        ("fullyQualifiedName: 'urn:dpds:it.example:dataproducts:trip:2:outputports:other'", ["DP406"]),
        ("fullyQualifiedName: 'urn:dpds:it.example:dataproducts:shop:2:outputports:events'", ["DP406"]),
        ("fullyQualifiedName: 'urn:dpds:it.example:dataproducts:trip:1:outputports:events'", ["DP407"]),
        ("fullyQualifiedName: events", ["DP453"]),
        ("id: x", ["DP406"]),
        ("entityType: inputport", ["DP403"]),
    ],
)
def test_what_the_author_wrote_of_a_port_must_match(port: str, codes: list[str]) -> None:
    assert [one.code for one in described("x-a: 1", f"{{name: events, version: 1.0.0, {port}}}").problems] == codes
