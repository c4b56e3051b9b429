"""meshgate search: which data products match this line?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from api.cli import options
from api.cli.options import AsJson, Config, DatabaseUrl, DataDir, Server
from api.cli.printing import show, show_json

#: reasons printed below one hit; JSON has all of them
MOST_REASONS = 3
QUERY = """query Search($line: String!, $first: Int!, $facets: Boolean!) {
  search(query: $line, first: $first) {
    total { value exact }
    didYouMean
    hints { term says line }
    facets @include(if: $facets) { field exact otherValues otherCount values { value count } }
    edges {
      match field matches { field port column snippet }
      node { fqn name version status domain owner displayName description }
    }
  }
}"""


def search(
    line: Annotated[
        list[str] | None,
        typer.Argument(
            help="Words and filters such as domain:sales, '-tag:raw' or '\"a phrase\"'; none lists everything. "
            "Write -- before a line that begins with a minus.",
            metavar="[LINE]...",
        ),
    ] = None,
    first: Annotated[int, typer.Option("--first", "-n", min=1, max=100, help="How many at most.")] = 20,
    facets: Annotated[bool, typer.Option("--facets", help="Count the domains, owners, tags … of all hits.")] = False,
    as_json: AsJson = False,
    config: Config = None,
    server: Server = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Search the catalog by GraphQL: names, descriptions, owners, domains, tags, ports and their columns."""
    from api.cli.talk import talking

    settings = options.settings(config, server=server, data_dir=data_dir, database_url=database_url)
    with talking(settings) as talk:
        found = talk.graphql(QUERY, line=" ".join(line or []), first=first, facets=facets)["search"]
    if as_json:
        show_json("search", found)
    else:
        show(_lines(found))


def _lines(found: dict[str, Any]) -> Iterator[str]:
    for edge in found["edges"]:
        yield from _hit(edge)
    total, shown = found["total"], len(found["edges"])
    many = f"{'' if total['exact'] else 'more than '}{total['value']} product{'' if total['value'] == 1 else 's'}"
    yield many + ("" if shown == total["value"] else f", the best {shown} shown")
    yield from (f"{hint['term']}: {hint['says']}" for hint in found["hints"])
    meant = [hint["line"] for hint in found["hints"] if hint["line"]]
    yield from (f"Did you mean: {line}" for line in [*meant, *found["didYouMean"]])
    yield from (_facet(facet) for facet in found.get("facets", []) if facet["values"])


def _hit(edge: dict[str, Any]) -> Iterator[str]:
    node = edge["node"]
    why = f"{edge['match']} {edge['field']}".lower().replace("_", " ")
    standing = f"domain {node['domain']}, owner {node['owner']}"
    yield f"{node['name']} {node['version']}  {node['status'].lower()}  {standing}"
    yield f"  {node['fqn']}" + (f"  ({why})" if edge["matches"] else "")
    reasons = [_reason(match) for match in edge["matches"] if match["field"] not in ("NAME", "FQN")]
    yield from (f"  {reason}" for reason in reasons[:MOST_REASONS])


def _reason(match: dict[str, Any]) -> str:
    place = " ".join(part for part in (_words(match["field"]), match["port"], match["column"]) if part)
    return f"{place}: {match['snippet']}"


def _facet(facet: dict[str, Any]) -> str:
    counts = [f"{one['value']} {one['count']}" for one in facet["values"]]
    others = [f"{facet['otherValues']} more"] if facet["otherValues"] else []
    return f"{_words(facet['field'])}{'' if facet['exact'] else ' (about)'}: {', '.join(counts + others)}"


def _words(name: str) -> str:
    return name.lower().replace("_", " ")
