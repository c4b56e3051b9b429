"""What does a realistic mesh of any size look like?

A seeded generator: the same seed and size give the same descriptors, byte for byte. Words follow Zipf's law (a few
words in almost every description, most words rare), domains are of unequal size, and products read ports of earlier
products with a preference for popular ones, so that lineage has hubs and no cycles. Every descriptor keeps the rules
of the starter policies.
"""

from __future__ import annotations

import bisect
import itertools
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

NAMESPACE = "org.example"
DOMAINS = (
    "sales", "logistics", "finance", "customer", "manufacturing", "procurement", "marketing", "people",
    "service", "risk", "energy", "research",
)  # fmt: skip
PLATFORMS = ("aws:s3", "aws:postgresql", "azure:kafka", "gcp:bigquery", "onprem:postgresql")
SYLLABLES = (
    "ba",
    "co",
    "di",
    "fu",
    "ga",
    "he",
    "ki",
    "lo",
    "mu",
    "na",
    "or",
    "pe",
    "qua",
    "ri",
    "so",
    "ta",
    "ver",
    "zen",
)
COLUMN_TYPES = ("string", "integer", "number", "boolean")


@dataclass(frozen=True, slots=True)
class Size:
    """How large one product is: output ports, columns per port, and words per description."""

    ports: int = 2
    columns: int = 9
    words: int = 22


SMALL = Size(ports=1, columns=6, words=12)
TYPICAL = Size()
"""About 8 KB as JSON and 10 KB as YAML, the sizes that DESIGN §9 names."""


class Words:
    """A vocabulary whose n-th word is n times rarer than its first (Zipf, exponent 1)."""

    def __init__(self, chance: random.Random, count: int = 20_000) -> None:
        self._chance = chance
        pairs = itertools.product(SYLLABLES, repeat=4)
        self._words = ["".join(four) for four in itertools.islice(pairs, 0, count * 4, 4)]
        chance.shuffle(self._words)
        self._weights = list(itertools.accumulate(1 / rank for rank in range(1, len(self._words) + 1)))

    @property
    def vocabulary(self) -> Sequence[str]:
        """All words, the commonest first."""
        return self._words

    def one(self) -> str:
        drawn = self._chance.random() * self._weights[-1]
        return self._words[bisect.bisect(self._weights, drawn)]

    def sentence(self, count: int) -> str:
        return " ".join(self.one() for _ in range(count)).capitalize() + "."


@dataclass(frozen=True, slots=True)
class _Made:
    fqn: str
    ports: tuple[str, ...]


def products(count: int, *, seed: int = 1, size: Size = TYPICAL) -> Iterator[dict[str, Any]]:
    """`count` descriptors of one mesh, each reading only products that came before it."""
    chance = random.Random(seed)
    words = Words(chance)
    made: list[_Made] = []
    for number in range(count):
        descriptor = _product(number, chance, words, made, size)
        info = descriptor["info"]
        outputs = descriptor["interfaceComponents"]["outputPorts"]
        made.append(_Made(info["fullyQualifiedName"], tuple(port["fullyQualifiedName"] for port in outputs)))
        yield descriptor


def as_json(descriptor: dict[str, Any]) -> bytes:
    return json.dumps(descriptor, ensure_ascii=False).encode()


def as_yaml(descriptor: dict[str, Any]) -> bytes:
    """The descriptor as the block YAML that people write; only the value types that `products` uses."""
    return ("\n".join(_yaml_lines(descriptor, 0)) + "\n").encode()


def _product(number: int, chance: random.Random, words: Words, made: list[_Made], size: Size) -> dict[str, Any]:
    domain = DOMAINS[min(int(chance.expovariate(0.4)), len(DOMAINS) - 1)]
    name = f"{words.one()}{words.one().capitalize()}{number}"
    major = 1
    fqn = f"urn:dpds:{NAMESPACE}:dataproducts:{name}:{major}"
    version = f"{major}.{chance.randrange(6)}.{chance.randrange(10)}"
    outputs = [_output_port(fqn, index, chance, words, size) for index in range(max(1, size.ports))]
    inputs = [_input_port(fqn, index, read, words) for index, read in enumerate(_upstream(chance, made))]
    return {
        "dataProductDescriptor": "1.0.0",
        "info": {
            "fullyQualifiedName": fqn,
            "entityType": "dataproduct",
            "name": name,
            "version": version,
            "domain": domain,
            "displayName": words.sentence(3),
            "description": words.sentence(size.words),
            "owner": {"id": f"{words.one()}@{domain}.example.org", "name": words.one().capitalize()},
            "contactPoints": [
                {"name": "support", "description": words.sentence(6), "channel": "email", "address": "help@example.org"}
            ],
        },
        "interfaceComponents": {"inputPorts": inputs, "outputPorts": outputs},
        "internalComponents": _internals(fqn, outputs, words),
        "tags": sorted({words.one() for _ in range(3)}),
        "externalDocs": {"$href": f"https://handbook.example.org/data/{domain}/{name}"},
    }


