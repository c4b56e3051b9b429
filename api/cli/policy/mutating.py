"""meshgate policy mutate: do the tests of these policies notice when a policy is made wrong?"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import AsJson, Config, Governance, Policies
from api.cli.policy.testing import Fixtures, Names, settings_for

JOBS = os.cpu_count() or 1


def mutate(
    names: Names = None,
    as_json: AsJson = False,
    threshold: Annotated[
        float | None, typer.Option(min=0, max=100, help="Exit with 1 where a policy's score, in percent, is below.")
    ] = None,
    fixtures: Fixtures = None,
    seconds: Annotated[float, typer.Option(min=0.1, help="Seconds that one test of one mutant may take.")] = 2.0,
    jobs: Annotated[
        int, typer.Option("--jobs", "-j", min=1, help="Mutants tried at once.", show_default="cores")
    ] = JOBS,
    most: Annotated[int | None, typer.Option(min=1, help="Mutants of one policy that are tried; else 400.")] = None,
    config: Config = None,
    policies: Policies = None,
    governance: Governance = None,
) -> None:
    """Make policies wrong in small ways and list what no test of theirs notices."""
    from api.flows.policy_mutants import mutated
    from api.wiring import House
    from engine.policy.trying.running import Terms
    from engine.report import policy_mutants

    settings = settings_for(names or [], config, policies, governance)
    with House(settings) as house:
        terms = Terms(seconds, jobs, settings.namespace)
        found = mutated(names or [], house=house, terms=terms, fixtures=fixtures or (), most=most)
    report = policy_mutants.record(found, threshold=threshold, folder=str(Path.cwd()))
    if as_json:
        from api.cli.printing import show_json

        show_json("policy-mutants", report)
    else:
        sys.stdout.write(policy_mutants.text(report))
    raise typer.Exit(policy_mutants.exit_code(report))
