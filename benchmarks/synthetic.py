"""What would be the stream of a mesh of any size, made up without deciding anything?

`python -m benchmarks.synthetic COUNT > STREAM`, for `meshgate db load` into a catalog made with `db create
--benchmarks`. The same seed gives the same bytes. Words follow Zipf's law, domains are of unequal size, products read
earlier ones with a preference for popular ones. Every product is a revision of its own, as if it had been submitted.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from benchmarks.meshes import COLUMN_TYPES, DOMAINS, NAMESPACE, PLATFORMS, Words
from catalog import decisions, feed, versions
from catalog.chain import START, linked
from catalog.origin import SYNTHETIC
from catalog.stream.framing import Mark, Written, header
from catalog.stream.rows import DECISION_FACTS
from catalog.tables.columns import dumps
from engine.descriptor.completion import name_of
from engine.descriptor.digest import digest_of

ENGINE = f"{SYNTHETIC} 1"
PRINCIPAL = "benchmark"
BEGUN = datetime(2026, 1, 1, tzinfo=UTC)
OWNERS = 5_000
_SPREAD, _RANGE = 2654435761, 2**32
"""Multiplying by a number without common factors spreads consecutive numbers over a range (Knuth, TAOCP 6.4)."""


def stream(count: int, *, seed: int = 1) -> Iterator[bytes]:
    """The lines of a stream of so many products."""
    written, head = Written(), Mark(0, START, 0)
    yield written.line(header(head, complete=True))
    for number, descriptor in enumerate(descriptors(count, seed=seed)):
        lines, head = _revision(number, descriptor, head)
        for line in lines:
            yield written.line(line)
    yield written.end(head)


def descriptors(count: int, *, seed: int = 1) -> Iterator[dict[str, Any]]:
    """Effective descriptors of about 1 KB."""
    made = Made(seed)
    return (made.product(number) for number in range(count))


class Made:
    """Products by their number: what a later one reads of an earlier one follows from its number alone."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._words = Words(self._chance)
        self._names = [self._words.one() for _ in range(5_000)]

    @property
    def vocabulary(self) -> Sequence[str]:
        """The words that descriptors are made of, the commonest first."""
        return self._words.vocabulary

    def name(self, number: int) -> str:
        """Two words and the number."""
        spread = number * _SPREAD % _RANGE
        first, second = spread % len(self._names), spread // len(self._names) % len(self._names)
        return f"{self._names[first]}{self._names[second].capitalize()}{number}"

    def fqn(self, number: int) -> str:
        return f"urn:dpds:{NAMESPACE}:dataproducts:{self.name(number)}:1"

    def product(self, number: int) -> dict[str, Any]:
        chance, words = self._chance, self._words
        domain = DOMAINS[min(int(chance.expovariate(0.4)), len(DOMAINS) - 1)]
        owner = int(OWNERS * chance.random() ** 2)
        info = {
            "fullyQualifiedName": self.fqn(number),
            "entityType": "dataproduct",
            "name": self.name(number),
            "version": "1.0.0",
            "domain": domain,
            "displayName": words.sentence(2),
            "description": words.sentence(20),
            "owner": {"id": f"{self._names[owner % len(self._names)]}{owner}@example.org"},
        }
        inputs = [self._input(at, read) for at, read in enumerate(self._upstream(number))]
        ports = {"inputPorts": inputs, "outputPorts": [self._output()]}
        tags = sorted({words.one() for _ in range(2)})
        return {"dataProductDescriptor": "1.0.0", "info": info, "interfaceComponents": ports, "tags": tags}

    def _upstream(self, number: int) -> list[int]:
        if number == 0 or self._chance.random() < 0.3:
            return []
        count = min(number, 1 + int(self._chance.expovariate(1.0)))
        # The square prefers early products: a few hubs are read by many.
        return sorted({int(number * self._chance.random() ** 2) for _ in range(count)})

    def _input(self, at: int, read: int) -> dict[str, Any]:
        return {"name": f"in{at}", "version": "1.0.0", "dependsOn": f"{self.fqn(read)}:outputports:main"}

    def _output(self) -> dict[str, Any]:
        columns = [{"name": f"{self._words.one()}_{at}", "type": COLUMN_TYPES[at]} for at in range(3)]
        definition = {"schema": {"tables": [{"name": "main", "columns": columns}]}}
        api = {"specification": "datastoreapi", "definition": definition}
        told = {"name": "main", "version": "1.0.0", "description": self._words.sentence(6)}
        return {**told, "promises": {"platform": self._chance.choice(PLATFORMS), "api": api}}


def _revision(number: int, effective: dict[str, Any], head: Mark) -> tuple[list[dict[str, Any]], Mark]:
    """The lines of the revision that accepted this product, and where they lead to."""
    revision, at = head.revision + 1, BEGUN + timedelta(seconds=number)
    identity = name_of(effective, None).identity
    assert identity is not None
    decision = _decision(f"{number + 1:032x}", identity, at)
    content = orjson.dumps(effective)
    version = versions.accepted_as(identity, effective=content, digest=digest_of(effective))
    version |= {"root": "product.json", "decision_id": decision["id"], "submitted_by": PRINCIPAL, "accepted_at": at}
    changes = _changes(decision, version, head.cursor)
    entries = sorted(
        [
            ("decision", decision["id"], decisions.digest(decision)),
            ("version", version["id"], versions.digest(version, [hashlib.sha256(content).hexdigest()])),
            *(("change", str(one["cursor"]), feed.digest(one)) for one in changes),
        ]
    )
    link = linked(head.hash, revision, entries)
    part = {"path": "product.json", "text": content.decode()}
    kept = ("id", "version", "domain", "digest", "root", "decision_id", "submitted_by", "accepted_at")
    told = {"fqn": identity.fqn, **{name: version[name] for name in kept}, "effective": effective, "parts": [part]}
    lines = [
        {"type": "decision", "revision": revision, **decision},
        {"type": "version", "revision": revision, **told},
        *({"type": "change", "revision": revision, **one} for one in changes),
        {"type": "link", "revision": revision, "at": at, "previous_hash": head.hash, "hash": link, "entries": entries},
    ]
    return lines, Mark(revision, link, head.cursor + len(changes))


def _decision(id: str, identity: Any, at: datetime) -> dict[str, Any]:
    record = {"file": "product.json", "decision": {"id": id, "outcome": "accepted", "policies": [], "findings": []}}
    told = dict.fromkeys(DECISION_FACTS)
    told |= {"id": id, "outcome": "accepted", "provisional": False, "event": "submit", "engine": ENGINE}
    told |= {name: getattr(identity, name) for name in ("fqn", "version", "domain")}
    told |= {"moment": at, "at": at, "principal": PRINCIPAL}
    return {**told, "record_digest": hashlib.sha256(dumps(record)).hexdigest(), "record": record}


def _changes(decision: dict[str, Any], version: dict[str, Any], cursor: int) -> list[dict[str, Any]]:
    told = {name: decision[name] for name in ("version", "outcome", "event", "environment")}
    accepted = {"version": version["version"], "digest": version["digest"], "decision": decision["id"]}
    kinds = {"decision.accepted": {"decision": decision["id"], **told}, "version.accepted": accepted}
    about = {"subject": decision["fqn"], "domain": decision["domain"], "principal": PRINCIPAL, "at": decision["at"]}
    return [
        {"cursor": cursor + at, "kind": kind, "payload": payload, **about}
        for at, (kind, payload) in enumerate(kinds.items(), start=1)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, help="how many products")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    for line in stream(asked.count, seed=asked.seed):
        sys.stdout.buffer.write(line)


if __name__ == "__main__":
    main()
