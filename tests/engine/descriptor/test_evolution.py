"""Is every change classed as what it means to consumers, and every version that hides it told?"""

from __future__ import annotations

import copy
import json
import random
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from sample_descriptors import definition, full, mutated, port

from engine.descriptor import Parts, Submission, ingest
from engine.descriptor.changes import Schemas, changes
from engine.descriptor.contracts.port_schemas import SchemaReader
from engine.descriptor.evolution import evolution, rises, smallest
from engine.model import Change, ChangeLevel, Descriptor

PATCH, MINOR, BREAKING = ChangeLevel.PATCH, ChangeLevel.MINOR, ChangeLevel.BREAKING
Document = dict[str, Any]


def judged(document: Document) -> Descriptor:
    return ingest(Submission("dp.json", Parts({"dp.json": json.dumps(document).encode()})), namespace="org.example")


def effective(document: Document) -> Document:
    found = judged(document).effective
    assert found is not None
    return found


def differences(old: Document, new: Document) -> tuple[Change, ...]:
    return changes(old, new, Schemas(SchemaReader(), SchemaReader()))


def before() -> Document:
    """The full descriptor with a table and an operation that tell their columns."""
    document = full()
    del document["internalComponents"]
    document["interfaceComponents"]["outputPorts"] = [table(), operations()]
    return document


def table() -> Document:
    columns = [
        {"name": "id", "dataType": "INTEGER", "columnConstraint": "PRIMARY_KEY", "description": "Number"},
        {"name": "city", "dataType": "TEXT"},
    ]
    tables = [{"name": "orders", "definition": {"columns": columns}}]
    content = {"datastoreapi": "1.0.0", "schema": {"tables": tables}}
    promises = {"platform": "aws", "servicesType": "sql", "api": api("datastoreapi", content), "slo": definition("slo")}
    return port("placed", description="Orders", promises=promises)


def operations() -> Document:
    parameter = {"name": "since", "in": "query", "schema": {"type": "string"}}
    response = {"200": {"content": {"application/json": {"schema": {"properties": {"id": {"type": "string"}}}}}}}
    content = {"openapi": "3.1.0", "paths": {"/o": {"get": {"parameters": [parameter], "responses": response}}}}
    return port("served", promises={"platform": "aws", "servicesType": "rest", "api": api("openapi", content)})


def api(specification: str, content: Any) -> Document:
    return definition(specification=specification, **{"definition": content})


def output(document: Document, at: int = 0) -> Document:
    found: Document = document["interfaceComponents"]["outputPorts"][at]
    return found


def columns(document: Document) -> Any:
    return output(document)["promises"]["api"]["definition"]["schema"]["tables"][0]["definition"]["columns"]


def get(document: Document) -> Any:
    return output(document, 1)["promises"]["api"]["definition"]["paths"]["/o"]["get"]


def inputs(document: Document) -> Any:
    return document["interfaceComponents"]["inputPorts"]


