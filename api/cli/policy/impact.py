"""meshgate policy impact: what would these policies and this governance newly block, let pass, or say otherwise?"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli import options
from api.cli.options import Config, DatabaseUrl, DataDir, Governance, Policies, Server
from engine.errors import UsageError
from engine.model import Event

if TYPE_CHECKING:
    from api.settings import Settings
    from api.wiring import House
    from engine.policy.reuse import Reusing
    from engine.policy.rules import Rules

WORK_TREE = "the working tree"
FAILED = 1


class Written(StrEnum):
    """How an impact report is written."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


class FailOn(StrEnum):
    """What makes the command end with exit code 1."""

    NEVER = "never"
    NEWLY_BLOCKING = "newly-blocking"
    CHANGE = "change"


def impact(
    base: Annotated[str, typer.Option(help="A git revision, a folder, a bundle file or its address: what holds now.")],
    head: Annotated[
        str | None, typer.Option(help="What is proposed, in the same forms; else the configured folders.")
    ] = None,
    event: Annotated[Event, typer.Option(help="The event to decide for.")] = Event.SUBMIT,
    environment: Annotated[str | None, typer.Option(help="The environment to decide for, with --event deploy.")] = None,
    decisions: Annotated[
        int | None, typer.Option(min=1, help="Also judge so many past decisions again, the newest first.")
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Also judge past decisions again that were made since this day."),
    ] = None,
    form: Annotated[Written, typer.Option("--format", "-f", help="How the report is written.")] = Written.TEXT,
    fail_on: Annotated[FailOn, typer.Option(help="What ends the command with exit code 1.")] = FailOn.NEVER,
    config: Config = None,
    server: Server = None,
    policies: Policies = None,
    governance: Governance = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Say what a change of policies or governance would do to the products in the catalog, before it is merged.

    Both sets of rules decide every product, here, on the embedded engine; a server is only asked for the facts.
    """
    settings = options.settings(
        config,
        server=server,
        policies=policies,
        governance=governance,
        data_dir=data_dir,
        database_url=database_url,
    )
    if since is not None and since.tzinfo is None:
        from datetime import UTC

        since = since.replace(tzinfo=UTC)
    report = _report(settings, base, head, event, environment, decisions, since)
    print(_rendered(report, form), end="")
    if _fails(report["summary"], fail_on):
        raise typer.Exit(FAILED)


def _report(
    settings: Settings,
    base: str,
    head: str | None,
    event: Event,
    environment: str | None,
    count: int | None,
    since: datetime | None,
) -> dict[str, Any]:
    from api.cli.policy.comparing import Catalog
    from api.cli.policy.rule_sets import named
    from api.cli.talk import talking
    from api.wiring import House
    from engine.impact import Comparison, Side
    from engine.policy.reuse import InMemoryAnswers, Reusing
    from engine.report import impact

    here = replace(settings, opa_url=None)
    with ExitStack() as stack:
        before = stack.enter_context(House(stack.enter_context(named(base, here))))
        after = stack.enter_context(House(stack.enter_context(named(head, here)) if head is not None else here))
        _known(environment, after)
        engine = Reusing(after.engine, InMemoryAnswers(), after.readings)
        talk = stack.enter_context(talking(settings))
        catalog = Catalog(talk, event=event, environment=environment, now=after.clock())
        old, new = (Side(catalog.beside(one.rules), one.readings(one.bundle)) for one in (before, after))
        comparison = Comparison(old, new, engine)
        found = catalog.compared(comparison)
        past = None
        if count is not None or since is not None:
            past = catalog.past(comparison, count=count or 1_000_000, since=since)
        return impact.report(
            base=_named(base, old.rules),
            head=_named(head or WORK_TREE, new.rules),
            event=event.value,
            catalog=found,
            past=past,
            work=_work(engine),
        )


def _known(environment: str | None, house: House) -> None:
    if environment is not None and environment not in house.environments:
        known = ", ".join(house.environments)
        raise UsageError(f"There is no environment `{environment}`; there are {known}.")


def _named(name: str, rules: Rules) -> dict[str, str]:
    revision, assignments, waivers = rules.digests
    return {"name": name, "bundle_revision": revision, "assignments_digest": assignments, "waivers_digest": waivers}


def _work(engine: Reusing) -> dict[str, int]:
    return {"asked": engine.asked, "reused": engine.reused}


def _rendered(report: dict[str, Any], form: Written) -> str:
    from engine.report import impact_markdown, impact_text

    if form is Written.JSON:
        import orjson

        return orjson.dumps(report, option=orjson.OPT_INDENT_2).decode() + "\n"
    return impact_markdown.render(report) if form is Written.MARKDOWN else impact_text.render(report)


def _fails(summary: dict[str, int], fail_on: FailOn) -> bool:
    """A product that could not be decided any more could not be submitted either."""
    blocked = summary["newly_blocked"] + summary["newly_undecided"]
    if fail_on is FailOn.CHANGE:
        return blocked + summary["newly_passing"] + summary["changed"] > 0
    return fail_on is FailOn.NEWLY_BLOCKING and blocked > 0
