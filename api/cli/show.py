"""meshgate show: what does the catalog know of a product?"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import typer

from api.cli import options, printing
from api.cli.options import AsJson, Config, DatabaseUrl, DataDir, Server, ToldAsOf

if TYPE_CHECKING:
    from api.cli.talk import Talk


def show(
    product: Annotated[str, typer.Argument(help="Name, fully qualified name or id of a product line.")],
    version: Annotated[str | None, typer.Option(help="Print this version's document as it was submitted.")] = None,
    part: Annotated[str | None, typer.Option(help="With --version: another file of the submission.")] = None,
    lineage: Annotated[bool, typer.Option("--lineage", help="Print what it reads and who reads it.")] = False,
    as_of: ToldAsOf = None,
    as_json: AsJson = False,
    config: Config = None,
    server: Server = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Print what the catalog knows of a product line, or one version byte for byte."""
    from api.cli.talk import talking

    settings = options.settings(config, server=server, data_dir=data_dir, database_url=database_url)
    with talking(settings) as talk:
        line = line_of(product, talk, as_of=as_of)
        path = f"/v1/products/{quote(line['fqn'], safe='')}"
        if version is not None:
            _there(version, line)
            parameters = {"part": part} if part else None
            sys.stdout.buffer.write(talk.told("GET", f"{path}/versions/{quote(version)}", params=parameters).content)
            return
        if lineage:
            line = _neighbours(line["fqn"], talk, revision=line.get("as_of", {}).get("revision"))
        else:
            line["slos"] = [] if "as_of" in line else _promises(path, talk)  # promises are kept or not now
    if as_json:
        printing.show_json("lineage" if lineage else "product", line)
    else:
        printing.show(_drawn(line) if lineage else _lines(line))


NAMED = """query Named($name: String!) {
  search(where: {name: {eq: $name}}, first: 100) {
    edges { node { fqn name version status domain owner displayName description } }
  }
}"""
LINEAGE = """query Lineage($fqn: String!, $revision: Int) {
  catalog(revision: $revision) {
    dataProduct(fqn: $fqn) {
      fqn version
      upstream(first: 100) { edges { node { ...step } } }
      downstream(first: 100) { edges { node { ...step } } }
    }
  }
}
fragment step on LineageStep {
  inputPort outputPort
  node {
    __typename
    ... on DataProduct { fqn version }
    ... on DanglingReference { reference }
    ... on ExternalSystem { system: name }
  }
}"""
SHOWN_BY = {"DataProduct": "fqn", "DanglingReference": "reference", "ExternalSystem": "system"}
NOTES = {
    "DataProduct": "",
    "DanglingReference": "  (dangling: not in the catalog)",
    "ExternalSystem": "  (external system)",
}


def line_of(product: str, talk: Talk, *, as_of: str | None = None) -> dict[str, Any]:
    """The line that a fully qualified name, an id or a plain name means, perhaps as it was told at a moment.

    A plain name is looked up among the products of now. Raises NotFound, UsageError and InstantInvalid.
    """
    from engine.errors import NotFound, UsageError

    then = {} if as_of is None else {"as_of": as_of}
    answer = talk.call("GET", f"/v1/products/{quote(product, safe='')}", params=then)
    if answer.status == 404 and not product.startswith("urn:"):
        found = _named_so(product, talk)
        if len(found) > 1:
            lines = ", ".join(hit["fqn"] for hit in found)
            raise UsageError(f"Several lines are named `{product}`; give one of {lines}.")
        if not found:
            raise NotFound(f"There is no product `{product}`.")
        answer = talk.call("GET", f"/v1/products/{quote(found[0]['fqn'], safe='')}", params=then)
    return answer.or_error().body


def _there(version: str, line: dict[str, Any]) -> None:
    """NotFound for a version that the line does not have, or did not have as of then: what is stored stays stored."""
    from engine.errors import NotFound

    if version not in [one["version"] for one in line["versions"]]:
        raise NotFound(f"There is no `{line['fqn']}` {version}{_then(line)}.")