CASES: list[tuple[str, Callable[[Document], Any], list[tuple[ChangeLevel, str, str]]]] = [
    ("nothing", lambda d: None, []),
    (
        "column removed",
        lambda d: columns(d).pop(),
        [(BREAKING, "placed", "the column 'orders.city' was removed")],
    ),
    (
        "column added",
        lambda d: columns(d).append({"name": "zip", "dataType": "TEXT"}),
        [(MINOR, "placed", "the column 'orders.zip' was added")],
    ),
    (
        "type changed",
        lambda d: columns(d)[0].update(dataType="TEXT"),
        [(BREAKING, "placed", "the column 'orders.id' changed its type from INTEGER to TEXT")],
    ),
    (
        "null allowed",
        lambda d: columns(d)[0].pop("columnConstraint"),
        [(BREAKING, "placed", "the column 'orders.id' may now be null")],
    ),
    (
        "null refused",
        lambda d: columns(d)[1].update(nullable=False),
        [(MINOR, "placed", "the column 'orders.city' is never null")],
    ),
    (
        "column tagged",
        lambda d: columns(d)[1].update(tags=["pii"]),
        [(MINOR, "placed", "the column 'orders.city' changed its tags")],
    ),
    (
        "column described",
        lambda d: columns(d)[0].update(description="Key"),
        [(PATCH, "placed", "the column 'orders.id' changed its description")],
    ),
    (
        "table renamed",
        lambda d: output(d)["promises"]["api"]["definition"]["schema"]["tables"][0].update(name="sales"),
        [
            (BREAKING, "placed", "orders was removed"),
            (MINOR, "placed", "the column 'sales.id' was added"),
            (MINOR, "placed", "the column 'sales.city' was added"),
        ],
    ),
    (
        "required input added",
        lambda d: get(d)["parameters"].append({"name": "by", "in": "query", "required": True}),
        [(BREAKING, "served", "the input 'GET /o.query:by' was added and is required")],
    ),
    (
        "input now required",
        lambda d: get(d)["parameters"][0].update(required=True),
        [(BREAKING, "served", "the input 'GET /o.query:since' is now required")],
    ),
    (
        "optional input added",
        lambda d: get(d)["parameters"].append({"name": "by", "in": "query"}),
        [(MINOR, "served", "the input 'GET /o.query:by' was added")],
    ),
    (
        "input removed",
        lambda d: get(d).update(parameters=[{"name": "by", "in": "header"}]),
        [
            (MINOR, "served", "the input 'GET /o.query:since' was removed"),
            (MINOR, "served", "the input 'GET /o.header:by' was added"),
        ],
    ),
    (
        "text of the api",
        lambda d: output(d)["promises"]["api"].update(description="All"),
        [(PATCH, "placed", "the texts of its API changed")],
    ),
    (
        "server of the api",
        lambda d: output(d)["promises"]["api"]["definition"].update(services={"dev": {}}),
        [(MINOR, "placed", "its API changed in another way than by columns")],
    ),
    (
        "platform",
        lambda d: output(d)["promises"].update(platform="gcp"),
        [(BREAKING, "placed", "platform changed from aws to gcp")],
    ),
    (
        "services type",
        lambda d: output(d)["promises"].pop("servicesType"),
        [(BREAKING, "placed", "servicesType changed from sql to nothing")],
    ),
    ("slo", lambda d: output(d)["promises"].pop("slo"), [(MINOR, "placed", "promises.slo was removed")]),
    (
        "text of the slo",
        lambda d: output(d)["promises"]["slo"].update(description="Fast"),
        [(PATCH, "placed", "promises.slo was changed")],
    ),
    (
        "terms",
        lambda d: output(d).update(obligations={"sla": definition()}),
        [(MINOR, "placed", "obligations.sla was added")],
    ),
    ("port described", lambda d: output(d).update(description="All"), [(PATCH, "placed", "its texts changed")]),
    ("port tagged", lambda d: output(d).update(tags=["a"]), [(MINOR, "placed", "its tags changed")]),
    ("port major", lambda d: output(d).update(version="2.0.0"), [(BREAKING, "placed", "it went from 1.2.0 to 2.0.0")]),
    ("port minor", lambda d: output(d).update(version="1.3.0"), []),
    (
        "port removed",
        lambda d: d["interfaceComponents"]["outputPorts"].pop(),
        [(BREAKING, "served", "it was removed")],
    ),
    ("port renamed", lambda d: output(d).update(name="sold"), [(BREAKING, "sold", "it was renamed from 'placed'")]),
    (
        "port added",
        lambda d: d["interfaceComponents"]["outputPorts"].append(port("more")),
        [(MINOR, "more", "it was added")],
    ),
    (
        "control port removed",
        lambda d: d["interfaceComponents"].pop("controlPorts"),
        [(MINOR, "admin", "it was removed")],
    ),
    ("input port", lambda d: inputs(d)[0].update(dependsOn="crm"), [(MINOR, "raw", "dependsOn changed")]),
    (
        "input port's platform",
        lambda d: inputs(d)[0]["promises"].update(platform="a"),
        [(MINOR, "raw", "platform changed from aws to a")],
    ),
    ("domain", lambda d: d["info"].update(domain="shop"), [(MINOR, "", "the domain changed from 'sales'")]),
    ("owner", lambda d: d["info"]["owner"].update(name="Kim"), [(PATCH, "", "info.owner changed")]),
    ("inside", lambda d: d.update(internalComponents={}), [(PATCH, "", "internalComponents changed")]),
    ("unused components", lambda d: d.update(components={}), []),
]