def _upstream(chance: random.Random, made: list[_Made]) -> list[str]:
    if not made or chance.random() < 0.3:
        return []
    count = min(len(made), 1 + int(chance.expovariate(1.0)))
    # The square prefers early products: a few hubs are read by many.
    picked = {int(len(made) * chance.random() ** 2) for _ in range(count)}
    return [chance.choice(made[index].ports) for index in sorted(picked)]


def _input_port(product: str, index: int, read: str, words: Words) -> dict[str, Any]:
    return {
        "fullyQualifiedName": f"{product}:inputports:in{index}",
        "entityType": "inputport",
        "name": f"in{index}",
        "version": "1.0.0",
        "description": words.sentence(10),
        "dependsOn": read,
    }


def _output_port(product: str, index: int, chance: random.Random, words: Words, size: Size) -> dict[str, Any]:
    name = f"{words.one()}{index}"
    columns = [_column(number, chance, words) for number in range(size.columns)]
    return {
        "fullyQualifiedName": f"{product}:outputports:{name}",
        "entityType": "outputport",
        "name": name,
        "version": "1.0.0",
        "displayName": words.sentence(3),
        "description": words.sentence(size.words),
        "tags": [words.one()],
        "promises": {
            "platform": chance.choice(PLATFORMS),
            "servicesType": "datastore-services",
            "api": _definition(
                "api", name, "datastoreapi", {"schema": {"tables": [{"name": name, "columns": columns}]}}
            ),
            "slo": _definition("slo", name, "slo", {"freshness": "P1D", "availability": 99.5}),
            "deprecationPolicy": _definition("deprecation", name, "text", {"noticePeriod": "P90D"}),
        },
        "expectations": {
            "audience": _definition("audience", name, "text", {"description": words.sentence(8)}),
            "usage": _definition("usage", name, "text", {"description": words.sentence(8)}),
        },
        "obligations": {
            "termsAndConditions": _definition("terms", name, "text", {"description": words.sentence(12)}),
            "sla": _definition("sla", name, "text", {"supportHours": "09:00-17:00"}),
        },
    }


def _column(number: int, chance: random.Random, words: Words) -> dict[str, Any]:
    return {
        "name": f"{words.one()}_{number}",
        "type": chance.choice(COLUMN_TYPES),
        "nullable": chance.random() < 0.2,
        "description": words.sentence(7),
    }


def _definition(kind: str, name: str, specification: str, definition: dict[str, Any]) -> dict[str, Any]:
    return {"name": f"{kind}{name}", "version": "1.0.0", "specification": specification, "definition": definition}


def _internals(product: str, outputs: list[dict[str, Any]], words: Words) -> dict[str, Any]:
    store = f"{product}:infrastructure:store"
    return {
        "applicationComponents": [
            {
                "name": "transform",
                "version": "1.0.0",
                "description": words.sentence(8),
                "platform": "onprem:python",
                "applicationType": "batch-transformation",
                "providesTo": [port["fullyQualifiedName"] for port in outputs],
                "dependsOn": [store],
            }
        ],
        "infrastructuralComponents": [
            {
                "name": "store",
                "version": "1.0.0",
                "description": words.sentence(8),
                "platform": "onprem:filesystem",
                "infrastructureType": "storage-resource",
            }
        ],
    }


def _yaml_lines(value: Any, depth: int) -> Iterator[str]:
    pad = "  " * depth
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _yaml_entry(f"{pad}{key}:", item, depth)
    else:
        for item in value:
            if isinstance(item, dict) and item:
                lines = list(_yaml_lines(item, depth + 1))
                yield f"{pad}- {lines[0].lstrip()}"
                yield from lines[1:]
            else:
                yield f"{pad}- {json.dumps(item, ensure_ascii=False)}"


def _yaml_entry(start: str, item: Any, depth: int) -> Iterator[str]:
    if isinstance(item, dict | list) and item:
        yield start
        yield from _yaml_lines(item, depth + 1)
    else:
        yield f"{start} {json.dumps(item, ensure_ascii=False)}"
