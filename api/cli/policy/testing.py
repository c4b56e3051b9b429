"""meshgate policy test: do the tests of these policies pass, and what have they seen?"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli import options, outputs
from api.cli.options import Config, Governance, Policies

if TYPE_CHECKING:
    from api.settings import Settings

Names = Annotated[
    list[str] | None, typer.Argument(help="Policies, folders or files.", metavar="[PATH|ID…]", show_default=False)
]
Fixtures = Annotated[
    list[Path] | None, typer.Option(help="A folder of fixtures; repeatable; else policy-fixtures beside the policies.")
]
Seconds = Annotated[float, typer.Option(min=0.1, help="Seconds that one test may take.")]


class TestFormat(StrEnum):
    """How a run of tests is written."""

    __test__ = False  # pytest takes every class Test… for its own

    TEXT = "text"
    JSON = "json"
    JUNIT = "junit"


def run_tests(
    names: Names = None,
    form: Annotated[TestFormat, typer.Option("--format", "-f", help="How the run is written.")] = TestFormat.TEXT,
    coverage: Annotated[bool, typer.Option("--coverage", help="Also say which lines and codes were seen.")] = False,
    threshold: Annotated[
        float | None,
        typer.Option(min=0, max=100, help="Exit with 1 below so many percent of lines or codes; means --coverage."),
    ] = None,
    fixtures: Fixtures = None,
    seconds: Seconds = 5.0,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Tests that run at the same time.")] = 1,
    config: Config = None,
    policies: Policies = None,
    governance: Governance = None,
) -> None:
    """Run the tests of policies: Rego tests (*_test.rego) and fixtures."""
    from api.flows.policy_tests import tried
    from api.wiring import House
    from engine.policy.trying.running import Terms
    from engine.report import policy_tests

    settings = settings_for(names or [], config, policies, governance)
    with House(settings) as house:
        session = tried(
            names or [],
            house=house,
            fixtures=fixtures or (),
            terms=Terms(seconds, jobs, settings.namespace),
            covering=coverage or threshold is not None,
        )
    report = policy_tests.record(session, threshold=threshold, folder=str(Path.cwd()))
    sys.stdout.write(_rendered(report, form))
    raise typer.Exit(policy_tests.exit_code(report))


def settings_for(
    names: Sequence[str], config: Path | None, policies: list[str] | None, governance: Path | None
) -> Settings:
    """The settings; folders that are named and hold none of the configured policies are the policies themselves."""
    settings = options.settings(config, policies=policies, governance=governance)
    folders = [name for name in names if Path(name).is_dir()]
    if policies or not folders:
        return settings
    from api.policy_sources import folders_of

    known = [one.resolve() for one in folders_of(settings)]
    outside = [name for name in folders if not any(_overlaps(Path(name).resolve(), one) for one in known)]
    return options.settings(config, policies=outside, governance=governance) if outside else settings


def _overlaps(named: Path, known: Path) -> bool:
    """Whether one folder lies in the other, or the named one among the fixtures beside the policies."""
    return named.is_relative_to(known) or known.is_relative_to(named) or "policy-fixtures" in named.parts


def _rendered(report: dict[str, Any], form: TestFormat) -> str:
    from engine.report import policy_tests

    if form is TestFormat.JSON:
        import json

        return json.dumps(report, indent=2, ensure_ascii=False) + "\n"
    if form is TestFormat.JUNIT:
        from engine.report import policy_tests_junit

        return policy_tests_junit.render(report)
    return policy_tests.text(report, colour=outputs.colour())
