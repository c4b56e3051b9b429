"""meshgate adapter check: does this adapter keep the promises of upp/1?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import options
from api.cli.options import AsJson, Config, DataDir
from api.cli.printing import show, show_json

if TYPE_CHECKING:
    from engine.provision.kit.trying import Result

MARKS = {"kept": "ok    ", "broken": "BROKEN", "skipped": "-     "}


def checking(
    adapter: Annotated[str, typer.Argument(help="A name, an address, a command line, or a case file (.yaml, .json).")],
    case: Annotated[
        Path | None, typer.Option(help="A file with component, definitions, config, secrets, tamper and grants.")
    ] = None,
    as_json: AsJson = False,
    config: Config = None,
    data_dir: DataDir = None,
) -> None:
    """Try every promise of upp/1 on an adapter, against the real thing; exit 1 when one is broken.

    It makes, changes and removes resources in the environment `kit` (or the one that the case names).
    """
    from api.flows.adapter_cases import case_of
    from api.wiring import House
    from engine.provision.kit.trying import Kept, tried

    results: list[Result] = []
    with House(options.settings(config, data_dir=data_dir)) as house:
        made = case_of(adapter, case, registry=house.registry)
        for result in tried(made):
            results.append(result)
            if not as_json:
                show([f"{MARKS[result.kept]}  {result.promise}", *([f"        {result.reason}"] * bool(result.reason))])
    broken = [one for one in results if one.kept is Kept.BROKEN]
    if as_json:
        promises = [{"promise": one.promise, "kept": one.kept.value, "reason": one.reason} for one in results]
        show_json("conformance", {"adapter": made.name, "promises": promises})
    else:
        count = {kept: sum(one.kept is kept for one in results) for kept in Kept}
        show([", ".join(f"{number} {kept}" for kept, number in count.items())])
    raise typer.Exit(1 if broken else 0)
