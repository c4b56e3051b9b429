"""meshgate schema: which JSON Schemas does meshgate publish?"""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Kind(StrEnum):
    """What a published schema describes."""

    DESCRIPTOR = "descriptor"
    CONFIGURATION = "configuration"
    REPORT = "report"
    ASSIGNMENTS = "assignments"
    WAIVERS = "waivers"
    ENVIRONMENTS = "environments"
    EXPECT = "expect"
    ADAPTER = "adapter"
    ADAPTER_CASE = "adapter-case"
    ADAPTER_HTTP = "adapter-http"


_FILES = {
    Kind.DESCRIPTOR: ("engine.descriptor", "dpds-1.0.0.json"),
    Kind.CONFIGURATION: ("api", "configuration-1.json"),
    Kind.REPORT: ("engine.report", "report-1.json"),
    Kind.ASSIGNMENTS: ("engine.policy", "assignments.json"),
    Kind.WAIVERS: ("engine.policy", "waivers.json"),
    Kind.ENVIRONMENTS: ("engine.policy", "environments.json"),
    Kind.EXPECT: ("engine.policy", "expect.json"),
    Kind.ADAPTER: ("engine.provision", "upp-1.json"),
    Kind.ADAPTER_CASE: ("engine.policy", "adapter-case.json"),
    Kind.ADAPTER_HTTP: ("engine.provision", "upp-1.openapi.json"),
}


def export(
    kind: Annotated[Kind, typer.Option(help="What the schema describes.")] = Kind.DESCRIPTOR,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write it to this file.")] = None,
) -> None:
    """Print a JSON Schema (draft 2020-12), or an OpenAPI document, for editors and other tools."""
    if output is None:
        sys.stdout.write(text(kind))
        return
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(text(kind), encoding="utf-8")


def text(kind: Kind) -> str:
    """The published schema as it stands in the installation."""
    from importlib import resources

    package, name = _FILES[kind]
    return resources.files(package).joinpath("schemas", name).read_text(encoding="utf-8")
