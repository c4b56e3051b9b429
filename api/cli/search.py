"""meshgate search: which data products match these words?"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from api.cli import options
from api.cli.options import AsJson, Config, DatabaseUrl, DataDir, Server
from api.cli.printing import show, show_json

QUERY = """query Search($words: String!, $first: Int!) {
  search(query: $words, first: $first) {
    total { value exact }
    edges { match field node { fqn name version status domain owner displayName description } }
  }
}"""


def search(
    words: Annotated[list[str] | None, typer.Argument(help="Words; none lists everything.")] = None,
    first: Annotated[int, typer.Option("--first", "-n", min=1, max=100, help="How many at most.")] = 20,
    as_json: AsJson = False,
    config: Config = None,
    server: Server = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Search the catalog by GraphQL: names, descriptions, owners, domains, tags and ports."""
    from api.cli.talk import talking

    settings = options.settings(config, server=server, data_dir=data_dir, database_url=database_url)
    with talking(settings) as talk:
        found = talk.graphql(QUERY, words=" ".join(words or []), first=first)["search"]
    if as_json:
        show_json(found)
    else:
        show(_lines(found))


def _lines(found: dict[str, Any]) -> list[str]:
    total, edges = found["total"], found["edges"]
    many = f"{'' if total['exact'] else 'about '}{total['value']} product{'' if total['value'] == 1 else 's'}"
    lines = [line for edge in edges for line in _hit(edge)]
    shown = "" if len(edges) == total["value"] else f", the best {len(edges)} shown"
    return [*lines, f"{many}{shown}"]


def _hit(edge: dict[str, Any]) -> list[str]:
    node = edge["node"]
    why = f"{edge['match']} {edge['field']}".lower().replace("_", " ")
    title = (
        f"{node['name']} {node['version']}  {node['status'].lower()}  domain {node['domain']}, owner {node['owner']}"
    )
    return [title, f"  {node['fqn']}  ({why})"]
