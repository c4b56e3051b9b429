"""Which files does a governance folder begin with?"""

from __future__ import annotations

from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from api.cli.starting.files import scalar, template

TEMPLATES = "governance"


def files(folder: Path, *, namespace: str, owner: str) -> dict[Path, str]:
    """A configuration, one policy in words and in Rego with its test, an assignment, environments, room for waivers."""
    values = {"namespace": scalar(namespace), "owner": scalar(owner)}
    start = resources.files("api.cli.starting").joinpath("templates", TEMPLATES)
    return {folder / name: template(f"{TEMPLATES}/{name}", **values) for name in _names(start, "")}


def _names(folder: Traversable, above: str) -> list[str]:
    found: list[str] = []
    for one in sorted(folder.iterdir(), key=lambda one: one.name):
        name = f"{above}{one.name}"
        found += _names(one, f"{name}/") if one.is_dir() else [name]
    return found
