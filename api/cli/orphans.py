"""meshgate orphans: what bears our labels where containers run, and is known to nobody?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer

from api.cli.options import AsJson
from api.cli.reaching import RULES, Told, answer, reaching
from api.settings import Settings


@reaching(*RULES)
def orphans(
    settings: Settings,
    environment: Annotated[str | None, typer.Option("--environment", "-e", help="Only this environment.")] = None,
    last: Annotated[bool, typer.Option("--last", help="Show the last report instead of asking the adapters.")] = False,
    as_json: AsJson = False,
) -> None:
    """Ask every adapter for what bears meshgate's labels, and list what the catalog does not know. Removes nothing."""
    from api.cli.talk import talking

    asked = {} if environment is None else {"environment": environment}
    with talking(settings, writes=not last) as talk:
        found = talk.told("GET" if last else "POST", "/v1/orphans", params=asked).body
    answer("orphans", found, _lines, as_json=as_json)


def _lines(found: Told) -> Iterator[str]:
    for one in found["reports"]:
        facts = [f"{len(one['orphans'])} orphans", f"{len(one['missing'])} missing"]
        facts += [f"{len(one['unknown'])} adapters could not say"] if one["unknown"] else []
        yield f"{one['environment']}  {', '.join(facts)}, as of {one['at']}"
        for thing in one["orphans"]:
            yield f"  orphan   {thing['name']} by {thing['adapter']}: {thing['why']}"
        for thing in one["missing"]:
            yield f"  missing  {thing['fqn']} by {thing['adapter']}, of the container {thing['container_id']}"
        for adapter in one["unknown"]:
            yield f"  unknown  {adapter['adapter']}: {adapter['reason']}"
    if not found["reports"]:
        yield "nothing was looked through yet"
