"""Which options does every command have that reaches a catalog, and how does it print what it was told?

A command that only asks or tells a catalog something takes the settings; where these come from is the same for all.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any

from api.cli import options
from api.cli.printing import show, show_json

Told = dict[str, Any]
Command = Callable[..., None]

_OPTIONS = {
    "config": options.Config,
    "server": options.Server,
    "policies": options.Policies,
    "governance": options.Governance,
    "opa_url": options.OpaUrl,
    "data_dir": options.DataDir,
    "database_url": options.DatabaseUrl,
}
CATALOG = ("server", "data_dir", "database_url")
RULES = ("server", "policies", "governance", "data_dir", "database_url")
"""The catalog, and the rules that its decisions are made by where no server makes them."""
ENGINE = ("server", "policies", "governance", "opa_url", "data_dir", "database_url")


def reaching(*names: str) -> Callable[[Command], Command]:
    """Give a command these options and `--config`; instead of them it takes the `settings` that they make."""

    def with_options(command: Command) -> Command:
        @wraps(command)
        def run(**given: Any) -> None:
            flags = {name: given.pop(name) for name in names}
            command(settings=options.settings(given.pop("config"), **flags), **given)

        signature = inspect.signature(command, eval_str=True)
        own = [one for one in signature.parameters.values() if one.name != "settings"]
        added = [
            inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=None, annotation=_OPTIONS[name])
            for name in ("config", *names)
        ]
        run.__signature__ = signature.replace(parameters=[*own, *added])  # type: ignore[attr-defined]
        run.__annotations__ = {one.name: one.annotation for one in (*own, *added)}
        return run

    return with_options


def answer(noun: str, told: Mapping[str, Any], lines: Callable[[Any], Iterable[str]], *, as_json: bool) -> None:
    """Print what was told: as a JSON document of this noun (`meshgate/<noun>/1`), or in lines for a person."""
    if as_json:
        show_json(noun, told)
    else:
        show(lines(told))
