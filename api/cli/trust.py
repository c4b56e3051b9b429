"""meshgate trust: how far may a product be trusted, and what would another formula say?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import typer

from api.cli import options
from api.cli.options import AsJson, Config, DatabaseUrl, DataDir, Server
from api.cli.printing import show, show_json

if TYPE_CHECKING:
    from api.settings import Settings


def trust(
    product: Annotated[str, typer.Argument(help="Name, fully qualified name or id of a product line.")],
    formula: Annotated[
        Path | None, typer.Option(help="Try this Rego file, a package with a rule `score`, on the facts of now.")
    ] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Print what every term rests on, too.")] = False,
    facts: Annotated[bool, typer.Option("--facts", help="Print what a formula sees, and no score.")] = False,
    as_json: AsJson = False,
    config: Config = None,
    server: Server = None,
    data_dir: DataDir = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Print how far a product may be trusted, term by term; exit 2 where that is unknown."""
    from api.cli.show import line_of
    from api.cli.talk import talking

    settings = options.settings(config, server=server, data_dir=data_dir, database_url=database_url)
    with talking(settings) as talk:
        path = f"/v1/products/{quote(line_of(product, talk)['fqn'], safe='')}"
        asked = "trust" if formula is None and not facts else "facts"
        told = talk.told("GET", f"{path}/{asked}").body
    if facts:
        show_json("trust-facts", told)
        return
    if formula is not None:
        told = _tried(formula, told, settings)
    show_json("trust", told) if as_json else show(_lines(told, explain))
    if told["value"] is None:
        raise typer.Exit(2)


def _tried(file: Path, facts: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """What this formula says, here, in the sandbox of every policy, beside the libraries of the configured policies."""
    from api.wiring import House
    from catalog.evaluation.trust import told
    from engine.errors import PolicyEvaluationFailed, UsageError
    from engine.evaluation import formula as formulas

    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as reason:
        raise UsageError(f"{file} cannot be read: {reason}.") from None
    answer: dict[str, Any] = {"product": facts["product"]["fqn"], "value": None, "grade": "", "reason": "", "terms": []}
    with House(settings) as house:
        made = formulas.read(text, beside=house.bundle.modules, workers=house.embedded.workers, file=str(file))
        try:
            score = formulas.asked(made, facts, engine=house.embedded)
        except PolicyEvaluationFailed as failure:
            return {**answer, "reason": failure.detail, "formula": made.package}
    return {**answer, "value": score.value, "grade": score.grade, "terms": told(score), "formula": made.package}


def _lines(told: Mapping[str, Any], explain: bool) -> list[str]:
    grade = f" ({told['grade']})" if told["grade"] else ""
    value = "unknown" if told["value"] is None else f"{told['value']:.4f}{grade}"
    lines = [f"{told['product']}  trust {value}, by {told['formula'] or 'no formula'}"]
    if told["reason"]:
        lines.append(f"  {told['reason']}")
    for one in told["terms"]:
        known = "unknown" if one["value"] is None else f"{one['value']:.4f}"
        lines.append(f"  {one['name']:<14} {known:<8} weight {one['weight']:g}  {one['note']}".rstrip())
        if explain:
            since = f"as of {one['as_of'][:10]}" if one["as_of"] else "without a date"
            lines.append(f"    {since}")
            lines += [f"    {each['kind']} {each['ref']}" for each in one["evidence"]]
    return lines
