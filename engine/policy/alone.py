"""Which policy is in a text that somebody sends, and may it be evaluated?

Anybody may send one, so everything that is asked about it in this process takes time that grows with its length, and
its length is bounded before any parser sees it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.errors import BundleInvalid
from engine.model import Json
from engine.policy import lint, packages, reach, syntax
from engine.policy.flaws import refuse_first
from engine.policy.modules import Source
from engine.policy.packages import Package
from engine.policy.reach import Uses
from engine.policy.syntax import Module
from engine.policy.worker import Refused, Worker

SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long a text may be, in characters, how many rules it may have, and what its file is called in errors."""

    largest: int
    rules: int
    file: str


@dataclass(frozen=True, slots=True)
class Alone:
    """The one policy of a text: its package, the rules that carry its word, and what its rules use."""

    source: Source
    module: Module
    package: Package
    entries: tuple[str, ...]
    uses: Uses


def glanced(text: str, bounds: Bounds) -> None:
    """Raise BundleInvalid for a text that no parser should see."""
    if len(text) > bounds.largest:
        raise BundleInvalid(
            f"{bounds.file}: longer than {bounds.largest >> 10} KiB, the most that a policy may have that comes alone"
        )
    refuse_first(filter(None, [lint.at_sight(bounds.file, text)]))


def understood(worker: Worker, text: str, bounds: Bounds) -> Alone:
    """The policy of a text that was glanced at. Raises BundleInvalid for the first flaw; WorkerLost."""
    tree = _tree(worker, text, bounds)
    module = syntax.module(tree)
    source = Source(bounds.file, text, Path(bounds.file))
    package = packages.group([module], [source])[0]
    uses, reaching = reach.follow([module])
    refuse_first(
        [*lint.Calls([module]).flaws(module), *reaching, *packages.misnamed(module), *packages.misspelt(package)]
    )
    return Alone(source, module, package, packages.entries(package), uses)


def _tree(worker: Worker, text: str, bounds: Bounds) -> Mapping[str, Json]:
    try:
        tree = worker.syntax({bounds.file: text}, seconds=SECONDS)[0]
    except Refused as reason:
        raise BundleInvalid(str(reason)) from None
    if len(tree["ast"]["rules"]) > bounds.rules:
        raise BundleInvalid(
            f"{bounds.file}: has more than {bounds.rules} rules, the most that a policy may have that comes alone"
        )
    return tree
