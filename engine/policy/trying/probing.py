"""What does a piece of a rule give, evaluated where it stands: behind the statements before it, in its own package?

A rule of ours is put at the end of the module and asked. Everything is bounded: so many probes, each with a deadline.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from engine.model import Json
from engine.policy.trying.stand import Stand
from engine.policy.workers import Workers

MOST = 80
"""How many probes one explanation may cost."""
WIDEST = 80
"""Characters of a value that are shown."""
_RULE = "meshgate_probe"


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a piece is evaluated: its module and package, the statements before it, and the input (none: `b""`)."""

    file: str
    content: bytes
    package: str
    before: tuple[str, ...] = ()
    document: bytes = b""

    def after(self, *statements: str) -> Scope:
        return replace(self, before=(*self.before, *statements))


@dataclass
class Prober:
    """Asks pieces of the loaded modules; `left` counts down the probes that may still be made.

    One that takes all its time is the last: whoever waits for an explanation would wait for the others too.
    """

    workers: Workers
    texts: Mapping[str, str]
    seconds: float
    left: int = field(default=MOST)

    def rows(self, scope: Scope, term: str, *statements: str) -> list[Json] | None:
        """What a term gives for every solution of the statements, each once; None where it cannot be told."""
        if self.left <= 0:
            return None
        self.left -= 1
        body = "\n\t".join([*scope.before, *statements]) or "true"
        rule = f"\n\n{_RULE} contains {term} if {{\n\t{body}\n}}\n"
        texts = {**self.texts, scope.file: self.texts[scope.file] + rule}
        began = time.monotonic()
        trial = Stand(self.workers, texts, seconds=self.seconds).ask(f"data.{scope.package}.{_RULE}", scope.document)
        if time.monotonic() - began >= self.seconds:
            self.left = 0
        return list(trial.value) if isinstance(trial.value, list) and not trial.failure else None

    def holds(self, scope: Scope, *statements: str) -> bool | None:
        """Whether the statements have a solution; None where it cannot be told."""
        found = self.rows(scope, "1", *statements)
        return None if found is None else bool(found)

    def values(self, scope: Scope, parts: Sequence[str], mods: str = "") -> tuple[list[str], bool]:
        """What each part is worth in one solution of the scope, none where unknown; and whether others differ."""
        found = self.rows(scope, f"[{', '.join(collected(one, mods) for one in parts)}]") if parts else [[]]
        return [shown(one) for one in found[0]] if found else [], len(found or ()) > 1


def collected(part: str, mods: str = "") -> str:
    """The term for all values of a part: empty where it is undefined."""
    return f"[meshgate_value | meshgate_value := {part}{mods}]"


def shown(values: Sequence[Json]) -> str:
    """The values of a part as one short text."""
    if not values:
        return "undefined"
    text = json.dumps(values[0], ensure_ascii=False)
    short = text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"
    return short if len(values) == 1 else f"{short} and {len(values) - 1} more"
