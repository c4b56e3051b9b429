"""How is a command imported only when it is the one that was typed?

A typer group builds every command with all its options at start; of some fifty only one is run. Where all are shown
(`--help`, completion) they are built then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group

from api.cli.endings import guarded


@dataclass(frozen=True, slots=True)
class Group:
    """Commands under one word: each by its name, with the function behind it as `module:function` below `api.cli`."""

    help: str
    commands: Mapping[str, str | Group]
    #: the command that is meant where the first word names none
    otherwise: str = ""
    #: whether that one is meant too where there is no word at all
    alone: bool = False


class Commands(MutableMapping[str, Any]):
    """The commands of one group by name, each built at the first look at it."""

    def __init__(self, places: Mapping[str, str | Group]) -> None:
        self._places = places
        self._built: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._built:
            self._built[name] = _built(name, self._places[name])
        return self._built[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._built[name] = command

    def __delitem__(self, name: str) -> None:
        del self._built[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


class WithOtherwise(TyperGroup):
    """A group that may have a command for when none is named, such as `export` FILE."""

    otherwise = ""
    alone = False

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the arguments; a first word that is neither a command nor the group's own option is one of those."""
        first = args[0] if args else ""
        known = first in self.commands or first in ctx.help_option_names
        if self.otherwise and (args or self.alone) and not known:
            args = [self.otherwise, *args]
        return super().parse_args(ctx, args)


def program(places: Mapping[str, str | Group], callback: Callable[..., None], **told: Any) -> Any:
    """The whole command line: what typer makes of the callback, over these commands."""
    app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=True, **told)
    app.callback()(callback)
    group: Any = get_command(app)
    group.commands = Commands(places)
    return group


def _built(name: str, place: str | Group) -> Any:
    if isinstance(place, Group):
        group: Any = get_group(typer.Typer(name=name, cls=WithOtherwise, no_args_is_help=True, help=place.help))
        group.name, group.commands, group.otherwise = name, Commands(place.commands), place.otherwise
        group.alone = place.alone
        return group
    file, _, function = place.partition(":")
    module = import_module(f"api.cli.{file}")
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command(name, cls=getattr(module, "COMMAND_CLASS", None))(guarded(getattr(module, function)))
    return get_command(app)
