"""What does this report look like in each format that can be asked for?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.cli.options import Format
from api.cli.outputs import Render
from engine.model import Policy
from engine.report.excerpt import lines

if TYPE_CHECKING:
    from engine.report.rules import Rules
    from engine.report.text import Lines

QUOTED = 4 * 1024 * 1024
"""Bytes of a file from which lines are still quoted: more than a descriptor may hold."""


def rendering(
    made: dict[str, Any], policies: Iterable[Policy] = (), source: Lines | None = None, *, verbose: bool = False
) -> Render:
    """Renders this report in any format; `policies` are those that were asked, where they are at hand.

    `source` gives the lines to quote; without it they are those of the files on disk. `verbose` has the text tell more.
    """
    quoted = source or source_lines

    def rendered(form: Format, colour: bool) -> Iterator[str]:
        # Only the module of the format is loaded: a check has 0.3 s for everything.
        render = import_module(f"engine.report.{form.value}").render
        match form:
            case Format.JSON:
                told: Iterator[str] = render(made)
            case Format.TEXT:
                told = render(made, source=quoted, colour=colour, verbose=verbose)
            case _:
                from engine.report import places

                told = render(places.below(made, str(Path.cwd())), **_extras(form, policies, quoted))
        return told

    return rendered


def _extras(form: Format, policies: Iterable[Policy], source: Lines) -> dict[str, Any]:
    """What a format needs besides the report."""
    match form:
        case Format.JUNIT | Format.GITLAB:
            return {}
        case Format.SARIF:
            from importlib import metadata

            return {"rules": _rules(policies), "version": metadata.version("meshgate")}
        case Format.HTML:
            return {"rules": _rules(policies), "source": source}
        case _:
            return {"rules": _rules(policies)}


def _rules(policies: Iterable[Policy]) -> Rules:
    from engine.descriptor.codes import CODES
    from engine.report import rules

    return rules.known(policies, CODES.values())


def source_lines(file: str) -> Sequence[str]:
    """The lines of a file for quoting in a report; none where it cannot be read as text."""
    path = Path(file)
    try:
        if not path.is_file() or path.stat().st_size > QUOTED:
            return ()
        return lines(path.read_bytes().decode("utf-8"))
    except (OSError, ValueError):
        return ()
