"""What leaves through /v1/exports: is it what others read, whole or told apart, and only what the asker may see?"""

from __future__ import annotations

import gzip
import hashlib
import io
import warnings
import zipfile
from collections.abc import Iterator
from json import dumps
from pathlib import Path
from typing import Any

import httpx2 as httpx
import orjson
import pytest
from commands import GOOD, MESH
from doors import a_client, a_house, a_server, behind, problem, product, submit
from rdflib import DCAT, DCTERMS, FOAF, OWL, PROV, RDF, SKOS, Graph, Literal, Namespace, URIRef
from starlette.testclient import TestClient

from api.auth.permissions import LOCAL
from api.flows.exports.dcat import address, iri
from api.flows.status import Standing, Status, change_status
from api.flows.submit import submit as submitted
from api.http.packed import wanted
from api.wiring import House
from engine.descriptor import Directory, Parts, Submission

VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
PARCELS = "urn:dpds:org.example:dataproducts:parcels:1"
ORDERS = "urn:dpds:org.example:dataproducts:orders:1"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The example mesh."""
    with a_house(tmp_path_factory.mktemp("mesh")) as house:
        for domain in GOOD:
            for file in sorted((MESH / domain).glob("*")):
                root = next(file.glob("*.yaml")) if file.is_dir() else file
                submitted(Submission(root.name, Directory(root.parent)), principal=LOCAL, house=house)
        change_status(
            "urn:dpds:org.example:dataproducts:churn:1",
            "1.0.0",
            Standing(Status.DEPRECATED, "superseded"),
            principal=LOCAL,
            house=house,
        )
        yield house


@pytest.fixture(scope="module")
def client(house: House) -> TestClient:
    return a_client(house)


@pytest.fixture(scope="module")
def graph(client: TestClient) -> Graph:
    answer = client.get("/v1/exports/dcat")
    assert answer.headers["content-type"] == "application/ld+json"
    return read(answer.text)


def read(document: str) -> Graph:
    """What a reader of RDF makes of a document; it has no network, so nothing is fetched."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # rdflib's parser uses what rdflib deprecates
        return Graph().parse(data=document, format="json-ld")


# --- DCAT -----------------------------------------------------------------------------------------------------------


def test_the_catalog_holds_every_product_as_a_dataset(house: House, graph: Graph) -> None:
    (catalog,) = graph.subjects(RDF.type, DCAT.Catalog)
    listed = house.products.page(first=100, principal=LOCAL).items
    assert {str(one) for one in graph.objects(catalog, DCAT.dataset)} == {one.fqn for one in listed}
    assert {str(one) for one in graph.subjects(RDF.type, DCAT.Dataset)} == {one.fqn for one in listed}
    assert (catalog, DCTERMS.identifier, Literal("urn:meshgate:org.example:catalog")) in graph


def test_a_dataset_says_what_its_author_wrote(graph: Graph) -> None:
    orders = URIRef(ORDERS)
    told = {
        DCTERMS.identifier: [ORDERS],
        DCTERMS.title: ["Orders"],
        URIRef(f"{DCAT}version"): ["1.0.0"],
    }
    for term, values in told.items():
        assert [str(one) for one in graph.objects(orders, term)] == values
    (theme,) = graph.objects(orders, DCAT.theme)
    assert (theme, SKOS.prefLabel, Literal("sales")) in graph
    (owner,) = graph.objects(orders, DCTERMS.publisher)
    assert (orders, DCTERMS.creator, owner) in graph
    assert (owner, FOAF.name, Literal("Sales Data Team")) in graph
    (contact,) = graph.objects(orders, DCAT.contactPoint)
    assert (contact, VCARD.hasEmail, URIRef("mailto:sales-data@example.org")) in graph
    for term in (DCTERMS.issued, DCTERMS.modified):
        (moment,) = graph.objects(orders, term)
        assert moment.toPython().tzinfo is not None


def test_an_output_port_is_a_service_that_a_distribution_gives_access_to(graph: Graph) -> None:
    port = URIRef(f"{ORDERS}:outputports:orderEvents")
    assert (port, RDF.type, DCAT.DataService) in graph
    assert (port, DCAT.servesDataset, URIRef(ORDERS)) in graph
    (distribution,) = graph.subjects(DCAT.accessService, port)
    assert (URIRef(ORDERS), DCAT.distribution, distribution) in graph
    (standard,) = graph.objects(distribution, DCTERMS.conformsTo)
    assert (port, DCTERMS.conformsTo, standard) in graph
    assert (standard, DCTERMS.title, Literal("asyncapi")) in graph


