"""Which files does a command line of files, folders and globs name?"""

from __future__ import annotations

import glob
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.errors import UsageError

SUFFIXES = (".yaml", ".yml", ".json")
MARK = b"dataProductDescriptor"
"""A file found in a folder counts as a root document when it holds this word: other files there are its parts."""
READ = 8 * 1024 * 1024
"""How far a file is searched for that word; larger ones are no descriptors."""


@dataclass(frozen=True, slots=True)
class Named:
    """The root documents in the order in which they were named, and how many other files were left out."""

    documents: tuple[Path, ...]
    left_out: int = 0


def named(arguments: Iterable[str]) -> Named:
    """The documents behind the arguments; a file named outright counts whatever it holds.

    Raises UsageError for an argument that names nothing.
    """
    chosen: dict[Path, None] = {}
    left_out = 0
    for argument in arguments:
        for path, outright in _paths(argument):
            if outright or _is_root(path):
                chosen.setdefault(path)
            else:
                left_out += 1
    return Named(tuple(chosen), left_out)


def _is_root(path: Path) -> bool:
    """Whether the file holds the mark; one that cannot be read counts too, so that its report says so."""
    try:
        with path.open("rb") as file:
            return MARK in file.read(READ)
    except OSError:
        return True


def _paths(argument: str) -> Iterator[tuple[Path, bool]]:
    path = Path(argument)
    if argument and path.is_dir():
        yield from ((found, False) for found in _below(path))
    elif argument and path.exists():
        yield path, True
    else:
        found = [Path(one) for one in sorted(glob.glob(argument, recursive=True))] if glob.has_magic(argument) else []
        if not found:
            raise UsageError(f"`{argument}` is neither a file nor a folder, and no file matches it.")
        yield from ((one, False) for one in found if one.is_file() and one.suffix in SUFFIXES)


def _below(folder: Path) -> list[Path]:
    """The files below a folder in a stable order, hidden ones and those in hidden folders left out."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix in SUFFIXES
        and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )
