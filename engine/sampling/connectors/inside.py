"""Which file is meant below a folder that the operator named, and does nothing lead out of it?

The path is walked from folder to folder, each opened below the one before it without following links. What was looked
at is what is read: a link that somebody puts there meanwhile changes nothing.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import PurePosixPath

_LINKS = (errno.ELOOP, errno.EMLINK)
MOST_PARTS = 64
"""Files of one folder that are read together as parts of one dataset."""


@contextmanager
def folder(root: str, path: str) -> Iterator[int]:
    """A descriptor of this folder below the root. Raises FileNotFoundError, PermissionError."""
    opened = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for step in steps(root, path):
            below = _open(step, opened, os.O_DIRECTORY)
            os.close(opened)
            opened = below
        yield opened
    finally:
        os.close(opened)


def steps(root: str, path: str) -> tuple[str, ...]:
    """The names that lead from the root to the path; an absolute path has to begin with the root."""
    if "\0" in path:
        raise PermissionError("a path holds no NUL")
    told = PurePosixPath(path)
    if told.is_absolute():
        for start in (root, os.path.realpath(root)):
            with suppress(ValueError):
                told = told.relative_to(start)
                break
        else:
            raise PermissionError(f"{path} is not below {root}")
    if ".." in told.parts:
        raise PermissionError(f"{path} leads upwards")
    return told.parts


def file(name: str, within: int) -> int:
    """A descriptor of the plain file of this name. Raises FileNotFoundError, PermissionError."""
    opened = _open(name, within, os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(opened).st_mode):
        os.close(opened)
        raise PermissionError(f"{name} is no plain file")
    return opened


def parts(name: str, within: int, endings: Sequence[str]) -> list[tuple[str, int]]:
    """The plain files of the folder of this name with one of these endings, by their names."""
    opened = _open(name, within, os.O_DIRECTORY)
    try:
        named = sorted(one for one in os.listdir(opened) if one.endswith(tuple(endings)) and not one.startswith("."))
        return [(one, file(one, opened)) for one in named[:MOST_PARTS]]
    finally:
        os.close(opened)


def _open(name: str, within: int, flags: int) -> int:
    if "/" in name or name in ("", ".", "..") or "\0" in name:
        raise PermissionError(f"{name!r} is no name of a file")
    try:
        return os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | flags, dir_fd=within)
    except NotADirectoryError:
        if stat.S_ISLNK(os.stat(name, dir_fd=within, follow_symlinks=False).st_mode):
            raise PermissionError(f"{name} is a link, and links are not followed") from None
        raise FileNotFoundError(f"{name} is no folder") from None
    except OSError as error:
        if error.errno in _LINKS:
            raise PermissionError(f"{name} is a link, and links are not followed") from None
        if error.errno in (errno.ENAMETOOLONG, errno.EILSEQ):
            raise FileNotFoundError(f"{name[:50]} cannot be a name") from None
        raise
