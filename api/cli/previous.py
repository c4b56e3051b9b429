"""Which version came before the one that is checked (`check --previous FILE`)?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.errors import UsageError
from engine.model import Part

if TYPE_CHECKING:
    from api.wiring import House

Previous = Annotated[
    Path | None,
    typer.Option(
        help="The previous version of the product: tells version numbers that hide what changed since.", metavar="FILE"
    ),
]


def before(path: Path | None, house: House) -> tuple[dict[str, Any] | None, tuple[Part, ...]]:
    """The effective descriptor of the previous version and, where it needs them, its files; raises UsageError."""
    if path is None:
        return None, ()
    from engine.descriptor import Directory, Submission, ingest
    from engine.descriptor.contracts.elsewhere import any_leads_elsewhere

    there = Submission(path.name, Directory(path.parent), house.remote())
    found = ingest(there, namespace=house.settings.namespace)
    if found.effective is None or found.identity is None:
        first = next((f": {one.code} {one.msg}" for one in found.problems if one.severity == "error"), "")
        raise UsageError(f"`--previous {path}` is no descriptor that can be compared with{first}.")
    return found.effective, found.parts if any_leads_elsewhere(found.effective) else ()
