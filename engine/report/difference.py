"""How do the differences between two versions read, as JSON and as lines?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from engine.descriptor.changes.told import Difference
from engine.model import ChangeLevel, Json, pointer

SCHEMA = "meshgate/difference/1"
LEVELS = {ChangeLevel.PATCH: "patch", ChangeLevel.MINOR: "minor", ChangeLevel.BREAKING: "major"}


class Compared(Protocol):
    """Two versions and what differs (`catalog.evolution.Diff`)."""

    @property
    def before(self) -> str: ...
    @property
    def now(self) -> str: ...
    @property
    def level(self) -> ChangeLevel | None: ...
    @property
    def differences(self) -> Sequence[Difference]: ...


def told(diff: Compared) -> dict[str, Json]:
    """The differences as JSON, those of the greatest level first."""
    level = None if diff.level is None else LEVELS[diff.level]
    changes = [_one(one) for one in diff.differences]
    return {"schema": SCHEMA, "from": diff.before, "to": diff.now, "level": level, "changes": changes}


def _one(one: Difference) -> dict[str, Json]:
    change = one.change
    where = {"port_kind": change.kind or None, "port": change.port or None, "column": change.column or None}
    values = {"before": one.before, "now": one.now}
    return {
        "level": LEVELS[change.level],
        "area": one.area,
        **where,
        "path": pointer(change.path),
        "msg": change.msg,
        **values,
    }


def lines(diff: dict[str, Json]) -> Iterator[str]:
    """The same for people, from its JSON."""
    yield f"{diff['from']} -> {diff['to']}: {diff['level'] or 'nothing changed'}"
    for one in diff["changes"]:
        where = f"{one['port_kind']} {one['port']}: " if one["port"] else ""
        yield f"  {one['level']:<5}  {where}{one['msg']}"
