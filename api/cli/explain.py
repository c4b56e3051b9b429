"""meshgate explain: what does this code mean, and what is there to do?"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from api.cli import options, outputs
from api.cli.options import Config, Governance, Namespace, Policies
from api.cli.reasons import print_reasons
from engine.errors import UsageError
from engine.model import Event
from engine.report.terminal import harmless

if TYPE_CHECKING:
    from api.cli.explanations import Explanation
    from engine.model import Policy

WIDEST = 100
"""Columns of a page on the widest terminal: longer lines are hard to read."""
ALIKE = 3
"""How many names are suggested for one that nothing has."""


def explain(
    code: Annotated[
        str | None,
        typer.Argument(help="DPnnn, PLnnn or its name, a policy, `policy/code`, a code, or an error code."),
    ] = None,
    file: Annotated[
        Path | None, typer.Option(help="Say why this document has the finding: the expressions and their values.")
    ] = None,
    event: Annotated[Event, typer.Option(help="With --file: evaluate as if for this event.")] = Event.SUBMIT,
    environment: Annotated[str | None, typer.Option(help="With --file: evaluate for this environment.")] = None,
    config: Config = None,
    namespace: Namespace = None,
    policies: Policies = None,
    governance: Governance = None,
) -> None:
    """Explain a problem, a policy, a finding or an error by its code; with --file, why a document has a finding."""
    if file is not None:
        settings = options.settings(config, namespace=namespace, policies=policies, governance=governance)
        print_reasons(file, code, settings, event, environment)
        return
    if code is None:
        raise UsageError("Name a code to explain, or a document with --file.")
    found = _found(code, config, policies)
    if len(found) > 1:
        listed = ", ".join(f"`{one.names[0]}`" for one in found)
        raise UsageError(f"`{code}` means several things; ask for one of {listed}.")
    # Foreign text (annotations) is escaped before colour is added, so this is printed as it is.
    print("\n".join(_page(found[0], colour=outputs.colour())))


def _found(code: str, config: Path | None, policies: list[str] | None) -> list[Explanation]:
    """The pages of this name. Raises UsageError naming similar ones where there is none."""
    from api.cli import explanations

    always = list(explanations.fixed())
    # Policies that cannot be loaded must keep nobody from reading what `bundle-invalid` means.
    if found := explanations.named(code, always):
        return found
    written = list(explanations.of_policies(_policies(config, policies)))
    return explanations.named(code, written) or _unknown(code, [*always, *written])


def _policies(config: Path | None, sources: list[str] | None) -> list[Policy]:
    from api.wiring import House

    with House(options.settings(config, policies=sources)) as house:
        return list(house.bundle.policies.values())


def _unknown(code: str, pages: Sequence[Explanation]) -> NoReturn:
    from difflib import get_close_matches

    names = {name.casefold(): name for one in pages for name in reversed(one.names)}
    alike = [names[one] for one in get_close_matches(code.casefold(), names, n=ALIKE, cutoff=0.5)]
    told = f" Did you mean {' or '.join(f'`{one}`' for one in alike)}?" if alike else ""
    raise UsageError(f"`{code}` is no code of a problem, an error or a policy here.{told}")


def _page(one: Explanation, *, colour: bool) -> Iterator[str]:
    columns = min(shutil.get_terminal_size().columns, WIDEST)
    yield f"{_painted(harmless(one.names[0]), '1', colour)}  {_painted(one.kind, '2', colour)}"
    yield from _wrapped(one.title, "", columns)
    if one.text:
        yield ""
        yield from _wrapped(one.text, "  ", columns)
    if one.facts:
        yield ""
    for label, text in one.facts:
        first, *rest = _wrapped(f"{label}: {text}", "  ", columns, below="    ")
        start = f"  {harmless(label)}:"
        yield _painted(start, "36", colour) + first.removeprefix(start)
        yield from rest


def _wrapped(text: str, margin: str, columns: int, *, below: str | None = None) -> list[str]:
    import textwrap

    words = harmless(" ".join(text.split()))
    return textwrap.wrap(
        words,
        columns,
        initial_indent=margin,
        subsequent_indent=margin if below is None else below,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _painted(text: str, colour: str, wanted: bool) -> str:
    return f"\x1b[{colour}m{text}\x1b[0m" if wanted else text
