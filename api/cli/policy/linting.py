"""meshgate policy lint: what is wrong with these policies, before any document meets them?"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli import options, outputs
from api.cli.options import Config, Format, Governance, Policies
from api.cli.outputs import Render
from engine.errors import UsageError

if TYPE_CHECKING:
    from api.wiring import House
    from engine.policy.flaws import Flaw
    from engine.policy.modules import Source

WRITTEN = (Format.TEXT, Format.JSON, Format.SARIF, Format.GITHUB)
"""The formats that say something about policies; the others are about documents."""
BROKEN, NOTHING = 1, 3


class FailOn(StrEnum):
    """From which severity on a flaw makes the command end with 1."""

    ERROR = "error"
    WARNING = "warning"


def lint(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Folders or files of policies; else those configured.", metavar="[PATH…]"),
    ] = None,
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--format", "-f", help=f"{', '.join(WRITTEN)}; each also as FORMAT=PATH.", metavar="FORMAT[=PATH]"
        ),
    ] = None,
    fail_on: Annotated[FailOn, typer.Option(help="What makes the exit code 1.")] = FailOn.ERROR,
    config: Config = None,
    policies: Policies = None,
    governance: Governance = None,
) -> None:
    """Look for everything that is wrong with policies and assignments; `explain PL101` says more of one rule."""
    from api.flows.lint import lint
    from api.wiring import House
    from engine.report import lint as listing

    targets = _targets(formats or [])
    with House(options.settings(config, policies=policies, governance=governance)) as house:
        modules, folder = _asked(house, paths or [])
        found = lint(modules, folder=folder)
    flaws = [_told(one) for one in found.flaws if _is_below(one.file, paths or [])]
    looked_at = sorted(id for id, file in found.policies.items() if _is_below(file, paths or []))
    told = listing.report(looked_at, found.modules, flaws)
    outputs.write(targets, _rendering(told), colour=outputs.colour())
    counted = [one for one in flaws if one["severity"] == "error" or fail_on is FailOn.WARNING]
    if counted or not looked_at:
        raise typer.Exit(BROKEN if counted else NOTHING)


def _targets(asked: Sequence[str]) -> list[outputs.Target]:
    targets = outputs.targets(asked)
    for form, _ in targets:
        if form not in WRITTEN:
            raise UsageError(f"`{form}` says nothing about policies; choose {', '.join(WRITTEN)}.")
    return targets


def _asked(house: House, paths: Sequence[Path]) -> tuple[Mapping[str, Source], Path | None]:
    """The modules to look at, and the governance folder that goes with them.

    A part of the configured policies is looked at with all of them, because it may refer to any; other folders alone.
    """
    from engine.policy import modules

    if missing := [str(path) for path in paths if not path.exists()]:
        raise UsageError(f"{', '.join(missing)} does not exist.")
    folders = [folder.resolve() for folder in (*house.policy_sources.folders, house.settings.governance) if folder]
    if all(any(path.resolve().is_relative_to(folder) for folder in folders) for path in paths):
        return house.policy_sources.modules(), house.settings.governance
    return modules.collect([path if path.is_dir() else path.parent for path in paths]), None


def _is_below(file: str, paths: Sequence[Path]) -> bool:
    return not paths or any(Path(file).resolve().is_relative_to(path.resolve()) for path in paths)


def _told(flaw: Flaw) -> dict[str, Any]:
    return {
        "code": flaw.code,
        "name": flaw.rule.name,
        "severity": flaw.rule.severity.value,
        "file": os.path.relpath(flaw.file) if flaw.file else "",
        "line": flaw.line,
        "column": flaw.column,
        "msg": flaw.msg,
        "hint": flaw.hint,
    }


def _rendering(told: dict[str, Any]) -> Render:
    from importlib import metadata

    from api.cli.formats import source_lines
    from engine.policy.lint_rules import RULES
    from engine.report import lint, rules

    def rendered(form: Format, colour: bool) -> Iterable[str]:
        match form:
            case Format.JSON:
                return lint.json(told)
            case Format.SARIF:
                return lint.sarif(told, rules=rules.known((), RULES.values()), version=metadata.version("meshgate"))
            case Format.GITHUB:
                return lint.github(told)
            case _:
                return lint.text(told, source=source_lines, colour=colour)

    return rendered
