"""meshgate policy suspend, unsuspend: how is a policy set aside for a while?"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

import typer

from api.cli.printing import last, note
from api.cli.reaching import CATALOG, RULES, reaching
from api.settings import Settings

Id = Annotated[str, typer.Argument(help="The policy's id.", metavar="ID")]


@reaching(*RULES)
def suspend(
    settings: Settings,
    policy: Id,
    reason: Annotated[str, typer.Option(help="Why; every decision that it affects shows it.")],
    until: Annotated[str, typer.Option(help="The last day, or a moment with offset.")],
) -> None:
    """Demote a policy to a shadow until its end: it is asked and recorded, and rejects nothing."""
    from api.cli.talk import talking

    with talking(settings, writes=True) as talk:
        made = talk.told("POST", _address(policy), json={"reason": reason, "until": until}).body
    note(f"suspended: {made['policy']} until {last(made['ends'])}")


@reaching(*CATALOG)
def unsuspend(
    settings: Settings,
    policy: Id,
) -> None:
    """Take a suspended policy back into force now."""
    from api.cli.talk import talking

    with talking(settings, writes=True) as talk:
        talk.told("DELETE", _address(policy))
    note(f"in force: {policy}")


def _address(policy: str) -> str:
    return f"/v1/policies/{quote(policy, safe='')}/suspension"
