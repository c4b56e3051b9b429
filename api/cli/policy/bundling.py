"""meshgate policy bundle: write the policies and governance that hold here as one bundle, and sign it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import options
from api.cli.options import Config, Governance, Policies
from api.cli.printing import show
from engine.errors import UsageError

if TYPE_CHECKING:
    from engine.policy.archive import Archive, Signer


def bundle(
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write.", metavar="FILE")] = Path(
        "mesh.tar.gz"
    ),
    sign: Annotated[Path | None, typer.Option(help="Sign it with the private key in this PEM file.")] = None,
    key_id: Annotated[
        str | None, typer.Option(help="The name under which OPA servers know the key; else its thumbprint.")
    ] = None,
    released: Annotated[
        str | None,
        typer.Option(help="The moment of the release, such as that of the last commit; else the beginning of today."),
    ] = None,
    config: Config = None,
    policies: Policies = None,
    governance: Governance = None,
) -> None:
    """Write the policies, assignments and waivers as one OPA bundle; the same values give the same bytes."""
    from api.flows.bundles import built
    from api.wiring import House
    from engine.policy import archive

    if key_id and sign is None:
        raise UsageError("--key-id names the key of --sign; give both.")
    moment, signer = _moment(released), _signer(sign, key_id)
    with House(options.settings(config, policies=policies, governance=governance)) as house:
        content = built(house, released=moment, signer=signer)
        count = len(house.bundle.policies)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_bytes(content)
    show(_told(archive.read(content, str(output)), count))


def _moment(text: str | None) -> datetime | None:
    from engine.policy import dates

    try:
        return None if text is None else dates.beginning(text)
    except ValueError as reason:
        raise UsageError(f"--released: {reason}.") from None


def _signer(sign: Path | None, key_id: str | None) -> Signer | None:
    if sign is None:
        return None
    from engine.policy import keys
    from engine.policy.archive import Signer

    key = keys.signing(sign)
    return Signer(key, key_id or key.id)


def _told(made: Archive, count: int) -> list[str]:
    snapshot = made.snapshot
    signed = f"signed by {snapshot.key_id}" if snapshot.key_id else "not signed"
    return [
        f"{made.name}: {count} polic{'y' if count == 1 else 'ies'}, {signed}",
        f"  revision    {made.revision}",
        f"  assignments {snapshot.assignments_digest}",
        f"  waivers     {snapshot.waivers_digest}",
        f"  released    {snapshot.released.isoformat()}",
    ]
