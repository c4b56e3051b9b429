"""What do the SQL adapters call what they make, what do they label it with, and how do they answer?"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.provision.adapters.asked_tables import Unreadable, usable

Body = dict[str, Any]

LONGEST = 63
"""Bytes that PostgreSQL keeps of a name; it cuts longer ones without a word, so that two become one."""


@dataclass(frozen=True, slots=True)
class Relation:
    """What one table of a port becomes: the table with the data, and the view that consumers read."""

    table: str
    view: str


def fitted(name: str) -> str:
    """The name, or its beginning with a hash of the whole where it is too long."""
    written = name.encode("utf-8")
    if len(written) <= LONGEST:
        return name
    short = written[: LONGEST - 11].decode("utf-8", "ignore")
    return f"{short}_{hashlib.sha256(written).hexdigest()[:10]}"


def container_name(ref: Mapping[str, Any]) -> str:
    """The name of the container's schema or file: told apart by environment and product line, never by a version.

    Raises Unreadable where no database can keep such a name.
    """
    container = ref["container"]
    identity = hashlib.sha256(json.dumps([ref["environment"], container["product"]]).encode()).hexdigest()[:8]
    named = usable(f"{ref['environment']}_{container['name']}_v{container['major']}", "the container", "/container")
    usable(ref["component"]["name"], "the component", "/component/name")
    return fitted(f"{'_' if named.startswith('pg_') else ''}{named[:40]}_{identity}")


def relations(ref: Mapping[str, Any], tables: tuple[str, ...]) -> tuple[Relation, ...]:
    """What the tables of a port are called. Raises Unreadable where two would be called the same."""
    port = ref["component"]["name"]
    found = tuple(Relation(fitted(f"{port}__{name}__data"), fitted(f"{port}__{name}")) for name in tables)
    names = [name.casefold() for one in found for name in (one.table, one.view)]
    if len(set(names)) < len(names):
        raise Unreadable("two tables or views of the port would be called the same")
    return found


def is_port(ref: Mapping[str, Any]) -> bool:
    return bool(ref["component"]["kind"] == "outputport")


def specification(request: Mapping[str, Any]) -> str:
    """What the definition comes to, as a hash."""
    return digest({key: request.get(key) for key in ("component", "definition", "resolved")})


def labels(ref: Mapping[str, Any], specified: str, *, retained: bool = False) -> Body:
    """What everything that is made is labelled with."""
    told = {
        "managed-by": "meshgate",
        "resource_id": ref["resource_id"],
        "container_id": ref["container"]["id"],
        "environment": ref["environment"],
        "generation": ref["generation"],
        "specification": specified,
    }
    return {**told, "retained": True} if retained else told


def digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def refused(error_class: str, message: str) -> Body:
    return {"state": "failed", "error": {"class": error_class, "message": message}}


def issue(message: str, path: str, severity: str = "error") -> Body:
    return {"severity": severity, "message": message, "path": path}


def stale(generation: int, highest: int) -> Body | None:
    """A refusal where a higher generation was asked for before."""
    if generation >= highest:
        return None
    return refused("STALE_GENERATION", f"generation {generation} comes after generation {highest} was asked for")
