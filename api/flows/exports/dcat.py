"""What do data portals learn of the mesh: the catalog as DCAT 3, in JSON-LD whose context is inside?

The catalog is a `dcat:Catalog`, each current version a `dcat:Dataset` in it, each output port a `dcat:DataService` with
a `dcat:Distribution` that it gives access to. What a product reads it was derived from (PROV).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

import orjson

from api.auth.permissions import Action, require
from api.flows.exports.context import CONTEXT
from api.flows.telling.event import source
from engine.descriptor.completion import DEFAULT_NAMESPACE
from engine.descriptor.identity import component_fqn
from engine.errors import NotFound
from engine.model import Json, Principal

if TYPE_CHECKING:
    from api.wiring import House
    from catalog.lineage.steps import Step
    from catalog.published import Publication
    from catalog.shown import Product, StoredPort

AT_ONCE = 50
"""Products that are read at once."""

Node = dict[str, Json]
_WEB = ("http://", "https://")


def document(*, principal: Principal, house: House) -> Iterator[bytes]:
    """The catalog as one JSON-LD document, in pieces. Raises Forbidden at once; CatalogUnavailable on the way."""
    require(principal, Action.READ)
    return _document(principal, house)


def _document(principal: Principal, house: House) -> Iterator[bytes]:
    yield b'{"@context":' + orjson.dumps(CONTEXT) + b',"@graph":[' + orjson.dumps(_catalog(house))
    last = ""
    while page := house.published.after(last, principal=principal, limit=AT_ONCE):
        for node in _nodes(page, principal, house):
            yield b",\n" + orjson.dumps(node)
        last = page[-1].product.fqn
    yield b"]}\n"


def of_product(reference: str, *, principal: Principal, house: House) -> Node:
    """One product as a document of its own. Raises Forbidden, NotFound."""
    require(principal, Action.READ)
    found = house.published.one(reference, principal=principal)
    if found is None:
        raise NotFound(f"There is no product `{reference}`.", product=reference)
    return {"@context": CONTEXT, "@graph": [_catalog(house), *_nodes([found], principal, house)]}


def _nodes(page: Sequence[Publication], principal: Principal, house: House) -> Iterator[Node]:
    upstream = house.lineage.upstream([one.product.id for one in page], principal=principal)
    ports = house.products.ports_of([one.product.version_id for one in page], principal=principal)
    for one in page:
        outputs = [port for port in ports[one.product.version_id] if port.kind == "outputport"]
        yield _dataset(one, outputs, upstream[one.product.id], _catalog_iri(house))
        yield from (_service(port, one.product) for port in outputs)


def _catalog(house: House) -> Node:
    namespace = house.settings.namespace or DEFAULT_NAMESPACE
    publisher = {"@id": iri(f"{source(namespace)}:mesh"), "@type": "foaf:Organization", "name": namespace}
    title = {"title": f"Data mesh {namespace}", "publisher": publisher}
    return {"@id": _catalog_iri(house), "@type": "dcat:Catalog", "identifier": _catalog_iri(house), **title}


def _catalog_iri(house: House) -> str:
    return iri(f"{source(house.settings.namespace or DEFAULT_NAMESPACE)}:catalog")


def _dataset(one: Publication, ports: Sequence[StoredPort], upstream: Sequence[Step], catalog: str) -> Node:
    product, info = one.product, one.effective.get("info")
    words = info if isinstance(info, Mapping) else {}
    domain = {"@id": _domain(product), "@type": "skos:Concept", "prefLabel": product.domain}
    node: Node = {
        "@id": iri(product.fqn),
        "@type": "dcat:Dataset",
        "inCatalog": catalog,
        "identifier": product.fqn,
        "title": product.display_name or product.name,
        "issued": one.line_since.isoformat(),
        "modified": product.accepted_at.isoformat(),
        "version": product.version,
        "theme": domain,
        "keyword": list(product.tags),
        "distribution": [_distribution(port, product) for port in ports],
        "wasDerivedFrom": [_origin(step) for step in upstream],
        "contactPoint": list(_contacts(words.get("contactPoints"))),
    }
    if product.owner:
        name = words["owner"].get("name") if isinstance(words.get("owner"), Mapping) else None
        owner = {"@id": f"urn:meshgate:owners:{quote(product.owner, safe='@')}", "@type": "foaf:Agent"}
        node["publisher"] = node["creator"] = {**owner, "name": name if isinstance(name, str) else product.owner}
    if product.description:
        node["description"] = product.description
    if product.status == "deprecated":
        node["deprecated"] = True
    return {key: value for key, value in node.items() if value not in ([], "")}


def _distribution(port: StoredPort, product: Product) -> Node:
    fqn = _port_fqn(port, product)
    about = {"title": port.display_name or port.name, "accessService": iri(fqn), **_conforms(port)}
    return {"@id": f"{iri(fqn)}#distribution", "@type": "dcat:Distribution", **about}


def _service(port: StoredPort, product: Product) -> Node:
    fqn = _port_fqn(port, product)
    node: Node = {
        "@id": iri(fqn),
        "@type": "dcat:DataService",
        "identifier": fqn,
        "title": port.display_name or port.name,
        "description": port.description,
        "version": port.version,
        "keyword": list(port.tags),
        "servesDataset": iri(product.fqn),
        **_conforms(port),
    }
    return {key: value for key, value in node.items() if value not in ([], "")}


def _conforms(port: StoredPort) -> Node:
    """The specification of the API; names such as `datastoreapi` have no address that all agree on."""
    named = port.api_specification
    if not named:
        return {}
    where = address(named) if named.startswith(_WEB) else f"urn:meshgate:specifications:{quote(named, safe='')}"
    return {"conformsTo": {"@id": where, "@type": "dcterms:Standard", "title": named}}


def _origin(step: Step) -> Json:
    """What a product reads: the output port of another one, the reference that leads nowhere, or another system."""
    node, edge = step
    if node.kind == "product":
        return {"@id": iri(component_fqn(node.fqn, "outputport", edge.output_port))}
    if node.kind == "dangling":
        return {"@id": iri(node.id)}
    return {"@type": "prov:Entity", "title": node.name}


def _contacts(points: Json) -> Iterator[Node]:
    for one in points if isinstance(points, list) else ():
        if not isinstance(one, Mapping):
            continue
        name, where = (one[key] if isinstance(one.get(key), str) else "" for key in ("name", "address"))
        contact: Node = {"@type": "vcard:Organization", "fn": name or where or "contact"}
        if "@" in where and ":" not in where:
            contact["hasEmail"] = f"mailto:{quote(where, safe='@')}"
        elif where.startswith(_WEB):
            contact["hasURL"] = address(where)
        yield contact


def _domain(product: Product) -> str:
    return f"{iri(source(product.namespace))}:domains:{quote(product.domain, safe='')}"


def _port_fqn(port: StoredPort, product: Product) -> str:
    """The canonical name, whatever dialect the author wrote: what lineage leads to has to be the same."""
    return component_fqn(product.fqn, "outputport", port.name)


def iri(name: str) -> str:
    """A name of ours as an IRI: what may not stand in one is escaped, so that no name breaks out of its place."""
    return quote(name, safe=":/@!$&'()*+,;=")


def address(written: str) -> str:
    """An address that an author wrote, with what may not stand in one escaped."""
    return quote(written, safe=":/?#[]@!$&'()*+,;=%")