def test_what_a_product_reads_it_was_derived_from(house: House, graph: Graph) -> None:
    for one in house.products.page(first=100, principal=LOCAL).items:
        steps = house.lineage.upstream([one.id], principal=LOCAL)[one.id]
        origins = set(graph.objects(URIRef(one.fqn), PROV.wasDerivedFrom))
        ports = {f"{node.fqn}:outputports:{edge.output_port}" for node, edge in steps if node.kind == "product"}
        others = {node.name for node, _ in steps if node.kind == "external"}
        assert {str(origin) for origin in origins if (origin, RDF.type, DCAT.DataService) in graph} == ports
        assert {str(title) for origin in origins for title in graph.objects(origin, DCTERMS.title)} >= others
    assert (URIRef("urn:dpds:org.example:dataproducts:churn:1"), OWL.deprecated, Literal(True)) in graph


def test_one_product_is_a_document_of_its_own(client: TestClient) -> None:
    answer = client.get("/v1/exports/dcat", params={"product": ORDERS})
    alone = read(answer.text)
    assert {str(one) for one in alone.subjects(RDF.type, DCAT.Dataset)} == {ORDERS}
    assert problem(client.get("/v1/exports/dcat?product=urn:x"))["code"] == "not-found"


def test_no_name_breaks_out_of_the_graph(tmp_path: Path) -> None:
    spiky = 'a> <urn:evil> "x\\" {y}|%41'
    with a_house(tmp_path) as house:
        content = product(description=dumps('"></script>')).replace(b"logistics", dumps(spiky).encode())
        assert submit(a_client(house), content).status_code == 201
        told = a_client(house).get("/v1/exports/dcat").text
    graph = read(told)
    (theme,) = graph.objects(URIRef(PARCELS), DCAT.theme)
    assert graph.value(theme, SKOS.prefLabel) == Literal(spiky)
    assert not set(str(theme)) & set('<>" {}|\\^`')
    graph.serialize(format="nt")
    assert iri("urn:a b%<>#?") == "urn:a%20b%25%3C%3E%23%3F"
    assert address("https://example.org/a b?c=%20#d") == "https://example.org/a%20b?c=%20#d"


# --- OpenLineage ----------------------------------------------------------------------------------------------------


def events(client: TestClient, **asked: Any) -> list[dict[str, Any]]:
    answer = client.get("/v1/exports/openlineage", params=asked)
    assert answer.status_code == 200, answer.text
    return [orjson.loads(line) for line in answer.content.splitlines()]


def test_each_accepted_version_is_a_run_that_openlineage_reads(house: House, client: TestClient) -> None:
    from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
    from openlineage.client.facet_v2 import dataset_version_dataset, documentation_dataset, schema_dataset
    from openlineage.client.serde import Serde

    found = events(client)
    assert len(found) == len(house.products.page(first=100, principal=LOCAL).items)
    facets = {
        "schema": schema_dataset.SchemaDatasetFacet,
        "version": dataset_version_dataset.DatasetVersionDatasetFacet,
        "documentation": documentation_dataset.DocumentationDatasetFacet,
    }
    for one in found:
        for output in one["outputs"]:
            for name, facet in output["facets"].items():
                content = {key: value for key, value in facet.items() if not key.startswith("_")}
                made = Serde.to_dict(facets[name](**content, producer=facet["_producer"]))
                assert {key: made[key] for key in facet} == facet
        read = RunEvent(
            eventType=RunState(one["eventType"]),
            eventTime=one["eventTime"],
            run=Run(one["run"]["runId"]),
            job=Job(one["job"]["namespace"], one["job"]["name"]),
            inputs=[InputDataset(dataset["namespace"], dataset["name"]) for dataset in one["inputs"]],
            outputs=[OutputDataset(dataset["namespace"], dataset["name"]) for dataset in one["outputs"]],
            producer=one["producer"],
        )
        again = Serde.to_dict(read)
        assert set(again) == set(one)
        assert (again["schemaURL"], again["eventType"]) == (one["schemaURL"], "COMPLETE")


