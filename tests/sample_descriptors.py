"""Which descriptors do the ingestion tests start from: one of our own that uses everything, and the published ones."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "dpds"
"""Public sample data, which is beside a checkout or is not."""


def _is_descriptor(path: Path) -> bool:
    return b'"dataProductDescriptor"' in path.read_bytes() and "dataProductDescriptor" in json.loads(path.read_bytes())


SAMPLES = tuple(path for path in sorted(DATA.rglob("*.json")) if path.name != "schema.json" and _is_descriptor(path))


def copied(value: Any) -> Any:
    return copy.deepcopy(value)


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
