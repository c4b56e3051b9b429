"""Which options do several commands share, and how do they become settings?"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from api.settings import Settings, read

CONFIGURATION = "Configuration"

Config = Annotated[
    Path | None,
    typer.Option(help="The configuration file; else the nearest meshgate.yaml upwards.", rich_help_panel=CONFIGURATION),
]
Namespace = Annotated[
    str | None, typer.Option(help="The namespace of descriptors that name none.", rich_help_panel=CONFIGURATION)
]
Policies = Annotated[
    list[str] | None,
    typer.Option(
        help="A folder of policies, a bundle file or its address; repeatable; else the starter pack.",
        rich_help_panel=CONFIGURATION,
    ),
]
Governance = Annotated[Path | None, typer.Option(help="The governance folder.", rich_help_panel=CONFIGURATION)]
OpaUrl = Annotated[
    str | None, typer.Option(help="Ask this OPA server instead of the embedded engine.", rich_help_panel=CONFIGURATION)
]
DataDir = Annotated[
    Path | None, typer.Option(help="Where the catalog and local containers live.", rich_help_panel=CONFIGURATION)
]
DatabaseUrl = Annotated[
    str | None, typer.Option(help="The catalog's database, e.g. postgresql://…", rich_help_panel=CONFIGURATION)
]
Server = Annotated[
    str | None, typer.Option(help="Ask this meshgate server instead of working here.", rich_help_panel=CONFIGURATION)
]
AsOf = Annotated[
    str | None,
    typer.Option(metavar="MOMENT", help="Judge as of this UTC day or moment: 2027-01-31, 2027-01-31T09:00:00+01:00."),
]
ToldAsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of", metavar="MOMENT", help="Tell what the catalog said at this moment, or as this UTC day began."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]


class Format(StrEnum):
    """The report formats that exist; each can be written to a file with FORMAT=PATH."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    JUNIT = "junit"
    GITHUB = "github"
    GITLAB = "gitlab"
    MARKDOWN = "markdown"
    HTML = "html"


Formats = Annotated[
    list[str] | None,
    typer.Option(
        "--format",
        "-f",
        help=f"{', '.join(Format)}; each also as FORMAT=PATH; repeatable.",
        metavar="FORMAT[=PATH]",
    ),
]


def settings(config: Path | None = None, **flags: object) -> Settings:
    """The settings for a command: flags that were not given are None and leave the other sources alone."""
    return read({name: value for name, value in flags.items() if value is not None and value != []}, config=config)
