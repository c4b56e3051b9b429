"""Which columns of a port came, went or changed, and does that break who reads or sends them?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.model import Change, ChangeLevel, Column, Direction, Path, PortSchema

_PATCH, _MINOR, _BREAKING = ChangeLevel.PATCH, ChangeLevel.MINOR, ChangeLevel.BREAKING
Key = tuple[Direction, str, str]


def column_changes(old: PortSchema, new: PortSchema, path: Path) -> Iterator[Change]:
    """Every difference between the columns of one port; `path` is that of its definition."""
    before, now = _keyed(old), _keyed(new)
    left = {key[:2] for key in now}
    for key, column in before.items():
        if key not in now and key[:2] in left:
            level = _BREAKING if column.direction is Direction.OUTPUT else _MINOR
            yield _change(level, f"{_what(column)} was removed", column, new, path)
    for dataset in dict.fromkeys((column.direction, column.dataset) for column in before.values()):
        if dataset not in left:
            yield Change(_BREAKING, f"{dataset[1] or 'every column'} was removed", path, new.kind, new.port, dataset[1])
    for key, column in now.items():
        yield from _compared(before[key], column, new) if key in before else _added(column, new)


def _keyed(schema: PortSchema) -> Mapping[Key, Column]:
    return {(one.direction, one.dataset, one.path): one for one in schema.columns}


def _added(column: Column, port: PortSchema) -> Iterator[Change]:
    if column.direction is Direction.INPUT and not column.nullable:
        yield _change(_BREAKING, f"{_what(column)} was added and is required", column, port, column.at)
    else:
        yield _change(_MINOR, f"{_what(column)} was added", column, port, column.at)


def _compared(old: Column, new: Column, port: PortSchema) -> Iterator[Change]:
    if old.type != new.type:
        msg = f"{_what(new)} changed its type from {old.type} to {new.type}"
        yield _change(_BREAKING, msg, new, port, new.at)
    if old.nullable != new.nullable:
        yield _change(*_nullability(new), new, port, new.at)
    if old.tags != new.tags:
        yield _change(_MINOR, f"{_what(new)} changed its tags", new, port, new.at)
    if old.description != new.description:
        yield _change(_PATCH, f"{_what(new)} changed its description", new, port, new.at)


def _nullability(new: Column) -> tuple[ChangeLevel, str]:
    """Readers break on a null they were never given, senders on a value they never had to give."""
    if new.direction is Direction.OUTPUT:
        return (_BREAKING, f"{_what(new)} may now be null") if new.nullable else (_MINOR, f"{_what(new)} is never null")
    return (_MINOR, f"{_what(new)} is optional") if new.nullable else (_BREAKING, f"{_what(new)} is now required")


def _what(column: Column) -> str:
    kind = "column" if column.direction is Direction.OUTPUT else "input"
    return f"the {kind} {_name(column)!r}"


def _name(column: Column) -> str:
    return f"{column.dataset}.{column.path}" if column.dataset else column.path


def _change(level: ChangeLevel, msg: str, column: Column, port: PortSchema, path: Path) -> Change:
    return Change(level, msg, path, port.kind, port.port, _name(column))
