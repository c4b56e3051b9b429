"""What is wrong with the policies and with where they are assigned?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import GovernanceInvalid
from engine.policy import governance, linting, unreachable
from engine.policy.flaws import Flaw

if TYPE_CHECKING:
    from engine.model import Bundle
    from engine.policy.modules import Source


@dataclass(frozen=True, slots=True)
class Linted:
    """The file of each policy by its id, how many modules were looked at, and every flaw in order of place."""

    policies: Mapping[str, str]
    modules: int
    flaws: tuple[Flaw, ...]


def lint(modules: Mapping[str, Source], *, folder: Path | None = None) -> Linted:
    """Every flaw of these modules, and of the assignments and waivers in this governance folder.

    The folder is looked at where the modules make a bundle: without one, nothing says what is assigned. Raises
    PolicyEngineUnavailable where no worker can run.
    """
    found = linting.linted(modules)
    assigned = _assigned(found.bundle, folder) if found.bundle and folder else []
    return Linted(found.policies, found.modules, tuple(sorted([*found.flaws, *assigned])))


def _assigned(bundle: Bundle, folder: Path) -> list[Flaw]:
    try:
        held = governance.load(folder, bundle)
    except GovernanceInvalid as error:
        breaches = error.context.get("breaches", ())
        return [Flaw(str(folder / one.file), one.line, 1, "PL601", one.msg) for one in breaches] or [
            Flaw(str(folder), 1, 1, "PL601", error.detail)
        ]
    found = unreachable.unreachable(held.assignments, bundle.policies, list(held.environments))
    return [Flaw(str(folder / one.file), one.line, one.column, one.code, one.msg) for one in found]
