"""What do the pages about the policies say, with what governance folder and fixtures know of them?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from engine.descriptor import source
from engine.descriptor.limits import Limits
from engine.descriptor.text import SourceRefused
from engine.errors import UsageError
from engine.model import Json, Policy
from engine.policy.drafting import words
from engine.report.policy_pages import Example, Mandate, pages

_SHOWN = 60
"""Lines of an example at most: a page shows what is wrong, the fixture the rest."""


def written(
    policies: Iterable[Policy], *, fixtures: Path | None, mandates: Mapping[str, list[Mandate]]
) -> dict[str, str]:
    """The text of every page by its name. Raises UsageError for a fixture that cannot be read."""
    every = list(policies)
    examples = {one.id: list(_examples(fixtures / one.id)) for one in every} if fixtures else {}
    return pages(every, examples, mandates)


def stale(found: Mapping[str, str], folder: Path) -> list[str]:
    """The names of pages in the folder that are missing, say something else, or are about no policy (any more)."""
    there = {path.name: path.read_text("utf-8", "replace") for path in folder.glob("*.md")} if folder.is_dir() else {}
    return sorted(name for name in {*found, *there} if found.get(name) != there.get(name))


def _examples(folder: Path) -> Iterator[Example]:
    """Every finding that a fixture of a policy expects, with the part of the document that it is about."""
    for case in sorted(folder.glob("*/expect.yaml")):
        expected = _read(case)
        for found in expected.get("findings") or []:
            context = {"_context": expected["context"]} if expected.get("context") else {}
            part = _part(_read(case.with_name("descriptor.yaml")), _steps(found["path"]))
            text = words.yaml({**context, **part})
            if text.count("\n") <= _SHOWN:
                yield Example(found["code"], found["path"], text)


def _read(file: Path) -> dict[str, Json]:
    try:
        value = source.parse(file.name, file.read_bytes(), Limits()).value
    except (OSError, SourceRefused) as reason:
        raise UsageError(f"{file}: {reason}") from None
    if not isinstance(value, dict):
        raise UsageError(f"{file}: holds no mapping.")
    return value


def _steps(pointer: str) -> list[str]:
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def _part(node: Json, steps: list[str]) -> Json:
    """What leads to the place: of every mapping above it the step and the name, the nearest one that is there whole."""
    if isinstance(node, list) and steps and steps[0].isdigit() and int(steps[0]) < len(node):
        return [_part(node[int(steps[0])], steps[1:])]
    if not isinstance(node, dict) or not steps:
        return node
    if len(steps) > 1 and isinstance(node.get(steps[0]), (dict, list)):
        named = {"name": node["name"]} if "name" in node and steps[0] != "name" else {}
        return {**named, steps[0]: _part(node[steps[0]], steps[1:])}
    return {key: value for key, value in node.items() if key == steps[0] or not isinstance(value, (dict, list))}
