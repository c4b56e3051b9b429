"""Which descriptors do the ingestion tests start from: one of our own that uses everything, and the published ones."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "dpds"
"""Public sample data, which is beside a checkout or is not."""


def _is_descriptor(path: Path) -> bool:
    return b'"dataProductDescriptor"' in path.read_bytes() and "dataProductDescriptor" in json.loads(path.read_bytes())


SAMPLES = tuple(path for path in sorted(DATA.rglob("*.json")) if path.name != "schema.json" and _is_descriptor(path))


def definition(name: str = "api", **more: Any) -> dict[str, Any]:
    """A standard definition."""
    return {"name": name, "version": "1.0.0", "specification": "spec", "definition": {"any": ["thing"]}, **more}


def port(name: str, **more: Any) -> dict[str, Any]:
    """A port with promises."""
    promises = {"platform": "aws", "servicesType": "sql", "api": definition(), "slo": definition("slo")}
    return {"name": name, "version": "1.2.0", "promises": promises, **more}


def full() -> dict[str, Any]:
    """A descriptor without problems that uses every entity of DPDS 1.0.0."""
    line = "urn:dpds:org.example:dataproducts:orders:1"
    return {
        "dataProductDescriptor": "1.0.0",
        "info": {
            "fullyQualifiedName": line,
            "name": "orders",
            "version": "1.4.0",
            "domain": "sales",
            "displayName": "Orders",
            "owner": {"id": "jo@example.com", "name": "Jo"},
            "contactPoints": [{"name": "support", "channel": "email", "address": "help@example.com"}],
            "x-cost": None,
        },
        "interfaceComponents": {
            "inputPorts": [port("raw", dependsOn="urn:dpds:org.example:dataproducts:shop:2:outputports:clicks")],
            "outputPorts": [
                port("placed", description="Orders", tags=["pii"], expectations={"audience": definition("audience")}),
                port("daily", obligations={"sla": definition("sla"), "termsAndConditions": definition("terms")}),
            ],
            "discoveryPorts": [{"name": "catalog", "version": "1.0.0"}],
            "observabilityPorts": [{"name": "health", "version": "1.0.0"}],
            "controlPorts": [{"name": "admin", "version": "1.0.0"}],
        },
        "internalComponents": {
            "lifecycleInfo": {
                "dev": [
                    {
                        "name": "deploy",
                        "order": 1,
                        "service": {"$href": "{azure-devops}"},
                        "template": definition("pipeline"),
                        "configurations": {"stage": "dev", "x": None},
                    },
                    {},
                ]
            },
            "applicationComponents": [
                {
                    "name": "loader",
                    "version": "1.0.0",
                    "applicationType": "spark",
                    "consumesFrom": [f"{line}:inputports:raw"],
                    "providesTo": [f"{line}:outputports:placed"],
                    "dependsOn": [f"{line}:infrastructure:store"],
                }
            ],
            "infrastructuralComponents": [{"name": "store", "version": "1.0.0", "infrastructureType": "s3"}],
        },
        "components": {"apis": {"orders-api": definition()}, "templates": {"pipe": definition()}},
        "tags": ["gold"],
        "externalDocs": {"$href": "https://example.com/orders"},
        "x-team": {"$ref": "kept as it is"},
    }


def mutated(document: Any, chance: random.Random) -> Any:
    """The document with one to three values dropped, retyped, emptied or renamed."""
    document = copy.deepcopy(document)
    for _ in range(chance.randint(1, 3)):
        holder, key = chance.choice(list(_places(document)))
        match chance.randrange(6):
            case 0:
                del holder[key]
            case 1 if isinstance(holder, dict):
                holder[chance.choice(["", "01", "a b", "x-a", "name", "$ref", "tags"])] = holder.pop(key)
            case _:
                holder[key] = chance.choice([None, "", 1, 1.5, True, [], {}, ["x"], [1], {"$ref": "#/a"}, {"$href": 1}])
    return document


def _places(node: Any) -> Iterator[tuple[Any, Any]]:
    for key, value in list(node.items() if isinstance(node, dict) else enumerate(node)):
        yield node, key
        if isinstance(value, dict | list):
            yield from _places(value)