@pytest.mark.parametrize(("change", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_every_change_has_its_level(
    change: Callable[[Document], Any], expected: list[tuple[ChangeLevel, str, str]]
) -> None:
    now = before()
    change(now)
    found = differences(effective(before()), effective(now))
    assert [(one.level, one.port, one.msg) for one in found] == expected


def test_a_change_leads_to_where_it_stands_now() -> None:
    now = before()
    columns(now)[0]["dataType"] = "TEXT"
    (one,) = differences(effective(before()), effective(now))
    definition_ = ("interfaceComponents", "outputPorts", 0, "promises", "api", "definition")
    assert one.path == (*definition_, "schema", "tables", 0, "definition", "columns", 0)
    assert (one.kind, one.port, one.column) == ("outputport", "placed", "orders.id")


@pytest.mark.parametrize(
    ("old", "new", "level"),
    [
        ("1.0.0", "1.0.0", 0),
        ("1.0.0", "1.0.0+build.2", 0),
        ("1.1.0", "1.0.9", 0),
        ("1.0.0", "1.0.0-rc.1", 0),
        ("1.0.0", "1.0.1", PATCH),
        ("1.0.0", "1.0.1-rc.1", PATCH),
        ("1.9.0", "1.10.0", MINOR),
        ("1.9.0", "2.0.0", BREAKING),
        ("1.9.0", "2.0.0-alpha", BREAKING),
        ("0.1.0", "0.1.1", MINOR),
        ("0.1.0", "0.2.0", BREAKING),
        ("0.1.0", "1.0.0", BREAKING),
        ("1.0.0-rc.1", "1.0.0-rc.2", BREAKING),
        ("1.0.0-rc.1", "1.0.0", BREAKING),
        ("1.0.0-rc.10", "1.0.0-rc.9", 0),
        ("1.0.0+a-b", "1.0.1", PATCH),
    ],
)
def test_versions_own_up_to_a_level(old: str, new: str, level: int) -> None:
    assert rises(old, new) == level


@pytest.mark.parametrize(
    ("old", "level", "expected"),
    [
        ("1.2.3", BREAKING, "2.0.0"),
        ("1.2.3+b", MINOR, "1.3.0"),
        ("1.2.3", PATCH, "1.2.4"),
        ("0.2.3", BREAKING, "0.3.0"),
        ("0.2.3", MINOR, "0.2.4"),
        ("2.0.0-rc.1", BREAKING, "2.0.0"),
    ],
)
def test_the_smallest_honest_version_is_honest(old: str, level: ChangeLevel, expected: str) -> None:
    assert smallest(old, level) == expected
    assert rises(old, expected) >= level


def told(
    change: Callable[[Document], Any], version: str, port_version: str = "1.2.0"
) -> list[tuple[str, str, str, str]]:
    """What is said of a new version after the full descriptor 1.4.0 with ports 1.2.0."""
    now = before()
    change(now)
    now["info"]["version"] = version
    now["info"]["fullyQualifiedName"] = f"urn:dpds:org.example:dataproducts:orders:{version[0]}"
    output(now)["version"] = port_version
    return [(one.code, one.path, one.msg, one.hint) for one in evolution(effective(before()), judged(now))]


PORT = "/interfaceComponents/outputPorts/0/version"
REMOVED = "outputport 'placed': the column 'orders.city' was removed"
ADDED = "outputport 'placed': the column 'orders.zip' was added"


def remove(document: Document) -> None:
    columns(document).pop()


def add(document: Document) -> None:
    columns(document).append({"name": "zip", "dataType": "TEXT"})


def describe(document: Document) -> None:
    document["info"]["description"] = "All orders"


def test_a_breaking_change_asks_for_the_major_of_product_and_port() -> None:
    assert told(remove, "1.5.0", "1.3.0") == [
        ("DP409", "/info/version", f"{REMOVED}, but 1.4.0 -> 1.5.0 does not raise the major", "write version: 2.0.0"),
        ("DP459", PORT, f"{REMOVED}, but 1.2.0 -> 1.3.0 does not raise the major", "write version: 2.0.0"),
    ]
    assert told(remove, "2.0.0", "2.0.0") == []
    assert told(remove, "2.0.0-rc.1", "2.0.0") == []


def test_a_change_that_consumers_notice_asks_for_the_minor() -> None:
    assert told(add, "1.4.1", "1.3.0") == [
        ("DP457", "/info/version", f"{ADDED}, but 1.4.0 -> 1.4.1 does not raise the minor", "write version: 1.5.0")
    ]
    assert told(add, "1.5.0", "1.3.0") == []


def test_any_change_asks_for_a_version_above() -> None:
    msg = "info.description changed, but 1.4.0 -> 1.4.0 does not raise the patch"
    assert told(describe, "1.4.0") == [("DP458", "/info/version", msg, "write version: 1.4.1")]
    assert told(describe, "1.4.1") == told(lambda document: None, "1.4.0") == []


@pytest.mark.parametrize("lower", ["1.3.9", "1.4.0-rc.1", "0.9.0"])
def test_a_version_that_goes_down_is_told_also_where_nothing_changed(lower: str) -> None:
    hint = "write version: 1.4.0, or a higher one"
    msg = f"the version went down from 1.4.0 to {lower}"
    assert told(lambda document: None, lower) == [("DP458", "/info/version", msg, hint)]
    assert told(lambda document: None, "1.4.0+other.build") == []


def test_a_port_s_version_that_goes_down_is_told() -> None:
    hint = "write version: 1.2.0, or a higher one"
    msg = "the version went down from 1.2.0 to 1.1.9"
    assert told(lambda document: None, "1.4.1", "1.1.9") == [("DP459", PORT, msg, hint)]


def test_a_port_s_major_asks_for_the_product_s() -> None:
    msg = "outputport 'placed': it went from 1.2.0 to 2.0.0, but 1.4.0 -> 1.5.0 does not raise the major"
    assert told(lambda document: None, "1.5.0", "2.0.0") == [("DP409", "/info/version", msg, "write version: 2.0.0")]


def test_only_the_first_of_many_changes_are_listed() -> None:
    def more(document: Document) -> None:
        columns(document).extend({"name": f"c{at}", "dataType": "TEXT"} for at in range(5))

    ((code, _, msg, _),) = told(more, "1.4.1", "1.3.0")
    assert (code, msg.count(" was added"), "(and 2 more)" in msg) == ("DP457", 3, True)


@pytest.mark.parametrize(("version", "codes"), [("0.1.1", ["DP409"]), ("0.2.0", []), ("1.0.0", [])])
def test_while_nothing_is_promised_yet_the_minor_is_enough(version: str, codes: list[str]) -> None:
    old, new = full(), full()
    for document, number in ((old, "0.1.0"), (new, version)):
        document["info"].update(version=number)
        document["info"].pop("fullyQualifiedName")
        document.pop("internalComponents")
    new["interfaceComponents"]["outputPorts"].pop()
    found = evolution(effective(old), judged(new))
    assert [one.code for one in found] == codes
    assert [one.hint for one in found] == ["write version: 0.2.0"] * len(codes)


def test_a_previous_document_that_is_odd_makes_nothing_raise() -> None:
    for odd in ({}, {"info": 1}, {"info": {"version": "x"}}, {"info": {"version": "1.0.0"}, "interfaceComponents": []}):
        evolution(odd, judged(before()))


def test_neither_document_is_changed_by_comparing() -> None:
    old, new = effective(before()), effective(full())
    kept = copy.deepcopy((old, new))
    differences(old, new)
    assert (old, new) == kept


def test_no_two_documents_make_comparing_raise() -> None:
    chance = random.Random(5)
    for _ in range(300):
        old, new = judged(mutated(before(), chance)), judged(mutated(before(), chance))
        if old.effective is not None and new.effective is not None:
            levels = [one.level for one in differences(old.effective, new.effective)]
            assert levels == sorted(levels, reverse=True)
            evolution(old.effective, new)


def test_comparing_many_renamed_ports_costs_no_more_than_looking_at_each() -> None:
    old = {"interfaceComponents": {"outputPorts": [port(f"a{at}") for at in range(1_000)]}}
    new = {"interfaceComponents": {"outputPorts": [port(f"b{at}") for at in range(1_000)]}}
    calls = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        found = differences(old, new)
    finally:
        sys.setprofile(before)
    assert (len(found), calls < 400_000) == (2_000, True)


def test_columns_beyond_the_limit_are_never_said_to_be_removed() -> None:
    old = before()
    columns(old).extend({"name": f"c{at}", "dataType": "TEXT"} for at in range(6_000))
    new = copy.deepcopy(old)
    columns(new).insert(0, {"name": "first", "dataType": "TEXT"})
    found = differences(effective(old), effective(new))
    assert [(one.level, one.msg) for one in found] == [(MINOR, "its API changed in another way than by columns")]
