"""What does the effective document say once the fields that DPDS lets the platform set are filled in?"""

from __future__ import annotations

from dataclasses import dataclass

from engine.descriptor.components import Component, components, text
from engine.descriptor.identity import ParsedFqn, component_fqn, is_usable, line_fqn, line_id, odm_id, parse_fqn
from engine.descriptor.versions import is_semver, major
from engine.model import Identity, Json

DEFAULT_NAMESPACE = "org.example"


@dataclass(frozen=True, slots=True)
class Named:
    """Which line a document describes, and what its author wrote as fully qualified name."""

    identity: Identity | None
    #: what the author's name means; None when there is none or it is not understood
    written: ParsedFqn | None
    #: whether the default namespace had to stand in
    defaulted: bool


def name_of(document: dict[str, Json], namespace: str | None) -> Named:
    """The identity of a document, None where name or version are unusable (DESIGN §3.6)."""
    info = document.get("info")
    name, version = text(info, "name"), text(info, "version")
    written = parse_fqn(text(info, "fullyQualifiedName"))
    if written is not None and written.collection is not None:
        written = None
    if not is_usable(name) or not is_semver(version):
        return Named(None, written, False)
    chosen = written.namespace if written else namespace or DEFAULT_NAMESPACE
    line = line_fqn(chosen, name, major(version))
    author = text(info, "fullyQualifiedName") if written else line
    domain = text(info, "domain")
    identity = Identity(line, line_id(line), odm_id(author), chosen, name, major(version), version, domain)
    return Named(identity, written, written is None and namespace is None)


def completed(document: dict[str, Json], named: Named) -> dict[str, Json]:
    """The document with id, fullyQualifiedName and entityType of product, ports and components, where absent.

    Nothing is filled into a document without identity: no name could be derived. The given document is not changed.
    """
    if named.identity is None:
        return document
    filled = dict(document)
    filled["info"] = _product(document["info"], named, named.identity)
    for section in ("interfaceComponents", "internalComponents"):
        if type(document.get(section)) is dict:
            filled[section] = dict(document[section])
    for one in components(document):
        where, collection, index = one.path
        holder = filled[str(where)]
        if holder[collection] is document[str(where)][collection]:
            holder[collection] = list(holder[collection])
        holder[collection][index] = _component(one, named.identity)
    return filled


def _product(info: dict[str, Json], named: Named, identity: Identity) -> dict[str, Json]:
    fqn = info["fullyQualifiedName"] if named.written else identity.fqn
    return {
        **info,
        "fullyQualifiedName": fqn,
        "id": info.get("id") or identity.id,
        "entityType": info.get("entityType") or "dataproduct",
    }


def _component(one: Component, identity: Identity) -> dict[str, Json]:
    value = dict(one.value)
    if not value.get("entityType"):
        value["entityType"] = one.kind
    if not value.get("fullyQualifiedName") and is_usable(one.name):
        value["fullyQualifiedName"] = component_fqn(identity.fqn, one.kind, one.name)
    if not value.get("id") and type(value.get("fullyQualifiedName")) is str:
        value["id"] = line_id(value["fullyQualifiedName"])
    return value
