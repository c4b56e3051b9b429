"""What does the linter's list of flaws look like: to a person, a program, code scanning, a pull request?

A flaw comes as `{code, name, severity, file, line, column, msg, hint}`; files are named as they are to be shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from engine.report import places, sarif_rules
from engine.report.excerpt import excerpt
from engine.report.github import annotation
from engine.report.json import written
from engine.report.messages import Message
from engine.report.rules import Rules
from engine.report.sarif import SCHEMA as SARIF
from engine.report.terminal import harmless

SCHEMA = "meshgate/lint/1"
_COLOURS = {"error": "1;31", "warning": "1;33", "help": "36", "place": "1"}
Lines = Callable[[str], Sequence[str]]


def report(policies: Sequence[str], modules: int, flaws: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The list as a value: what was looked at, how much was found, and the flaws in the order of their places."""
    count = {word: sum(one["severity"] == word for one in flaws) for word in ("error", "warning")}
    summary = {"policies": len(policies), "modules": modules, "errors": count["error"], "warnings": count["warning"]}
    return {"schema": SCHEMA, "summary": summary, "policies": list(policies), "flaws": [dict(one) for one in flaws]}


def json(told: Mapping[str, Any]) -> Iterator[str]:
    return written(dict(told))


def text(told: Mapping[str, Any], *, source: Lines, colour: bool = False) -> Iterator[str]:
    """Every flaw with its place and source line, and one line that counts them."""
    for flaw in told["flaws"]:
        yield from (f"{line}\n" for line in _flaw(flaw, source, colour))
    yield f"{summary(told)}\n"


def summary(told: Mapping[str, Any]) -> str:
    """One line, of our own words and numbers only."""
    counts = told["summary"]
    policies = f"{counts['policies']} polic{'y' if counts['policies'] == 1 else 'ies'}"
    errors = f"{counts['errors']} error{'' if counts['errors'] == 1 else 's'}"
    return f"{policies}: {errors}, {counts['warnings']} warning{'' if counts['warnings'] == 1 else 's'}"


def github(told: Mapping[str, Any]) -> Iterator[str]:
    """Workflow commands: one annotation for each flaw."""
    for flaw in told["flaws"]:
        written_as = annotation(_message(flaw), f"{flaw['name']} [{flaw['code']}]")
        yield f"{written_as}\n"
    yield f"meshgate: {summary(told)}\n"


def sarif(told: Mapping[str, Any], *, rules: Rules, version: str = "") -> Iterator[str]:
    """One SARIF log with one run."""
    listed = [rules[code] for code in sorted({flaw["code"] for flaw in told["flaws"]})]
    run = {
        "tool": {"driver": sarif_rules.driver(listed, version)},
        "columnKind": "unicodeCodePoints",
        "results": [_result(flaw, [rule.id for rule in listed]) for flaw in told["flaws"]],
    }
    return written({"$schema": SARIF, "version": "2.1.0", "runs": [run]})


def _result(flaw: Mapping[str, Any], listed: Sequence[str]) -> dict[str, Any]:
    region = {"startLine": flaw["line"], "startColumn": flaw["column"]}
    artifact = {"uri": places.uri(flaw["file"])}
    return {
        "ruleId": flaw["code"],
        "ruleIndex": listed.index(flaw["code"]),
        "level": flaw["severity"],
        "message": {"text": harmless(_told(flaw)).replace("](", "] (")},
        "locations": [{"physicalLocation": {"artifactLocation": artifact, "region": region}}],
    }


def _flaw(flaw: Mapping[str, Any], source: Lines, colour: bool) -> list[str]:
    place = _painted("place", f"{harmless(flaw['file'])}:{flaw['line']}:{flaw['column']}:", colour)
    word = _painted(flaw["severity"], f"{flaw['severity']} {flaw['code']}", colour)
    lines = [f"{place} {word} [{flaw['name']}] {harmless(flaw['msg'])}"]
    for margin, shown in excerpt(source(flaw["file"]), flaw["line"], flaw["column"]):
        lines.append(f"{margin} | {shown}".rstrip())
    if flaw["hint"]:
        lines.append(f"{' ' * len(str(flaw['line']))} = {_painted('help', 'help:', colour)} {harmless(flaw['hint'])}")
    return [*lines, ""]


def _message(flaw: Mapping[str, Any]) -> Message:
    notes = (("help", flaw["hint"]),) if flaw["hint"] else ()
    place = (flaw["file"], flaw["line"], flaw["column"])
    return Message(flaw["severity"], flaw["code"], flaw["name"], flaw["msg"], *place, notes)


def _told(flaw: Mapping[str, Any]) -> str:
    return f"{flaw['msg']} ({flaw['hint']})" if flaw["hint"] else str(flaw["msg"])


def _painted(word: str, text: str, colour: bool) -> str:
    return f"\x1b[{_COLOURS[word]}m{text}\x1b[0m" if colour else text
