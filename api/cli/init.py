"""meshgate init: how does somebody begin, with a data product or with a governance folder?"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from api.cli import options
from api.cli.printing import note, show
from api.cli.starting.ci import Ci
from engine.errors import UsageError

HERE = Path(".")
QUESTIONS = {
    "name": "Name of the data product (letters and digits)",
    "domain": "Domain that it belongs to",
    "owner": "Owner: a mail address, or another name that people can ask for",
    "namespace": "Namespace of the mesh",
}

Folder = Annotated[Path, typer.Argument(help="The folder to write to.", metavar="[DIR]")]
Namespace = Annotated[str | None, typer.Option(help="Namespace of the mesh, such as org.example.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing; take the flags and the defaults.")]


def product(
    folder: Folder = HERE,
    name: Annotated[str | None, typer.Option(help="Name of the product: letters and digits.")] = None,
    domain: Annotated[str | None, typer.Option(help="Domain that it belongs to.")] = None,
    owner: Annotated[str | None, typer.Option(help="Who answers for it, such as a mail address.")] = None,
    namespace: Namespace = None,
    ci: Annotated[Ci | None, typer.Option(help="Write a CI file too.")] = None,
    pre_commit: Annotated[bool, typer.Option("--pre-commit", help="Write a pre-commit entry too.")] = False,
    yes: Yes = False,
) -> None:
    """Write a descriptor that passes `meshgate check`, for a new data product to begin with."""
    from api.cli.starting import product, repository

    given = {"name": name, "domain": domain, "owner": owner, "namespace": namespace}
    answers = product.Answers(**_answers(given, {"namespace": options.settings().namespace}, yes=yes))
    files = {**product.files(answers, folder), **repository.files(folder, ci or Ci.NONE, pre_commit=pre_commit)}
    _write(files)
    _next(f"meshgate check {folder / product.DESCRIPTOR}")


def governance(
    folder: Folder = HERE,
    namespace: Namespace = None,
    owner: Annotated[str | None, typer.Option(help="The governance team, such as a mail address.")] = None,
    yes: Yes = False,
) -> None:
    """Write a governance folder that works, with one policy in words and in Rego."""
    from api.cli.starting import governance, product

    given = {"namespace": namespace, "owner": owner}
    answers = _answers(given, {"namespace": None, "owner": "governance@example.org"}, yes=yes)
    for field, answer in answers.items():
        product.well_formed(field, answer)
    _write(governance.files(folder, **answers))
    _next(f"meshgate check --config {folder / 'meshgate.yaml'} DESCRIPTOR…")


def _answers(given: Mapping[str, str | None], defaults: Mapping[str, str | None], *, yes: bool) -> dict[str, str]:
    """What was given, else what is answered on a terminal, else the default; UsageError names the flags that lack."""
    asks = not yes and sys.stdin.isatty()
    known = {"namespace": "org.example", **{field: text for field, text in defaults.items() if text}}
    found = {}
    for field, value in given.items():
        if value is None and asks:
            value = typer.prompt(QUESTIONS[field], default=known.get(field), err=True)
        found[field] = known.get(field, "") if value is None else value
    if lacking := [f"--{field}" for field, value in found.items() if not value]:
        raise UsageError(f"There is no terminal to ask on, and nothing says {', '.join(lacking)}; give them as flags.")
    return found


def _write(files: Mapping[Path, str]) -> None:
    from api.cli.starting.files import write

    write(files)
    show(os.path.relpath(path) for path in files)


def _next(command: str) -> None:
    note(f"next: {command}")
