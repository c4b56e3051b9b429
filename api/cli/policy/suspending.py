"""meshgate policy suspend, unsuspend: how is a policy set aside for a while?"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

import typer

from api.cli import options
from api.cli.options import Config, DatabaseUrl, DataDir, Governance, Policies, Server
from api.cli.printing import last, note

Id = Annotated[str, typer.Argument(help="The policy's id.", metavar="ID")]


def suspend(
    policy: Id,
    reason: Annotated[str, typer.Option(help="Why; every decision that it affects shows it.")],
    until: Annotated[str, typer.Option(help="The last day, or a moment with offset.")],
    config: Config = None,
    server: Server = None,
    policies: Policies = None,
    governance: Governance = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Demote a policy to a shadow until its end: it is asked and recorded, and rejects nothing."""
    from api.cli.talk import talking

    settings = options.settings(
        config,
        server=server,
        policies=policies,
        governance=governance,
        data_dir=data_dir,
        database_url=database_url,
    )
    with talking(settings, writes=True) as talk:
        made = talk.told("POST", _address(policy), json={"reason": reason, "until": until}).body
    note(f"suspended: {made['policy']} until {last(made['ends'])}")


def unsuspend(
    policy: Id,
    config: Config = None,
    server: Server = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Take a suspended policy back into force now."""
    from api.cli.talk import talking

    settings = options.settings(config, server=server, data_dir=data_dir, database_url=database_url)
    with talking(settings, writes=True) as talk:
        talk.told("DELETE", _address(policy))
    note(f"in force: {policy}")


def _address(policy: str) -> str:
    return f"/v1/policies/{quote(policy, safe='')}/suspension"
