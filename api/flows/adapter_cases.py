"""What is an adapter tried with, as somebody names it on the command line or in a file?"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from shutil import which
from typing import Any

from engine.errors import UsageError
from engine.model import Json
from engine.policy.sheets import refused, sheet
from engine.provision.contract import Provisioner
from engine.provision.kit.case import GRANTS, Adoptable, Case
from engine.provision.registry import Registry

FILES = (".yaml", ".yml", ".json")
COMPONENT: Mapping[str, Json] = {
    "kind": "infrastructure",
    "name": "kit",
    "platform": "kit",
    "type": "storage-resource",
}
DEFINITIONS: tuple[Mapping[str, Json], Mapping[str, Json]] = (
    {"version": "1.0.0", "description": "the first"},
    {"version": "1.1.0", "description": "the second"},
)


def case_of(named: str, file: Path | None, *, registry: Registry) -> Case:
    """The case that a name, an address, a command line or a case file means.

    Raises UsageError where there is no such adapter and no such program, PlanInvalid, and GovernanceInvalid for a file
    that is no case.
    """
    if file is None and named.endswith(FILES):
        file = Path(named)
    told = _read(file) if file is not None else {}
    asked = told.get("adapter", named) if file is not None and named.endswith(FILES) else named
    name, made = _maker(asked, told.get("config", {}), registry)
    first, second = told.get("definitions", DEFINITIONS)
    return Case(
        name,
        made,
        {**COMPONENT, **told.get("component", {})},
        (first, second),
        config=told.get("config", {}),
        secrets=told.get("secrets", {}),
        environment=told.get("environment", "kit"),
        tamper=tuple(told.get("tamper", ())),
        grants=tuple(told.get("grants", GRANTS)),
        adoptable=_adoptable(told.get("adoptable")),
    )


def _read(file: Path) -> dict[str, Any]:
    found, breaches = sheet(file, file.parent, kind="adapter-case")
    if found is None:
        raise refused(breaches)
    told: dict[str, Any] = found.value
    return told


def _adoptable(told: Mapping[str, Any] | None) -> Adoptable | None:
    return None if told is None else Adoptable(tuple(told["made"]), tuple(told["kept"]))


def _maker(asked: Any, config: Mapping[str, Json], registry: Registry) -> tuple[str, Callable[[], Provisioner]]:
    """The adapter's name, and what makes a new instance of it."""
    if isinstance(asked, str) and asked.startswith(("http://", "https://")):
        return asked, lambda: registry.made("http", {**config, "address": asked})
    if isinstance(asked, str) and asked in registry.names:
        return asked, lambda: registry.made(asked, config)
    command = shlex.split(asked) if isinstance(asked, str) else [str(one) for one in asked]
    if not command:
        raise UsageError("There is no adapter to be tried.")
    if which(command[0]) is None:
        told = f"There is no adapter `{command[0]}`, and no program of that name"
        raise UsageError(f"{told}. Adapters here are {', '.join(registry.names)}.")
    return command[0], lambda: registry.made("command", {**config, "command": command})