def test_what_one_product_offers_another_one_reads_by_the_same_name(client: TestClient) -> None:
    found = events(client)
    offered = {(one["namespace"], one["name"]) for event in found for one in event["outputs"]}
    read = {(one["namespace"], one["name"]) for event in found for one in event["inputs"]}
    assert ("dpds://org.example", "orders:1:orderHistory") in offered & read
    assert {namespace for namespace, _ in read - offered} == {"dpds://external"}


def test_the_schema_of_a_port_is_its_columns(client: TestClient) -> None:
    (orders,) = events(client, product=ORDERS)
    (history,) = [one for one in orders["outputs"] if one["name"] == "orders:1:orderHistory"]
    first = history["facets"]["schema"]["fields"][0]
    assert first == {
        "name": "order_id",
        "type": "VARCHAR(36)",
        "description": "Identifier of the order",
        "ordinal_position": 1,
    }


def test_events_are_the_same_for_ever_and_go_on_after_a_revision(client: TestClient) -> None:
    found = events(client)
    assert events(client) == found
    place = found[2]["run"]["facets"]["meshgate_acceptance"]["revision"]
    assert events(client, after=place) == found[3:]
    assert events(client, product=ORDERS, version="1.0.0") == [one for one in found if one["job"]["name"] == "orders:1"]
    assert problem(client.get(f"/v1/exports/openlineage?product={ORDERS}&version=9.9.9"))["code"] == "not-found"


def test_a_reading_without_a_major_means_the_highest_that_offered_the_port_then(tmp_path: Path) -> None:
    def reader(name: str, port: str = "moved") -> bytes:
        target = f"urn:dpds:org.example:dataproducts:parcels:outputports:{port}"
        inputs = f"  inputPorts:\n  - {{name: in, version: 1.0.0, dependsOn: '{target}'}}\n  outputPorts:\n"
        return product(name).replace(b"  outputPorts:\n", inputs.encode())

    with a_house(tmp_path) as house:
        client = a_client(house)
        for content in (reader("early"), product(), reader("middle"), product(version="2.0.0"), reader("late")):
            assert submit(client, content).status_code == 201
        assert submit(client, reader("lost", "nowhere")).status_code == 201
        named = {one["job"]["name"]: one["inputs"] for one in events(client)}
    names = {job: [one["name"] for one in inputs] for job, inputs in named.items() if inputs}
    assert names == {
        "early:1": ["parcels:1:moved"],
        "middle:1": ["parcels:1:moved"],
        "late:1": ["parcels:2:moved"],
        "lost:1": ["parcels:nowhere"],
    }


# --- DPDS -----------------------------------------------------------------------------------------------------------


def test_a_descriptor_leaves_byte_for_byte_with_all_its_files_or_as_it_was_understood(tmp_path: Path) -> None:
    with a_house(tmp_path) as house:
        client = a_client(house)
        submitted(Submission("product.yaml", Parts(behind())), principal=LOCAL, house=house)
        assert client.get("/v1/exports/dpds", params={"product": PARCELS}).content == behind()["product.yaml"]
        packed = client.get("/v1/exports/dpds", params={"product": PARCELS, "version": "1.0.0", "form": "zip"})
        with zipfile.ZipFile(io.BytesIO(packed.content)) as opened:
            assert {name: opened.read(name) for name in opened.namelist()} == behind()
        effective = client.get("/v1/exports/dpds", params={"product": PARCELS, "form": "effective"}).json()
        assert effective["interfaceComponents"]["outputPorts"][0]["entityType"] == "outputport"
        for asked in ({"product": "urn:x"}, {"product": PARCELS, "version": "9.0.0"}):
            for form in ("root", "effective"):
                assert problem(client.get("/v1/exports/dpds", params={**asked, "form": form}))["code"] == "not-found"


# --- the whole catalog ----------------------------------------------------------------------------------------------


def lines(answer: Any) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in answer.content.splitlines()]


def test_the_last_line_counts_and_digests_all_before_it(client: TestClient) -> None:
    answer = client.get("/v1/exports/catalog?complete=true")
    *before, last = answer.content.splitlines(keepends=True)
    end = orjson.loads(last)
    assert (end["type"], end["lines"]) == ("end", len(before))
    assert end["digest"] == f"sha256:{hashlib.sha256(b''.join(before)).hexdigest()}"
    assert answer.headers["content-type"] == "application/x-ndjson"


