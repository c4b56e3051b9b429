"""How does `check --server` have documents judged by a server, which knows the mesh?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from engine.errors import UsageError
from engine.model import Event

if TYPE_CHECKING:
    from api.cli.talk import Talk
    from api.settings import Settings
    from engine.descriptor import Submission
    from engine.model import Descriptor

Entry = dict[str, Any]
FLAG = "--server"
_ADDRESSES = ("http://", "https://")

AskServer = Annotated[
    str | None,
    typer.Option(FLAG, metavar="[URL]", help="Have it judged by this server, else by the configured one."),
]


class CheckCommand(TyperCommand):
    """The command `check`, whose flag `--server` may stand without an address."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the arguments, with `--server` told apart from `--server URL` by what follows."""
        told = list(args)
        for position, one in enumerate(args):
            if one == "--":
                break
            if one == FLAG and not "".join(args[position + 1 : position + 2]).startswith(_ADDRESSES):
                told[position] = f"{FLAG}="
        return super().parse_args(ctx, told)


def asking(
    settings: Settings,
    event: Event,
    environment: str | None,
    read: Callable[[Path], Submission],
    *,
    as_of: datetime | None = None,
) -> Callable[[Path], Entry]:
    """What has one document judged by the configured server. Raises UsageError where none is configured."""
    from api.cli.talk import Talk

    if settings.server is None:
        raise UsageError("No server is named: write `--server URL`, or set `server`.")
    asked = {"event": event.value} | ({"environment": environment} if environment is not None else {})
    asked |= {"as_of": as_of.isoformat()} if as_of is not None else {}
    return partial(_asked, Talk(settings), settings.namespace, asked, read)


def _asked(
    talk: Talk, namespace: str | None, asked: dict[str, str], submission: Callable[[Path], Submission], path: Path
) -> Entry:
    """The server's entry with places as the files are named here; a document that cannot be read is not sent.

    Raises ServerUnreachable, Refused, NoMeshgate.
    """
    from api.cli.sending import multipart, renamed, sent_name
    from api.cli.talk import NoMeshgate
    from api.wiring.floor import moment
    from engine.descriptor import LeftToOthers, ingest

    read = ingest(replace(submission(path), remote=LeftToOthers()), namespace=namespace)
    if any(problem.stops_the_road for problem in read.problems):
        now = datetime.fromisoformat(asked["as_of"]) if "as_of" in asked else moment()
        return _unread(read, Event(asked["event"]), asked.get("environment"), path, now=now)
    files = multipart(read.parts, root=sent_name(path))
    documents = talk.told("POST", "/v1/checks", params=asked, files=files).body.get("documents")
    if not isinstance(documents, list) or len(documents) != 1:
        raise NoMeshgate("It answered with something else than the report on one document.")
    return renamed(documents[0], path)


def _unread(read: Descriptor, event: Event, environment: str | None, path: Path, *, now: datetime) -> Entry:
    """What a server would say too, at the places of this machine's files."""
    from api.flows.facts import local
    from engine.decide import unread
    from engine.report import record

    decision = unread(read, local(event=event, environment=environment, now=now))
    return record.document(decision, file=str(path))
