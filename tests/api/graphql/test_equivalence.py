"""Does whatever the schema allows to ask get the same answer with every short cut and with none of them?

Short cuts: the executor's fast paths, documents and introspections that are kept, and one read for all siblings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from zlib import crc32

import doors
import graphql
import orjson
import pytest
from graphql.language import ast, print_ast, visit
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as some
from hypothesis_graphql import queries
from hypothesis_graphql.nodes import String
from remembered import identity

from api.graphql.answering import Answering
from api.graphql.context import Context
from api.graphql.ids import global_id
from api.graphql.limits import Limits
from api.graphql.request import Request
from api.graphql.schema import schema
from api.graphql.siblings import Siblings
from api.wiring import House
from catalog.database import Database
from engine.model import Principal

OLGA = Principal("olga", roles=frozenset({"operator"}))
SCHEMA = schema()
HUGE = 2**60
LIMITS = Limits(page=HUGE, depth=HUGE, tokens=10**6, aliases=HUGE, cost=HUGE, seconds=600, introspection_depth=HUGE)
LINES = [identity("customers").fqn, identity("orders").fqn, identity("revenue", "2.0.0").fqn]

REGO = """package need.owned
violation contains {"code": "no_owner", "msg": "no owner", "path": ["info"]} if not input.info.owner
"""
Known = Mapping[str, list[str]]


class Alone(Siblings):
    """Nobody has siblings: every row reads for itself."""

    def together(self, rows: Iterable[Any], *, at: int | None = None) -> list[Any]:
        return [Siblings.together(self, [row], at=at)[0] for row in rows]


@pytest.fixture
def known(mesh: Database, contain: Callable[[str], str]) -> Known:
    """What arguments of these names may say, besides what nobody knows."""
    containers = [contain("dev"), contain("qa")]
    lines = [identity("customers"), identity("orders"), identity("revenue", "2.0.0")]
    ids = [global_id("DataProduct", one.id) for one in lines] + [global_id("Container", one) for one in containers]
    uuids = [*containers, *LINES, "mesh.ownership.owner_declared", *(one.id for one in lines)]
    return {
        "fqn": [*LINES, *(one.odm_id for one in lines), *(one.id for one in lines)],
        "id": [*ids, *uuids],
        "ids": ids,
        "domain": ["sales", "finance", "customer"],
        "product": LINES,
        "port": ["profile", "placed", "orders", "crm"],
        "query": ["orders", "customer domain:customer", "-status:withdrawn", "pii", '"'],
        "prefix": ["o", "cust", "p"],
        "version": ["1.0.0", "1.1.0", "2.0.0", "1.x"],
        "environment": ["dev", "qa"],
        "policy": ["mesh.ownership.owner_declared"],
        "after": ["1", "3"],
        "from": [*LINES, f"{LINES[1]}:outputports:placed"],
        "products": [*LINES, *ids[:3]],
        "descriptor": [doors.product().decode()],
        "asOf": ["2026-11-24T00:00:00Z"],
    }


class Informed(graphql.Visitor):
    """Gives most arguments a value that leads somewhere, and few pages more than some items."""

    def __init__(self, known: Known) -> None:
        super().__init__()
        self._known = known

    def enter_field(self, node: ast.FieldNode, *_: Any) -> None:
        """Of two ways to name a thing mostly one, and mostly one that there is."""
        if node.name.value == "node" and (pick := crc32(print_ast(node).encode())) % 5:
            ids = self._known["ids"]
            for one in node.arguments:
                one.value = String(ids[pick // 5 % len(ids)])
        if not crc32(print_ast(node).encode()) % 4:
            return
        for kept, left_out in (("fqn", "id"), ("asOf", "revision")):
            if {kept, left_out} <= {one.name.value for one in node.arguments}:
                node.arguments = tuple(one for one in node.arguments if one.name.value != left_out)

    def enter_object_value(self, node: ast.ObjectValueNode, *_: Any) -> None:
        """A requirement mostly is one."""
        if {"rego", "saved"} & {one.name.value for one in node.fields} and crc32(print_ast(node).encode()) % 4:
            rego = ast.ObjectFieldNode(name=ast.NameNode(value="rego"), value=String(REGO))
            node.fields = (rego,)

    def enter_argument(self, node: ast.ArgumentNode, *_: Any) -> Any:
        name, value = node.name.value, node.value
        if name in ("first", "candidates", "revision", "depth", "most"):
            chosen = crc32(print_ast(value).encode())
            node.value = ast.IntValueNode(value=str(chosen % 6 if chosen % 4 == 0 else chosen % 5 + 1))
        elif name == "after" and crc32(print_ast(value).encode()) % 8:
            return graphql.REMOVE
        else:
            self._named(node)
        return None

    def _named(self, node: ast.ArgumentNode) -> None:
        found = self._known.get(node.name.value)
        values = node.value.values if isinstance(node.value, ast.ListValueNode) else [node.value]
        for one in values if found else ():
            if isinstance(one, ast.StringValueNode) and (pick := crc32(one.value.encode())) % 5:
                one.value = found[pick // 5 % len(found)]


def asked(known: Known, root: str) -> some.SearchStrategy[str]:
    """Texts of any query of this root field."""
    moments = some.datetimes().map(lambda one: String(one.isoformat()))
    numbers = some.integers(0, 2**40).map(lambda one: ast.IntValueNode(value=str(one)))
    scalars = {"DateTime": moments, "BigInt": numbers}

    def informed(document: graphql.DocumentNode) -> str:
        return print_ast(visit(document, Informed(known)))

    return queries(SCHEMA, fields=[root], custom_scalars=scalars, print_ast=informed)  # type: ignore[return-value]


def short(house: House, answering: Answering, query: str) -> bytes:
    return answering.answer(Request(query, {}, None), Context(house, OLGA)).content


def long(house: House, query: str) -> bytes:
    answering = Answering(SCHEMA, LIMITS, fast=False)
    return answering.answer(Request(query, {}, None), Context(house, OLGA, Alone())).content


def codes(answer: bytes) -> set[str]:
    return {error["extensions"]["code"] for error in orjson.loads(answer).get("errors", ())}


@pytest.mark.parametrize("root", sorted(SCHEMA.query_type.fields) if SCHEMA.query_type else [])
def test_any_query_is_answered_alike_with_all_short_cuts_and_with_none(house: House, known: Known, root: str) -> None:
    kept = Answering(SCHEMA, LIMITS)
    met: list[set[str]] = []

    @settings(max_examples=12, deadline=None, database=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(asked(known, root))
    def alike(query: str) -> None:
        note(query)
        first = short(house, kept, query)
        assert short(house, kept, query) == first
        assert long(house, query) == first
        assert "internal-error" not in codes(first), first
        met.append(codes(first))

    alike()
    assert set() in met, "nothing was answered without an error"


MIXED = """query Q($yes: Boolean = true, $no: Boolean = false) {
  one: dataProduct(fqn: "%(orders)s") { ...P again: name @skip(if: $no) gone: name @include(if: $no) }
  two: dataProduct(fqn: "%(customers)s") { ...P ... on Node { __typename id } }
  none: dataProduct(fqn: "nothing") { ...P }
  wrong: dataProduct { ...P }
  search(query: "orders", first: 5) @include(if: $yes) {
    total { value } edges { match node { ...P } matches { snippet } } }
  nodes(ids: ["%(id)s", "%(id)s", "b64"]) { id ... on DataProduct { ...P } }
}
fragment P on DataProduct {
  fqn name domain tags
  ports(first: 2) { pageInfo { hasNextPage endCursor } edges { cursor node { kind name } } }
  upstream(first: 3) { edges { node { inputPort node { __typename ... on DataProduct { name versions { edges { node {
    version status } } } } ... on DanglingReference { reference } ... on ExternalSystem { name } } } } }
  containers { environment deployment { state } }
  accepted(version: "1.0.0") { compliance { outcome findings(first: 1) { edges { node { code path } } } } }
}"""


def test_errors_aliases_fragments_skip_and_include_too(house: House, known: Known) -> None:
    query = MIXED % {"orders": LINES[1], "customers": LINES[0], "id": known["ids"][0]}
    kept = Answering(SCHEMA, LIMITS)
    first = short(house, kept, query)
    assert short(house, kept, query) == first == long(house, query)
    assert codes(first) == {"argument-invalid", "id-invalid"}


def test_an_introspection_is_told_alike_from_memory(house: House) -> None:
    query = graphql.get_introspection_query(input_value_deprecation=True, directive_is_repeatable=True)
    kept = Answering(SCHEMA, Limits())
    assert short(house, kept, query) == short(house, kept, query) == long(house, query)
