"""Do the tools that people already have read the schema and ask by it? (A real server.)"""

from __future__ import annotations

import importlib.util
import itertools
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import graphql
import pytest
from served import Served, served

from api.graphql.schema import printed, schema
from api.wiring import House
from catalog.database import Database

STATIC = Path(__file__).resolve().parents[3] / "api/web/static"
OPTIONS = (
    "descriptions",
    "specified_by_url",
    "directive_is_repeatable",
    "schema_description",
    "input_value_deprecation",
)


@pytest.fixture
def server(mesh: Database, house: House) -> Iterator[Served]:
    with served(house) as one:
        yield one


def asked(server: Served, query: str) -> dict[str, Any]:
    answer = server.post(query).json()
    assert "errors" not in answer
    data: dict[str, Any] = answer["data"]
    return data


def in_order(one: graphql.GraphQLSchema) -> str:
    return graphql.print_schema(graphql.lexicographic_sort_schema(one))


def test_graphql_core_rebuilds_the_schema_whatever_it_asks_for(server: Served) -> None:
    for chosen in itertools.product((True, False), repeat=len(OPTIONS)):
        options = dict(zip(OPTIONS, chosen, strict=True))
        rebuilt = graphql.build_client_schema(asked(server, graphql.get_introspection_query(**options)))
        assert not graphql.find_breaking_changes(graphql.build_schema(printed()), rebuilt)
        if options["descriptions"]:
            assert in_order(rebuilt) == in_order(schema())


def graphiql() -> Iterator[str]:
    """The introspection query of the GraphiQL that was built, with and without what it asks newer servers for."""
    sources = [path.read_text("utf-8") for path in STATIC.glob("*.js")]
    for source in sources:
        for found in re.finditer(r"`\s*(query IntrospectionQuery \{.*?)`", source, re.DOTALL):
            words = dict(re.findall(r'\b(\w)=\w\.\w+\?"([A-Za-z ]+)":""', source[: found.start()][-2_000:]))
            yield written(found[1], words)
            yield written(found[1], {})


def written(template: str, words: dict[str, str]) -> str:
    """The text that the program would make of its template; without words, of what every server answers."""
    text = re.sub(r'\$\{\w\("([^"]*)"\)\}', r"\1" if words else "", template)
    return re.sub(r"\$\{(\w)\}", lambda one: words.get(one[1], ""), text)


def test_graphiql_reads_the_schema(server: Served) -> None:
    if not (STATIC / "manifest.json").is_file():
        pytest.skip("the browser assets were not built (`make assets` does that)")
    queries = list(graphiql())
    assert queries
    assert any("isRepeatable" in one for one in queries)
    for query in queries:
        told = asked(server, query)["__schema"]
        assert {one["name"] for one in told["types"]} >= {"Query", "Subscription", "DataProduct"}
        assert told["subscriptionType"]["name"] == "Subscription"


def generated(path: Path) -> ModuleType:
    """The module that a code generator wrote."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module  # generated operations import the generated schema by name
    spec.loader.exec_module(module)
    return module


def generate(*arguments: str, folder: Path) -> None:
    command = [sys.executable, "-W", "ignore", "-m", "sgqlc.codegen", *arguments]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=120)


def test_a_code_generator_writes_code_that_asks_and_reads(server: Served, tmp_path: Path) -> None:
    told = asked(server, graphql.get_introspection_query(input_value_deprecation=False))
    (tmp_path / "mesh_schema.json").write_text(json.dumps({"data": told}))
    generate("schema", "mesh_schema.json", "mesh_schema.py", "--docstrings", folder=tmp_path)
    mesh = generated(tmp_path / "mesh_schema.py")

    from sgqlc.operation import Operation

    operation = Operation(mesh.Query)
    products = operation.data_products(first=2)
    products.page_info.has_next_page()
    products.edges.node.__fields__("fqn", "name", "status")
    read = operation + {"data": asked(server, str(operation))}
    assert [edge.node.name for edge in read.data_products.edges] == ["customers", "orders"]
    assert (read.data_products.edges[0].node.status, read.data_products.page_info.has_next_page) == ("ACTIVE", True)


def test_it_writes_code_of_a_document_too(server: Served, tmp_path: Path) -> None:
    told = asked(server, graphql.get_introspection_query(input_value_deprecation=False))
    (tmp_path / "mesh_schema.json").write_text(json.dumps({"data": told}))
    query = """query Ports($fqn: String) { dataProduct(fqn: $fqn) { name
        ports(first: 5) { edges { node { kind name } } }
        upstream { edges { node { inputPort node { __typename ... on DataProduct { fqn } } } } } } }"""
    (tmp_path / "ports.gql").write_text(query)
    generate("schema", "mesh_schema.json", "mesh_schema.py", folder=tmp_path)
    generate(
        "operation", "--schema", "mesh_schema.json", "mesh_schema", "mesh_operations.py", "ports.gql", folder=tmp_path
    )
    generated(tmp_path / "mesh_schema.py")
    operation = generated(tmp_path / "mesh_operations.py").Operations.query.ports
    variables = {"fqn": "urn:dpds:org.example:dataproducts:orders:1"}
    answer = server.post(str(operation), variables=variables).json()
    read = operation + answer
    assert [edge.node.name for edge in read.data_product.ports.edges] == ["placed", "paid"]
