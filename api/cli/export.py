"""meshgate export: what does meshgate make of a descriptor?"""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import options
from api.cli.options import AsOf, Config, Governance, Namespace, Policies
from engine.errors import DescriptorUnreadable
from engine.model import Event, Json, ProblemSeverity

if TYPE_CHECKING:
    from api.wiring import House
    from engine.model import Descriptor


def export(
    file: Annotated[Path, typer.Argument(help="The root document.", exists=True, dir_okay=False)],
    effective: Annotated[
        bool, typer.Option("--effective", help="Print exactly the input that policies see, `_context` included.")
    ] = False,
    event: Annotated[Event, typer.Option(help="The event of that input.")] = Event.SUBMIT,
    environment: Annotated[str | None, typer.Option(help="The environment of that input.")] = None,
    as_of: AsOf = None,
    config: Config = None,
    namespace: Namespace = None,
    policies: Policies = None,
    governance: Governance = None,
) -> None:
    """Print the descriptor as one JSON document: references resolved, read-only fields filled in."""
    from api.flows import moments
    from api.wiring import House
    from engine.descriptor import Directory, Submission, ingest

    moment = moments.as_of(as_of)
    settings = options.settings(config, namespace=namespace, policies=policies, governance=governance)
    with House(settings) as house:
        descriptor = ingest(Submission(file.name, Directory(file.parent), house.remote()), namespace=settings.namespace)
        if descriptor.effective is None:
            raise _unreadable(descriptor)
        now = moment or house.clock()
        shown = _input(house, descriptor, event, environment, now) if effective else descriptor.effective
    json.dump(shown, sys.stdout, indent=2, ensure_ascii=False)
    print()


def _input(house: House, descriptor: Descriptor, event: Event, environment: str | None, now: datetime) -> Json:
    from api.flows.facts import local
    from engine.decide import effective_input

    facts = local(event=event, environment=environment, now=now)
    rules = house.rules
    return effective_input(descriptor, facts=facts, bundle=rules.bundle, governance=rules.governance)


def _unreadable(descriptor: Descriptor) -> DescriptorUnreadable:
    problem = next(one for one in descriptor.problems if one.severity is ProblemSeverity.ERROR)
    place = problem.place
    return DescriptorUnreadable(f"{place.file}:{place.line}:{place.column}: {problem.code} {problem.msg}")
