"""Is there any input at all that makes ingestion raise?"""

from __future__ import annotations

import json
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.descriptor import Limits, Parts, Submission, ingest
from engine.descriptor.digest import digest_of
from engine.descriptor.positions import walk
from engine.descriptor.source import parse

FIELDS = [
    "dataProductDescriptor",
    "info",
    "interfaceComponents",
    "internalComponents",
    "components",
    "outputPorts",
    "inputPorts",
    "name",
    "version",
    "domain",
    "owner",
    "id",
    "fullyQualifiedName",
    "entityType",
    "promises",
    "api",
    "definition",
    "slo",
    "dependsOn",
    "x-dependsOn",
    "consumesFrom",
    "tags",
    "lifecycleInfo",
    "applicationComponents",
    "infrastructuralComponents",
    "template",
    "configurations",
    "service",
    "apis",
    "templates",
    "specification",
    "depreceationPolicy",
    "description",
    "$ref",
    "$href",
    "_context",
    "x-any",
    "0",
]
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63) + 1, 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.sampled_from(
        ["1.0.0", "2.1.0-rc.1", "orders", "#/components/apis/a", "#", "part.json", "part.json#/name", "../x"]
    ),
    st.sampled_from(["urn:dpds:a:dataproducts:b:1", "urn:a:dataproducts:b:1.0.0:outputports:c:1.0.0", "dataproduct"]),
)
DOCUMENTS: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda below: (
        st.lists(below, max_size=3) | st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=3), below, max_size=6)
    ),
    max_leaves=25,
)
OBJECTS = st.dictionaries(st.sampled_from(FIELDS), DOCUMENTS, max_size=6)
PORTS = st.lists(OBJECTS, max_size=3)
DESCRIPTORS = st.fixed_dictionaries(
    {
        "dataProductDescriptor": st.just("1.0.0") | SCALARS,
        "info": OBJECTS,
        "interfaceComponents": st.fixed_dictionaries({"outputPorts": PORTS, "inputPorts": PORTS | DOCUMENTS}),
        "internalComponents": st.fixed_dictionaries({"applicationComponents": PORTS, "lifecycleInfo": DOCUMENTS}),
        "components": st.fixed_dictionaries({"apis": st.dictionaries(st.just("a"), OBJECTS)}),
    }
)


def check(root: str, content: bytes) -> None:
    parts = Parts({root: content, "part.json": b'{"name": "x", "version": 1}'})
    descriptor = ingest(Submission(root, parts), namespace="org.example")
    stopped = any(one.stops_the_road for one in descriptor.problems)
    assert (descriptor.effective is None) == stopped == (descriptor.digest is None)
    for one in descriptor.problems:
        assert one.place.line >= 1 <= one.place.column
    if descriptor.effective is not None:
        assert descriptor.digest == digest_of(descriptor.effective)
        for path, _, _ in walk(descriptor.effective):
            assert descriptor.locate(path).file in {part.path for part in descriptor.parts}


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["dp.yaml", "dp.json", "dp"]))
def test_no_bytes_make_it_raise(content: bytes, root: str) -> None:
    check(root, content)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ab01:,-?[]{}&*!|>'\"%@#<. \n\t\\u0", max_size=60), st.sampled_from(["dp.yaml", "dp.json"]))
def test_no_text_of_yaml_and_json_characters_makes_it_raise(text: str, root: str) -> None:
    check(root, text.encode())


@settings(max_examples=200, deadline=None)
@given(DESCRIPTORS | DOCUMENTS)
def test_no_document_makes_it_raise(document: Any) -> None:
    check("dp.json", json.dumps(document).encode())


# PyYAML writes YAML 1.1, in which some digits need no quotes: every word here starts with a letter.
WORDS = st.from_regex(r"[a-z][a-z :#&*!{},'\"é\u4e2d\-]{0,9}", fullmatch=True)
SIMPLE: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63) + 1, 2**63 - 1) | WORDS | st.floats(-60_000, 60_000, width=16),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(WORDS, below, max_size=4),
)


@settings(max_examples=100, deadline=None)
@given(SIMPLE, st.booleans())
def test_json_and_yaml_read_the_same_document_alike(document: Any, flow: bool) -> None:
    as_yaml = yaml.dump(document, Dumper=yaml.CSafeDumper, allow_unicode=True, default_flow_style=flow)
    as_json = json.dumps(document, ensure_ascii=flow)
    assert parse("dp.json", as_json.encode(), Limits()).value == document
    assert parse("dp.yaml", as_yaml.encode(), Limits()).value == document
