"""meshgate policy docs: what do people read about the policies, and is it still so?"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import options
from api.cli.options import Config, Governance, Policies
from api.cli.printing import note, show

if TYPE_CHECKING:
    from engine.policy.global_policies import GlobalPolicy
    from engine.report.policy_pages import Mandate

FIXTURES = "policy-fixtures"
STALE = 1


def docs(
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder of the pages.")] = Path("docs/policies"),
    check: Annotated[bool, typer.Option("--check", help="Write nothing; name the pages that are stale.")] = False,
    fixtures: Annotated[
        Path | None, typer.Option(help="The folder of fixtures; else policy-fixtures in the governance folder.")
    ] = None,
    config: Config = None,
    policies: Policies = None,
    governance: Governance = None,
) -> None:
    """Write a page about each policy and an index, from its annotations, fixtures and global policies.

    The folder belongs to these pages: one about a policy that is gone is removed.
    """
    from api.flows import policy_pages
    from api.wiring import House

    settings = options.settings(config, policies=policies, governance=governance)
    home = settings.governance
    own = home / FIXTURES if home and (home / FIXTURES).is_dir() else None
    with House(settings) as house:
        every = list(house.bundle.policies.values())
        words = house.governance.global_policies
    mandated = _mandates(home, words, output) if home else {}
    pages = policy_pages.written(every, fixtures=fixtures or own, mandates=mandated)
    stale = policy_pages.stale(pages, output)
    if not check:
        _write(pages, output, stale)
    if stale:
        show(os.path.relpath(output / name) for name in stale)
    if check and stale:
        note(f"{len(stale)} page{'' if len(stale) == 1 else 's'} stale; write them with `meshgate policy docs`")
        raise typer.Exit(STALE)


def _write(pages: Mapping[str, str], folder: Path, stale: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in stale:
        if name in pages:
            (folder / name).write_text(pages[name], encoding="utf-8", newline="\n")
        else:
            (folder / name).unlink()


def _mandates(governance: Path, words: Iterable[GlobalPolicy], out: Path) -> dict[str, list[Mandate]]:
    """The global policies by the policies that they name, linked from the folder of the pages."""
    from engine.report.policy_pages import Mandate

    found: dict[str, list[Mandate]] = {}
    for one in words:
        link = Path(os.path.relpath(governance / one.file, out)).as_posix()
        for policy in one.policies:
            found.setdefault(policy, []).append(Mandate(one.id, one.title, link))
    return found
