"""How does a global policy come to name one more policy?

The link lives in the front matter of the global policy, a list `policies`; everything else there stays as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from engine.errors import UsageError

_LIST = re.compile(r"^policies:[ \t]*\n(?P<items>([ \t]*-[ \t].*\n)*)", re.MULTILINE)
_NO_LIST = re.compile(r"^policies:[ \t]*\[[ \t]*\][ \t]*\n", re.MULTILINE)
_FRONT = re.compile(r"\A---\n(?P<front>.*?\n)---\n", re.DOTALL)


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
    file = _page_of(governance, id)
    with file.open(encoding="utf-8", newline="") as opened:
        text = opened.read()
    front = _FRONT.match(text)
    changed = _added(front["front"], policy) if front else None
    if front is None or changed is None:
        raise UsageError(
            f"{file}: the list `policies` cannot be added to; write `- {policy}` there, and leave --global out."
        )
    return Change(file, text.replace(front["front"], changed, 1))


def _page_of(governance: Path, id: str) -> Path:
    from engine.policy.global_policies import pages

    read, wrong = pages(governance)
    every = {entry["id"]: governance / sheet.file for sheet in read for entry in sheet.items}
    if id in every:
        return every[id]
    near = get_close_matches(id, sorted(every), 1, 0.5)
    told = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(sorted(every)) or 'none'}."
    unread = f" What cannot be read there: {'; '.join(map(str, wrong))}" if wrong else ""
    raise UsageError(f"{governance / 'global'} holds no global policy {id}{told}{unread}")


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