def test_who_takes_gzip_gets_the_same_packed(client: TestClient) -> None:
    plain = client.get("/v1/exports/catalog?complete=true", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    with client.stream("GET", "/v1/exports/catalog?complete=true", headers={"Accept-Encoding": "gzip"}) as packed:
        raw = b"".join(packed.iter_raw())
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(raw) == plain.content
    assert [wanted(one) for one in ("gzip", "br, GZIP;q=0.5", "*", "gzip;q=0", "", "identity")] == [
        *(True, True, True, False, False, False)
    ]


def test_a_revision_that_is_not_there_is_an_error_and_no_stream(client: TestClient) -> None:
    assert problem(client.get("/v1/exports/catalog?after=999"))["code"] == "cursor-invalid"
    assert problem(client.get("/v1/exports/catalog?after=-1"))["code"] == "request-invalid"


MASK = """package system.log
import rego.v1
mask contains "/input/info/owner"
mask contains "/result/findings"
"""
TOKENS = """tokens:
- {id: reader, sha256: %s, roles: [reader]}
- {id: auditor, sha256: %s, roles: [auditor]}
- {id: operator, sha256: %s, roles: [operator]}
"""


def test_others_than_operators_get_decisions_masked_and_no_links(tmp_path: Path) -> None:
    (tmp_path / "governance" / "mask").mkdir(parents=True)
    (tmp_path / "governance" / "mask" / "mask.rego").write_text(MASK)
    names = ("reader", "auditor", "operator")
    tokens = tmp_path / "tokens.yaml"
    tokens.write_text(TOKENS % tuple(hashlib.sha256(name.encode()).hexdigest() for name in names))
    with a_house(tmp_path, governance=str(tmp_path / "governance"), tokens=tokens) as house:
        submitted(Submission("p.yaml", Parts({"p.yaml": product()})), principal=LOCAL, house=house)
        client = a_client(house)
        with house.database.work(LOCAL) as work:  # a need of somebody's own
            work.changes.append("requirement.fits", PARCELS, {})
            work.commit()
        for name in names:
            headers = {"Authorization": f"Bearer {name}"}
            whole = client.get("/v1/exports/catalog?complete=true", headers=headers)
            shown = lines(client.get("/v1/exports/catalog", headers=headers))
            assert [one["type"] for one in shown] == ["catalog", "decision", "version", "change", "change", "end"]
            assert (shown[0]["complete"], "owner" in shown[1]["input"]["info"]) == (False, False)
            if name == "operator":
                assert "owner" in lines(whole)[1]["input"]["info"]
            else:
                assert problem(whole)["code"] == "forbidden"


def test_a_broken_mask_lets_nothing_out_but_the_complete_stream(tmp_path: Path) -> None:
    (tmp_path / "governance" / "mask").mkdir(parents=True)
    with a_house(tmp_path, governance=str(tmp_path / "governance")) as house:
        submitted(Submission("p.yaml", Parts({"p.yaml": product()})), principal=LOCAL, house=house)
    (tmp_path / "governance" / "mask" / "mask.rego").write_text("package system.log\nmask contains")
    with a_house(tmp_path, governance=str(tmp_path / "governance")) as house:
        assert problem(a_client(house).get("/v1/exports/catalog"))["code"] == "mask-invalid"


def test_a_client_that_stops_reading_keeps_nobody_from_writing(tmp_path: Path) -> None:
    """A real server and a socket: what is not read is not made."""
    with a_server(tmp_path) as (address, _), httpx.Client(base_url=address, timeout=30) as client:
        long = "words " * 20_000
        for number in range(12):
            assert submit(client, product(f"p{number}", description=long)).status_code == 201
        headers = {"Accept-Encoding": "identity"}
        with client.stream("GET", "/v1/exports/catalog?complete=true", headers=headers) as half:
            pieces = half.iter_raw()
            first = next(pieces)
            with httpx.Client(base_url=address, timeout=30) as other:
                assert submit(other, product("meanwhile")).status_code == 201
            rest = b"".join(pieces)
    told = [orjson.loads(line) for line in (first + rest).splitlines()]
    assert told[-1]["type"] == "end"
    assert sum(one["type"] == "version" for one in told) in (12, 13)
