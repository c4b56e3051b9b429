"""meshgate adapter list: which adapters can be bound here?"""

from __future__ import annotations

from typing import Any

from api.cli import options
from api.cli.options import AsJson, Config, DataDir
from api.cli.printing import show, show_json


def listing(as_json: AsJson = False, config: Config = None, data_dir: DataDir = None) -> None:
    """List the adapters that are built in or installed, with what they can do, or why they cannot be used."""
    from api.wiring import House

    with House(options.settings(config, data_dir=data_dir)) as house:
        found = house.registry.report()
    if as_json:
        show_json("adapters", {"adapters": found})
    else:
        show([_line(one) for one in found])


def _line(one: dict[str, Any]) -> str:
    if one["info"] is None:
        return f"{one['name']:<16} not usable as it is: {one['reason']}"
    can = ", ".join(name for name, able in one["info"]["capabilities"].items() if able)
    return f"{one['name']:<16} {one['info']['version']:<8} {one['info'].get('description', '')} (can: {can})"
