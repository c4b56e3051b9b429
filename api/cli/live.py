"""How does somebody follow a deployment: a live picture on a terminal, lines into a pipe, or NDJSON for a program?"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import typer

from api.cli.board import Board, line, named
from api.cli.printing import note, show
from engine.provision.states import DeploymentState

if TYPE_CHECKING:
    from rich.console import RenderableType

    from api.cli.talk import Talk

Told = dict[str, Any]
SCHEMA = "meshgate/deployment-event/1"
WAIT_SECONDS = 20
"""How long one request waits for the next event."""
PATIENCE_SECONDS = 120.0
"""How long a server may be away; then it cannot be followed."""
PAUSE_SECONDS = 1.0


def follow(place: str, talk: Talk, *, after: int = 0, as_json: bool = False) -> DeploymentState:
    """Print what happens to the deployment until it is over (as JSON an event a line), and answer how it ended.

    A server that restarts is waited for, and asked for what came after the last event that was heard. Raises
    ServerUnreachable where it stays away, and Refused.
    """
    told = events(place, talk, after)
    if as_json:
        state = _printed((json.dumps(_document(one), ensure_ascii=False), one) for one in told)
    elif sys.stdout.isatty():
        state = _watched(told)
    else:
        state = _printed((line(one), one) for one in told)
    return DeploymentState(state or talk.told("GET", place).body["state"])


def events(place: str, talk: Talk, after: int) -> Iterator[Told]:
    """The events after this number, until there are no more."""
    while True:
        page = _page(place, talk, after)
        yield from page["events"]
        after = page["next"]
        if page["ended"]:
            return


def _page(place: str, talk: Talk, after: int) -> Told:
    """The next events, also from a server that is away for a while."""
    from api.cli.talk import ServerUnreachable

    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            answer = talk.call("GET", f"{place}/events", params={"after": after, "wait": WAIT_SECONDS})
            if answer.status >= 500:
                raise ServerUnreachable(f"The server answered with status {answer.status}.")
            return answer.or_error().body
        except ServerUnreachable as reason:
            if time.monotonic() > until:
                raise
            note(f"{reason.detail} It is asked again for what comes after event {after}.")
        time.sleep(PAUSE_SECONDS)


def _document(event: Told) -> Told:
    return {"schema": SCHEMA, **event}


def _printed(told: Iterable[tuple[str, Told]]) -> str:
    """Print the texts as they come; the last state of the deployment."""
    state = ""
    for text, event in told:
        print(text, flush=True)
        state = event["state"] if event["kind"] in ("requested", "state") else state
    return state


def _watched(told: Iterable[Told]) -> str:
    """Keep one picture up to date in the terminal; the seconds of a wait run on while nothing happens."""
    from rich.live import Live

    board, begun = Board(), time.monotonic()
    with Live(get_renderable=lambda: _picture(board, time.monotonic() - begun), refresh_per_second=4) as live:
        for event in told:
            board.hear(event)
        live.refresh()
    return board.state


_COLOURS = {"ready": "green", "succeeded": "green", "failed": "red", "unknown": "yellow", "planned": "dim"}


def _picture(board: Board, seconds: float) -> RenderableType:
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    head = Text.assemble((board.state or "asking", _colour(board.state)), f"  {board.what}  {seconds:.0f} s")
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for fqn, part in board.parts.items():
        how = f"{part.percent} % {part.says}" if part.percent is not None else part.says
        state = Text(part.state, style=_COLOURS.get(part.state, "cyan"))
        table.add_row(Text("  ") + state, named(fqn), f"{part.action} by {part.adapter}".strip(), Text(how.strip()))
    waits = [Text(f"  {one}", style="yellow") for one in board.waiting(datetime.now(UTC))]
    why = [Text(f"  {board.reason}")] if board.reason else []
    return Group(head, table, *waits, *why)


def _colour(state: str) -> str:
    return "red" if state.startswith(("fail", "cancel", "reject")) else _COLOURS.get(state, "cyan")


def ended(state: DeploymentState) -> typer.Exit:
    """With what a command ends that followed a deployment: 0 where it succeeded, else 1."""
    return typer.Exit(0 if state is DeploymentState.SUCCEEDED else 1)


def told_of(found: Told) -> list[str]:
    """A deployment in lines: its state, and what it waits for."""
    head = f"{found['state']:<16} {found['fqn']} {found['version']} in {found['environment']}"
    waits = found["waiting"]
    why = [f"  {found['error_class']} {found['reason']}".rstrip()] if found["reason"] else []
    if waits:
        about = f" {named(waits['resource'])}" if waits["resource"] else ""
        why.append(f"  waits for {waits['for']}{about} until {waits['until']}: {waits['reason']}")
    return [f"{head}  {found['id']}", *why]


def shown(lines: Iterable[str]) -> None:
    """Print them, or that there are none."""
    show(list(lines) or ["no deployments"])
