"""meshgate policy opas: which OPA servers are there, and which revision does each hold?"""

from __future__ import annotations

from typing import Any

from api.cli import options
from api.cli.options import AsJson, Config, DatabaseUrl, DataDir, Server
from api.cli.printing import show, show_json


def opas(
    as_json: AsJson = False,
    config: Config = None,
    server: Server = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """List the OPA servers that reported lately: which revision each holds, and what went wrong."""
    from api.cli.talk import talking

    settings = options.settings(config, server=server, data_dir=data_dir, database_url=database_url)
    with talking(settings) as talk:
        found = talk.told("GET", "/v1/opas").body["opas"]
    if as_json:
        show_json(found)
    else:
        show([line for one in found for line in _lines(one)] or ["no OPA server reported"])


def _lines(one: dict[str, Any]) -> list[str]:
    head = f"{one['id']}  {one['revision'] or 'no bundle'}"
    facts = f"  activated {one['activated'] or 'never'}, reported {one['at']}"
    wrong = [f"  {one['code']}: {one['message']}"] if one["code"] else []
    return [head, facts, *wrong, *(f"    {error}" for error in one["errors"])]
