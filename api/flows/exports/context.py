"""What do the names in our JSON-LD mean? The whole context stands in each document, so that nothing is fetched."""

from __future__ import annotations

from engine.model import Json


def _link(term: str) -> dict[str, Json]:
    return {"@id": term, "@type": "@id"}


def _moment(term: str) -> dict[str, Json]:
    return {"@id": term, "@type": "xsd:dateTime"}


CONTEXT: dict[str, Json] = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "accessService": _link("dcat:accessService"),
    "conformsTo": _link("dcterms:conformsTo"),
    "contactPoint": _link("dcat:contactPoint"),
    "creator": _link("dcterms:creator"),
    "deprecated": "owl:deprecated",
    "description": "dcterms:description",
    "distribution": _link("dcat:distribution"),
    "fn": "vcard:fn",
    "hasEmail": _link("vcard:hasEmail"),
    "hasURL": _link("vcard:hasURL"),
    "identifier": "dcterms:identifier",
    # so that the catalog, which comes first, need not list all that is in it
    "inCatalog": {"@reverse": "dcat:dataset", "@type": "@id"},
    "issued": _moment("dcterms:issued"),
    "keyword": "dcat:keyword",
    "modified": _moment("dcterms:modified"),
    "name": "foaf:name",
    "prefLabel": "skos:prefLabel",
    "publisher": _link("dcterms:publisher"),
    "servesDataset": _link("dcat:servesDataset"),
    "theme": _link("dcat:theme"),
    "title": "dcterms:title",
    "version": "dcat:version",
    "wasDerivedFrom": _link("prov:wasDerivedFrom"),
}
"""JSON-LD 1.1."""
