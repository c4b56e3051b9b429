"""Does every semantic rule speak where it should, and only there?"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from sample_descriptors import definition, full, port

from engine.descriptor import Parts, Submission, ingest
from engine.descriptor.codes import CODES
from engine.model import Descriptor, Port, ProblemSeverity, Reading, SourceKind

LINE = "urn:dpds:org.example:dataproducts:orders:1"


def judged(document: Any) -> Descriptor:
    return ingest(Submission("dp.json", Parts({"dp.json": json.dumps(document).encode()})), namespace="org.example")


def changed(change: Callable[[dict[str, Any]], Any]) -> list[tuple[str, str]]:
    """Codes and paths of the problems of the full document after one change."""
    document = full()
    change(document)
    return [(one.code, one.path) for one in judged(document).problems]


def inner(document: dict[str, Any], kind: str) -> Any:
    return document["internalComponents"][kind]


def ports(document: dict[str, Any], kind: str = "outputPorts") -> Any:
    return document["interfaceComponents"][kind]


def test_the_full_document_has_no_problem() -> None:
    found = judged(full())
    assert (found.problems, found.has_errors) == ((), False)


OUTPUT = "/interfaceComponents/outputPorts"
INPUT = "/interfaceComponents/inputPorts/0"
LOADER = "/internalComponents/applicationComponents/0"
_ORDRE = ("DP358", "/internalComponents/lifecycleInfo/dev/1/ordre")
CASES: list[tuple[str, Callable[[dict[str, Any]], Any], list[tuple[str, str]]]] = [
    ("dpds 2", lambda d: d.update(dataProductDescriptor="2.0.0"), [("DP402", "/dataProductDescriptor")]),
    ("dpds 1.0.7", lambda d: d.update(dataProductDescriptor="1.0.7"), []),
    ("dpds 1.0", lambda d: d.update(dataProductDescriptor="1.0"), [("DP402", "/dataProductDescriptor")]),
    ("version", lambda d: ports(d)[0].update(version="1"), [("DP401", f"{OUTPUT}/0/version")]),
    (
        "definition version",
        lambda d: ports(d)[0]["promises"]["api"].update(version="1.0"),
        [("DP401", f"{OUTPUT}/0/promises/api/version")],
    ),
    ("entity type", lambda d: ports(d)[0].update(entityType="inputport"), [("DP403", f"{OUTPUT}/0/entityType")]),
    (
        "entity type of an api",
        lambda d: ports(d)[0]["promises"]["api"].update(entityType="template"),
        [("DP403", f"{OUTPUT}/0/promises/api/entityType")],
    ),
    ("duplicate", lambda d: ports(d)[1].update(name="placed"), [("DP404", f"{OUTPUT}/1/name")]),
    (
        "same name, other kind",
        lambda d: ports(d, "inputPorts")[0].update(name="placed"),
        [("DP454", f"{LOADER}/consumesFrom/0")],
    ),
    ("colon", lambda d: ports(d)[1].update(name="a:b"), [("DP405", f"{OUTPUT}/1/name"), ("DP451", f"{OUTPUT}/1/name")]),
    ("dash", lambda d: ports(d)[1].update(name="per-day"), [("DP451", f"{OUTPUT}/1/name")]),
    ("domain", lambda d: d["info"].update(domain="Transport Management"), [("DP451", "/info/domain")]),
    (
        "dash in fqn",
        lambda d: ports(d)[1].update(
            name="x1", fullyQualifiedName="urn:dpds:org-a:dataproducts:orders:1:outputports:x1"
        ),
        [("DP406", f"{OUTPUT}/1/fullyQualifiedName"), ("DP452", f"{OUTPUT}/1/fullyQualifiedName")],
    ),
    ("null", lambda d: ports(d)[0].update(tags=None, description=None), [("DP351", f"{OUTPUT}/0/description")]),
    ("null extension", lambda d: d.update({"x-a": None}), []),
    ("null in configurations", lambda d: inner(d, "lifecycleInfo")["dev"][0]["configurations"].update(a=None), []),
    ("null name", lambda d: ports(d)[1].update(name=None), [("DP302", f"{OUTPUT}/1/name")]),
    ("large integer", lambda d: d.update({"x-a": 2**60}), [("DP356", "/x-a")]),
    ("context", lambda d: d.update(_context={}), [("DP306", "/_context")]),
    (
        "unnamed definition",
        lambda d: ports(d)[0]["promises"]["api"].pop("name"),
        [("DP354", f"{OUTPUT}/0/promises/api")],
    ),
    (
        "service",
        lambda d: inner(d, "lifecycleInfo")["dev"][0].update(service={"$ref": "a"}),
        [("DP353", "/internalComponents/lifecycleInfo/dev/0/service/$ref")],
    ),
    (
        "typo of the specification",
        lambda d: ports(d)[0]["promises"].update(depreceationPolicy=definition("old")),
        [("DP352", f"{OUTPUT}/0/promises/deprecationPolicy")],
    ),
    (
        "reading list",
        lambda d: ports(d, "inputPorts")[0].update(dependsOn=["a", "b"]),
        [("DP355", f"{INPUT}/dependsOn")],
    ),
    ("typing error", lambda d: ports(d)[1].update(tag=["a"]), [("DP358", f"{OUTPUT}/1/tag")]),
    ("typing error in info", lambda d: d["info"].update(descripton="a"), [("DP358", "/info/descripton")]),
    ("typing error in a task", lambda d: inner(d, "lifecycleInfo")["dev"][1].update(ordre=1), [_ORDRE]),
    (
        "the example's serviceType",
        lambda d: ports(d)[0].update(promises={"serviceType": "a"}),
        [("DP358", f"{OUTPUT}/0/promises/serviceType")],
    ),
    ("unknown", lambda d: d["info"].update(costCenter="a"), []),
    ("typing error in an extension", lambda d: ports(d)[1].update({"x-tag": ["a"], "x-a": {"nmae": 1}}), []),
    ("typing error in a definition", lambda d: ports(d)[0]["promises"]["api"]["definition"].update(nmae=1), []),
    ("twice", lambda d: d["info"].update(displayname="a"), [("DP358", "/info/displayname")]),
    (
        "dangling",
        lambda d: inner(d, "applicationComponents")[0].update(dependsOn=[f"{LINE}:infrastructure:gone"]),
        [("DP454", f"{LOADER}/dependsOn/0")],
    ),
    (
        "no name at all",
        lambda d: inner(d, "applicationComponents")[0].update(dependsOn=["s3"]),
        [("DP454", f"{LOADER}/dependsOn/0")],
    ),
    (
        "other product",
        lambda d: inner(d, "applicationComponents")[0].update(dependsOn=["urn:dpds:a:dataproducts:b:1:outputports:c"]),
        [],
    ),
    (
        "other dialect",
        lambda d: inner(d, "applicationComponents")[0].update(
            dependsOn=["urn:org.example:dataproducts:orders:1.4.0:infrastructures:store:1.0.0"]
        ),
        [],
    ),
    (
        "cycle",
        lambda d: inner(d, "infrastructuralComponents")[0].update(dependsOn=[f"{LINE}:applications:loader"]),
        [("DP408", f"{LOADER}/dependsOn/0")],
    ),
    (
        "self",
        lambda d: inner(d, "applicationComponents")[0].update(dependsOn=[f"{LINE}:applications:loader"]),
        [("DP408", f"{LOADER}/dependsOn/0")],
    ),
]


@pytest.mark.parametrize(("change", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_one_change_has_exactly_its_problems(
    change: Callable[[dict[str, Any]], Any], expected: list[tuple[str, str]]
) -> None:
    assert sorted(changed(change)) == sorted(expected)


def test_a_typing_error_stands_at_its_key_with_the_field_that_was_meant() -> None:
    text = json.dumps(full()).replace('"platform": "aws"', '\n  "platfrom": "aws"', 1)
    (one,) = ingest(Submission("dp.json", Parts({"dp.json": text.encode()})), namespace="org.example").problems
    assert (one.place.line, one.place.column, one.hint, one.severity) == (
        2,
        3,
        "did you mean platform?",
        ProblemSeverity.WARNING,
    )


def test_a_typing_error_is_told_also_beside_the_field_that_was_meant() -> None:
    document = full()
    document["interfacecomponents"] = {}
    document["interfaceComponents"]["outputPort"] = []
    document["info"]["ownership"] = "a likeness that is meant"
    assert [(one.code, one.path, one.hint) for one in judged(document).problems] == [
        ("DP358", "/interfaceComponents/outputPort", "did you mean outputPorts?"),
        ("DP358", "/interfacecomponents", "did you mean interfaceComponents?"),
    ]


def test_of_thousands_of_unknown_fields_only_the_first_are_compared() -> None:
    document = {**full(), **{f"unknown{number}": 1 for number in range(5_000)}, "infos": 1, "tagss": 1}
    assert judged(document).problems == ()


def test_a_cycle_prints_its_loop() -> None:
    document = full()
    inner(document, "infrastructuralComponents")[0]["dependsOn"] = [f"{LINE}:applications:loader"]
    (one,) = judged(document).problems
    assert one.msg == "components depend on one another in a circle: loader -> store -> loader"


def test_the_typo_of_the_specification_is_read_as_what_it_means() -> None:
    document = full()
    ports(document)[0]["promises"]["depreceationPolicy"] = definition("old")
    found = judged(document)
    assert found.effective is not None
    promises = found.effective["interfaceComponents"]["outputPorts"][0]["promises"]
    assert (promises["deprecationPolicy"]["name"], "depreceationPolicy" in promises) == ("old", False)
    place = found.locate(("interfaceComponents", "outputPorts", 0, "promises", "deprecationPolicy", "name"))
    assert place.source_path == f"{OUTPUT}/0/promises/depreceationPolicy/name"


def test_a_context_of_its_own_never_reaches_policies() -> None:
    found = judged({**full(), "_context": {"now": "1970-01-01"}})
    assert found.effective is not None
    assert "_context" not in found.effective
    assert found.has_errors


def test_ports_say_what_later_rooms_need() -> None:
    found = judged(full())
    assert [(one.kind, one.name) for one in found.ports] == [
        ("inputport", "raw"),
        ("outputport", "placed"),
        ("outputport", "daily"),
        ("discoveryport", "catalog"),
        ("observabilityport", "health"),
        ("controlport", "admin"),
    ]
    assert found.ports[1] == Port(
        "outputport", "placed", f"{LINE}:outputports:placed", "1.2.0", "", "Orders", "aws", "sql", "spec", ("pii",)
    )


PRODUCT = "urn:dpds:shop.org:dataproducts:shop:2"


@pytest.mark.parametrize(
    ("target", "kind", "product", "name"),
    [
        (f"{PRODUCT}:outputports:clicks", SourceKind.PORT, PRODUCT, "clicks"),
        ("urn:shop.org:dataproducts:shop:2.1.0:outputports:clicks:1.0.0", SourceKind.PORT, PRODUCT, "clicks"),
        ("urn:dpds:shop.org:dataproducts:shop:2:2.1.0:outputPorts:clicks", SourceKind.PORT, PRODUCT, "clicks"),
        ("urn:shop.org:dataproducts:shop:outputports:clicks", SourceKind.PORT, PRODUCT[:-2], "clicks"),
        (f"{PRODUCT}:inputports:clicks", SourceKind.EXTERNAL, "", ""),
        (PRODUCT, SourceKind.EXTERNAL, "", ""),
        ("blindata:systems:PostgreSQL - Film Rental Inc.", SourceKind.EXTERNAL, "", ""),
    ],
)
@pytest.mark.parametrize("field", ["dependsOn", "x-dependsOn"])
def test_an_input_port_reads_a_port_or_an_external_system(
    field: str, target: str, kind: SourceKind, product: str, name: str
) -> None:
    document = full()
    document["interfaceComponents"]["inputPorts"] = [{**port("raw"), field: target}]
    assert judged(document).readings == (Reading("raw", target, kind, product, name),)


def test_every_code_is_named_once_and_its_number_tells_its_severity() -> None:
    assert len({one.name for one in CODES.values()}) == len(CODES)
    assert list(CODES) == sorted(CODES)
    assert all((one.severity is ProblemSeverity.WARNING) == (int(code[3:]) > 50) for code, one in CODES.items())
