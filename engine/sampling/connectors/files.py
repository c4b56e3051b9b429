"""What does a file below one of the operator's folders hold: Parquet, CSV or SQLite?

Parquet and CSV are read by DuckDB. SQLite files are read by Python's own sqlite3: DuckDB reads them by an extension
that it would download.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from engine.sampling.connectors import inside
from engine.sampling.contract import Source

FORMATS: Mapping[str, tuple[str, ...]] = {
    "parquet": (".parquet", ".pq"),
    "csv": (".csv", ".tsv", ".txt"),
    "sqlite": (".sqlite", ".sqlite3", ".db"),
}
ENDINGS = {ending: name for name, endings in FORMATS.items() for ending in endings}
KEYS = frozenset({"root", "path", "format", "table", "header", "delimiter", "output"})


class Found(NamedTuple):
    """Open files that are one dataset."""

    format: str
    files: tuple[int, ...]


class Files:
    """The connector `duckdb`.

    `root` is the folder that nothing may lead out of. `path` names a file below it, or a folder in which the dataset
    (or the port) is a file of a known ending, or a folder of parts; without it the root is that folder.
    """

    def __init__(self, place: Mapping[str, Any]) -> None:
        told = place["configuration"]
        if unknown := sorted(told.keys() - KEYS):
            raise ValueError(f"the connector duckdb knows no `{unknown[0]}`; it knows {', '.join(sorted(KEYS))}")
        if not isinstance(told.get("root"), str) or not os.path.isabs(told["root"]):
            raise ValueError("the connector duckdb needs `root`, an absolute path of a folder")
        if told.get("format", "csv") not in FORMATS:
            raise ValueError(f"`format` is one of {', '.join(FORMATS)}")
        names = list(dict.fromkeys(one for one in (place["dataset"], place["port"]) if one))
        self._source = _source(found(told, names), told, names, place)

    def columns(self) -> Sequence[Mapping[str, str]]:
        return self._source.columns()

    def rows(self, names: Sequence[str], rows: int, cell: int) -> Iterable[Sequence[Any]]:
        return self._source.rows(names, rows, cell)


def found(told: Mapping[str, Any], names: Sequence[str]) -> Found:
    """The files that are meant. Raises FileNotFoundError, PermissionError."""
    path = told.get("path", "")
    steps = inside.steps(told["root"], path)
    wanted = told.get("format")
    if steps and (ending := os.path.splitext(steps[-1])[1].lower()) in ENDINGS:
        with inside.folder(told["root"], "/".join(steps[:-1])) as within:
            return _one(steps[-1], within, wanted or ENDINGS[ending])
    with inside.folder(told["root"], "/".join(steps)) as within:
        for name in names:
            for ending, format in ENDINGS.items():
                if wanted in (None, format) and (here := _perhaps(_one, name + ending, within, format)):
                    return here
            if here := _perhaps(_one, name, within, wanted or "parquet"):
                return here
    raise FileNotFoundError(f"there is no file of {' or '.join(names)} in {path or 'the root'}")


def _one(name: str, within: int, format: str) -> Found:
    """A file, or a folder with parts of the format."""
    try:
        return Found(format, (inside.file(name, within),))
    except PermissionError:
        parts = inside.parts(name, within, FORMATS[format])
    if not parts:
        raise FileNotFoundError(f"{name} holds no {format} file")
    return Found(format, tuple(opened for _, opened in parts))


def _perhaps(look: Callable[[str, int, str], Found], name: str, within: int, format: str) -> Found | None:
    try:
        return look(name, within, format)
    except FileNotFoundError:
        return None


def _source(files: Found, told: Mapping[str, Any], names: Sequence[str], place: Mapping[str, Any]) -> Source:
    if files.format == "sqlite":
        from engine.sampling.connectors.sqlite import Sqlite

        return Sqlite(files.files[0], [told["table"]] if "table" in told else names, place["seconds"])
    from engine.sampling.connectors.duck import Duck

    return Duck(files.format, files.files, told, place)
