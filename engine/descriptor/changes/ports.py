"""What changed in one port that two versions of a product have in common?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from engine.descriptor.changes.columns import column_changes
from engine.descriptor.changes.texts import bare
from engine.descriptor.components import Component, text
from engine.descriptor.contracts.elsewhere import leads_elsewhere
from engine.descriptor.contracts.port_schemas import SchemaReader
from engine.descriptor.versions import is_semver, major
from engine.model import Change, ChangeLevel, Json, Path

_PATCH, _MINOR, _BREAKING = ChangeLevel.PATCH, ChangeLevel.MINOR, ChangeLevel.BREAKING
_SERVED: Final = ("platform", "servicesType")
_AGREEMENTS: Final = {
    "promises": ("deprecationPolicy", "slo"),
    "expectations": ("audience", "usage"),
    "obligations": ("termsAndConditions", "billingPolicy", "sla"),
}
_NO_CONTRACT: Final = frozenset(("version", "name", "promises", "expectations", "obligations", "tags"))


@dataclass(frozen=True, slots=True)
class Schemas:
    """Reads the columns of both versions, each within one budget."""

    old: SchemaReader
    new: SchemaReader


def port_changes(old: Component, new: Component, schemas: Schemas) -> Iterator[Change]:
    """Every difference; none for a port whose only news is a version that did not change its major."""
    if old.value == new.value and not leads_elsewhere(new):
        return
    yield from _version(old, new)
    yield from _platform(old, new)
    yield from _contract(old, new, schemas)
    yield from _agreements(old, new)
    yield from _rest(old, new)


def _version(old: Component, new: Component) -> Iterator[Change]:
    was, is_now = text(old.value, "version"), text(new.value, "version")
    if is_semver(was) and is_semver(is_now) and major(was) != major(is_now):
        yield _change(_BREAKING, f"it went from {was} to {is_now}", new, "version")


def _platform(old: Component, new: Component) -> Iterator[Change]:
    """Where and how a port is served: whoever reads it has to connect anew."""
    fields = [("promises", field) for field in _SERVED] + [("promises", "api", "specification")]
    for path in fields:
        was, is_now = text(old.value, *path), text(new.value, *path)
        if was != is_now:
            level = _MINOR if not was or new.kind == "inputport" else _BREAKING
            yield _change(level, f"{path[-1]} changed from {was or 'nothing'} to {is_now or 'nothing'}", new, *path)


def _contract(old: Component, new: Component, schemas: Schemas) -> Iterator[Change]:
    before, now = _api(old), _api(new)
    if before == now and not leads_elsewhere(new):
        return
    path = ("promises", "api")
    if before is None or now is None:
        level = _BREAKING if now is None and new.kind == "outputport" else _MINOR
        yield _change(level, f"its API was {'removed' if now is None else 'added'}", new, *path)
        return
    was, is_now = schemas.old.schema(old), schemas.new.schema(new)
    found: list[Change] = []
    if was.understood and is_now.understood and not (was.cut or is_now.cut):
        found = list(column_changes(was, is_now, (*new.path, *path, "definition")))
    yield from found if new.kind != "inputport" else (_softened(one) for one in found)
    if not found and before != now:
        is_text = bare(before) == bare(now)
        told = "the texts of its API changed" if is_text else "its API changed in another way than by columns"
        yield _change(_PATCH if is_text else _MINOR, told, new, *path)


def _softened(change: Change) -> Change:
    """What a product reads itself breaks nobody else."""
    level = min(change.level, _MINOR)
    return Change(level, change.msg, change.path, change.kind, change.port, change.column)


def _api(port: Component) -> Json:
    promises = port.value.get("promises")
    return promises.get("api") if type(promises) is dict else None


def _agreements(old: Component, new: Component) -> Iterator[Change]:
    """No rule can tell a weaker promise from a stronger one, so that any other promise is minor."""
    for section, fields in _AGREEMENTS.items():
        before, now = _section(old, section), _section(new, section)
        for field in fields:
            was, is_now = before.get(field), now.get(field)
            if was != is_now:
                verb = "added" if was is None else "removed" if is_now is None else "changed"
                level = _PATCH if was is not None and is_now is not None and bare(was) == bare(is_now) else _MINOR
                yield _change(level, f"{section}.{field} was {verb}", new, section, field)


def _section(port: Component, name: str) -> dict[str, Json]:
    found = port.value.get(name)
    return found if type(found) is dict else {}


def _rest(old: Component, new: Component) -> Iterator[Change]:
    if old.value.get("tags") != new.value.get("tags"):
        yield _change(_MINOR, "its tags changed", new, "tags")
    before, now = bare(old.value, without=_NO_CONTRACT), bare(new.value, without=_NO_CONTRACT)
    for field in sorted(before.keys() | now.keys()):
        if before.get(field) != now.get(field):
            yield _change(_MINOR, f"{field} changed", new, field)
    if not _told_apart(old, new):
        yield _change(_PATCH, "its texts changed", new)


def _told_apart(old: Component, new: Component) -> bool:
    """Whether all texts of the port itself are the same: those of its parts were compared with them."""
    return all(
        old.value.get(field) == new.value.get(field)
        for field in (old.value.keys() | new.value.keys()) - _NO_CONTRACT - {"id", "fullyQualifiedName", "entityType"}
        if field in ("description", "displayName", "externalDocs", "componentGroup") or field.startswith("x-")
    )


def _change(level: ChangeLevel, msg: str, port: Component, *below: str) -> Change:
    path: Path = (*port.path, *below)
    return Change(level, msg, path, port.kind, port.name)
