"""What do two to five products have in common, and where do they differ?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from api.auth.permissions import Action, require
from catalog import summary
from catalog.candidates import Candidate
from catalog.compared import MOST_COLUMNS, ComparedColumn, Named
from catalog.shown import StoredPort
from engine.comparison import Aspect, Row, aligned, key, listed
from engine.errors import ComparisonInvalid
from engine.model import Json, Principal

if TYPE_CHECKING:
    from api.wiring import House

FEWEST, MOST = 2, 5
LONGEST = 2_000
"""Characters of one value; of a longer one only these are told and compared."""
MOST_OBJECTIVES = 200
DEEPEST = 6

Pairs = Iterator[tuple[tuple[Aspect, str], str]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The versions that were compared, in the order in which they were named, and one row for each thing said of any.

    `cut` is True where one of them has more columns than are compared.
    """

    products: Sequence[Candidate]
    rows: Sequence[Row]
    cut: bool


def compare(references: Sequence[str], *, principal: Principal, house: House) -> Comparison:
    """The comparison of what these fqns or ids name, each perhaps with `@VERSION` behind it.

    Raises Forbidden, ComparisonInvalid (with `unknown` in its context), CatalogUnavailable.
    """
    return of([named(one) for one in references], references, principal=principal, house=house)


def named(reference: str) -> Named:
    """What a text such as `FQN@1.2.0` names."""
    line, at, version = reference.rpartition("@")
    return Named(line, version) if at else Named(reference)


def of(wanted: Sequence[Named], told: Sequence[str], *, principal: Principal, house: House) -> Comparison:
    """As `compare`, of what is named already; `told` is how each was written. As many statements for five as for two,
    but for one look-up of each."""
    require(principal, Action.READ)
    if not FEWEST <= len(wanted) <= MOST:
        raise ComparisonInvalid(f"{FEWEST} to {MOST} products can be compared, not {len(wanted)}.", count=len(wanted))
    ids = house.compared.versions(wanted, principal=principal)
    if unknown := [text for text, id in zip(told, ids, strict=True) if id is None]:
        raise ComparisonInvalid(f"Nothing is called `{'`, `'.join(unknown)}`.", unknown=unknown)
    known = [id for id in ids if id is not None]
    if len(set(known)) < len(known):
        raise ComparisonInvalid("The same version is named twice.", count=len(known))
    return _compared(known, principal=principal, house=house)


def _compared(ids: Sequence[str], *, principal: Principal, house: House) -> Comparison:
    found = house.candidates.found(ids, principal=principal)
    products = [found[id] for id in ids]
    ports = house.products.ports_of(ids, principal=principal)
    columns = _by_version(house.compared.columns(ids, principal=principal))
    facts = house.performance.facts(products, principal=principal)
    things = [
        dict(_said(one, ports[one.version_id], columns.get(one.version_id, ()), facts[one.version_id]))
        for one in products
    ]
    cut = any(len(some) > MOST_COLUMNS for some in columns.values())
    return Comparison(products, aligned(things), cut)


def _by_version(columns: Sequence[ComparedColumn]) -> dict[str, list[ComparedColumn]]:
    found: dict[str, list[ComparedColumn]] = {}
    for one in columns:
        found.setdefault(one.version_id, []).append(one)
    return found


def _said(
    one: Candidate, ports: Sequence[StoredPort], columns: Sequence[ComparedColumn], facts: Mapping[str, Json]
) -> Pairs:
    effective = orjson.loads(one.effective)
    for pairs in (_of_product(one, effective), _of_ports(ports), _of_columns(columns[:MOST_COLUMNS])):
        yield from ((place, value[:LONGEST]) for place, value in pairs)
    yield from ((place, value[:LONGEST]) for place, value in _of_objectives(effective))
    yield from _of_facts(facts)


def _of_product(one: Candidate, effective: Mapping[str, Json]) -> Pairs:
    words = summary.of(effective)
    told = {
        "domain": one.domain,
        "owner": words.owner,
        "version": one.version,
        "status": one.status,
        "displayName": words.display_name,
        "description": words.description,
        "tags": listed(words.tags),
    }
    yield from (((Aspect.PRODUCT, name), value) for name, value in told.items() if value)


def _of_ports(ports: Sequence[StoredPort]) -> Pairs:
    for port in ports:
        told = {
            "version": port.version,
            "platform": port.platform,
            "servicesType": port.services_type,
            "api": port.api_specification,
            "tags": listed(port.tags),
        }
        place = (port.kind, port.name)
        yield (Aspect.PORT, key(*place)), port.display_name or port.name
        yield from (((Aspect.PORT, key(*place, name)), value) for name, value in told.items() if value)


def _of_columns(columns: Sequence[ComparedColumn]) -> Pairs:
    """A column is known by its port and path; a port with several datasets by those too."""
    datasets = {(one.port, one.dataset) for one in columns}
    several = {port for port, count in Counter(port for port, _ in datasets).items() if count > 1}
    for one in columns:
        place = (one.port, one.dataset, one.path) if one.port in several else (one.port, one.path)
        told = {"type": one.type, "description": one.description, "classification": listed(one.tags)}
        yield from (((Aspect.COLUMN, key(*place, name)), value) for name, value in told.items() if value)


def _of_objectives(effective: Mapping[str, Json]) -> Pairs:
    """Every value that the definition of an output port's objectives holds, by the names that lead to it."""
    components = effective.get("interfaceComponents")
    ports = components.get("outputPorts") if isinstance(components, Mapping) else None
    for port in ports if isinstance(ports, list) else ():
        promises = port.get("promises") if isinstance(port, Mapping) else None
        slo = promises.get("slo") if isinstance(promises, Mapping) else None
        if isinstance(slo, Mapping) and isinstance(port.get("name"), str):
            for steps, value in list(_leaves(slo.get("definition"), (), DEEPEST))[:MOST_OBJECTIVES]:
                yield (Aspect.SLO, key(port["name"], *steps)), value


def _leaves(value: Any, steps: tuple[str, ...], depth: int) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, Mapping) and depth:
        for name, inner in value.items():
            yield from _leaves(inner, (*steps, name), depth - 1)
    elif isinstance(value, list) and depth:
        for at, inner in enumerate(value):
            yield from _leaves(inner, (*steps, str(at)), depth - 1)
    elif value is not None:
        yield steps, value if isinstance(value, str) else orjson.dumps(value).decode()


def _of_facts(facts: Mapping[str, Json]) -> Pairs:
    compliance, trust = facts["compliance"] or {}, facts["trust"]
    if "state" in compliance:
        yield (Aspect.PRODUCT, "compliance"), compliance["state"]
    yield from (((Aspect.POLICY, id), state) for id, state in sorted(compliance.get("policies", {}).items()))
    if isinstance(trust, Mapping) and isinstance(trust.get("value"), int | float):
        yield (Aspect.TRUST, "value"), str(trust["value"])
