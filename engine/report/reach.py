"""How does it read whom a change of a product reaches, as JSON and as lines?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.model import Json
from engine.report.difference import lines as differences

SCHEMA = "meshgate/downstream/1"


def told(impact: Any) -> dict[str, Json]:
    """An impact (`catalog.lineage.impact.Impact`) as JSON: consumers nearest and surest first, and their owners."""
    consumers = [_consumer(one, impact.names) for one in impact.consumers]
    owners = [{**one._asdict(), "domains": list(one.domains)} for one in impact.owners]
    return {"product": impact.product.fqn, "complete": impact.complete, "consumers": consumers, "owners": owners}


def _consumer(one: Any, names: Any) -> dict[str, Json]:
    vertex = one.vertex
    facts = {name: getattr(vertex, name) for name in ("fqn", "name", "version", "status", "domain", "owner")}
    ways = [
        {
            "source": names.get(way.source, ""),
            "output_port": way.output_port,
            "input_port": way.input_port,
            "column": way.column or None,
        }
        for way in one.ways
    ]
    return {**facts, "depth": one.depth, "breaks": one.breaks, "ways": ways}


def lines(report: dict[str, Json]) -> Iterator[str]:
    """The report of a proposed descriptor for people, from its JSON."""
    yield f"{report['product']['fqn']} {report['product']['version']}"
    if report["diff"] is None:
        yield "  is new: nobody reads it yet"
        return
    yield from (f"  {line}" for line in differences(report["diff"]))
    impact = report["impact"]
    if impact is None:
        yield "  stands below the version that is listed: no consumer sees it"
        return
    surely = sum(one["breaks"] for one in impact["consumers"])
    more = "" if impact["complete"] else ", and more beyond"
    yield f"{surely} consumers break, {len(impact['consumers']) - surely} may break{more}"
    for one in impact["consumers"]:
        yield f"  {'breaks' if one['breaks'] else 'may break'}  {one['fqn']} {one['version']}, {_steps(one['depth'])}"
        yield from (f"    {_way(way)}" for way in one["ways"])
    if impact["owners"]:
        yield "talk to"
    for one in impact["owners"]:
        yield f"  {one['owner']} ({', '.join(one['domains'])}): {one['breaking']} of {one['consumers']} break"


def _steps(depth: int) -> str:
    return f"{depth} step{'' if depth == 1 else 's'} away"


def _way(way: dict[str, Json]) -> str:
    column = f" column {way['column']}" if way["column"] else ""
    return f"{way['source']} {way['output_port']}{column} -> {way['input_port']}"