def _then(line: dict[str, Any]) -> str:
    told = line.get("as_of")
    return "" if told is None else f" as of revision {told['revision']}, {told['moment']}"


def _named_so(name: str, talk: Talk) -> list[dict[str, Any]]:
    """The lines of products with exactly this name; the filter also lets display names and other cases through."""
    edges = talk.graphql(NAMED, name=name)["search"]["edges"]
    return [edge["node"] for edge in edges if edge["node"]["name"] == name]


def _neighbours(fqn: str, talk: Talk, *, revision: int | None) -> dict[str, Any]:
    from engine.errors import NotFound

    found = talk.graphql(LINEAGE, fqn=fqn, revision=revision)["catalog"]["dataProduct"]
    if found is None:
        raise NotFound(f"`{fqn}` has no lineage: every version of it is withdrawn.")
    return dict(found)


def _promises(path: str, talk: Talk) -> list[dict[str, Any]]:
    """How the current version keeps its promises; none where all versions are withdrawn."""
    answer = talk.call("GET", f"{path}/slos")
    return [] if answer.status == 404 else list(answer.or_error().body["slos"])


def _promise(one: dict[str, Any]) -> str:
    """One promise in a line, with its error budget and the latest observation."""
    promised = f"  {one['port']} {one['indicator']} {one['comparator']} {one['written'].lstrip('<>=≤≥ ')}"
    if one["last"] is None:
        return f"{promised}  unknown: nothing was observed"
    budget = f"bad {100 * one['budget']['consumed']:.4g} % of {100 * one['budget']['allowed']:.4g} % allowed"
    last = f"last {one['last']['value']} at {one['last']['observed_at'][:16]}"
    return f"{promised}  {one['state']}: {budget}, {one['observations']} observed, {last}"


def _drawn(product: dict[str, Any]) -> list[str]:
    above, below = ([edge["node"] for edge in product[side]["edges"]] for side in ("upstream", "downstream"))
    up = [f"  {_named(step, step['outputPort'])} -> {step['inputPort']}" for step in above]
    down = [f"  {step['outputPort']} -> {_named(step, step['inputPort'])}" for step in below]
    title = f"{product['fqn']} {product['version']}"
    return [title, "reads", *(up or ["  nothing"]), "is read by", *(down or ["  nobody"])]


def _named(step: dict[str, Any], port: str) -> str:
    kind = step["node"]["__typename"]
    shown = f" {port}" if kind == "DataProduct" and port else ""
    return f"{step['node'][SHOWN_BY[kind]]}{shown}{NOTES[kind]}"


def _lines(line: dict[str, Any]) -> list[str]:
    title = line["display_name"] or line["name"]
    lines = [
        f"{title}  {line['version']}  {line['status']}",
        f"  {line['fqn']}",
        f"  domain {line['domain']}, owner {line['owner']}",
    ]
    if then := _then(line):
        lines.insert(1, f" {then}")
    if line["description"]:
        lines.append(f"  {' '.join(line['description'].split())}")
    if now := line["standing"]:
        told = f"{now['state']}, confirmed {now['confirmed_at'][:19]}  decision {now['decision_id']}"
        lines.append(f"  stands by the policies of {'then' if 'as_of' in line else 'now'}: {told}")
    if line["slos"]:
        lines += ["promises", *map(_promise, line["slos"])]
    return [*lines, "versions", *(told for one in line["versions"] for told in _version(one))]


def _version(one: dict[str, Any]) -> list[str]:
    """A version in a line, and one for each thing that was built of it."""
    accepted = f"accepted {one['accepted_at'][:19]} by {one['submitted_by']}  decision {one['decision_id']}"
    built = [f"{made['name']}  {made['digest']}  {made['location']}" for made in one.get("artifacts", [])]
    return [f"  {one['version']:<12} {one['status']:<11} {accepted}", *(f"    built {made}" for made in built)]
