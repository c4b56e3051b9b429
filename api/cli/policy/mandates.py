"""Which policies does each global policy name, and how does it come to name one more?

The link lives in the front matter of the global policy, a list `policies`; everything else there stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from engine.errors import UsageError

_LIST = re.compile(r"^policies:[ \t]*\n(?P<items>([ \t]*-[ \t].*\n)*)", re.MULTILINE)
_NO_LIST = re.compile(r"^policies:[ \t]*\[[ \t]*\][ \t]*\n", re.MULTILINE)
_FRONT = re.compile(r"\A---\n(?P<front>.*?\n)---\n", re.DOTALL)


@dataclass(frozen=True, slots=True)
class GlobalPolicy:
    """What the front matter of a global policy says of policies."""

    id: str
    title: str
    policies: tuple[str, ...]
    file: Path


@dataclass(frozen=True, slots=True)
class Change:
    """A global policy with one more policy in its front matter."""

    file: Path
    text: str

    def write(self) -> None:
        self.file.write_text(self.text, encoding="utf-8", newline="\n")


def mandated(governance: Path, id: str, policy: str) -> Change:
    """The global policy of this id with the policy in its list.

    Raises UsageError where there is none, or its list is written in a way that is better changed by hand.
    """
    every = {one.id: one.file for one in known(governance)}
    if id not in every:
        near = get_close_matches(id, sorted(every), 1, 0.5)
        told = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(sorted(every)) or 'none'}."
        raise UsageError(f"{governance / 'global'} holds no global policy {id}{told}")
    file = every[id]
    text = file.read_text("utf-8")
    front = _FRONT.match(text)
    assert front is not None
    changed = _added(front["front"], policy)
    if changed is None:
        raise UsageError(
            f"{file}: the list `policies` cannot be added to; write `- {policy}` there, and leave --global out."
        )
    return Change(file, text.replace(front["front"], changed, 1))


def known(governance: Path) -> Iterator[GlobalPolicy]:
    """Every page of the folder that is a global policy, in the order of the file names."""
    from engine.descriptor import yaml_source
    from engine.descriptor.limits import Limits
    from engine.descriptor.text import SourceRefused

    for file in sorted(governance.glob("global/*.md")):
        front = _FRONT.match(file.read_text("utf-8", "replace"))
        try:
            written = yaml_source.read(front["front"], Limits())[0] if front else None
        except SourceRefused:
            continue
        if isinstance(written, dict) and isinstance(written.get("id"), str):
            named = written.get("policies")
            policies = tuple(one for one in named if isinstance(one, str)) if isinstance(named, list) else ()
            yield GlobalPolicy(written["id"], str(written.get("title", "")), policies, file)


def _added(front: str, policy: str) -> str | None:
    """The front matter with the policy at the end of the list; None where the list is written otherwise."""
    if empty := _NO_LIST.search(front):
        return f"{front[: empty.start()]}policies:\n  - {policy}\n{front[empty.end() :]}"
    found = _LIST.search(front)
    if found is None:
        return None if "policies:" in front else f"{front}policies:\n  - {policy}\n"
    items = found["items"]
    if re.search(rf"-[ \t]+{re.escape(policy)}[ \t]*(#.*)?$", items, re.MULTILINE):
        return front
    margin = re.match(r"[ \t]*", items)
    line = f"{margin[0] if items and margin else '  '}- {policy}\n"
    return f"{front[: found.end()]}{line}{front[found.end() :]}"
