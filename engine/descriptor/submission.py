"""Where do the bytes of a submission come from, and which files may a reference reach?"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from engine.descriptor.address import is_address
from engine.descriptor.limits import Limits


class ReferenceRefused(Exception):
    """The path leads outside the submission; the message says how."""


class NotFetched(Exception):
    """The host may be asked but did not give the file; the message says why."""


class AddressLeft(Exception):
    """Nobody asks here: the reference stays as it is written, for somebody else to follow."""


class Remote(Protocol):
    """What lies at the addresses that references name."""

    def fetch(self, url: str) -> bytes:
        """The bytes there; raises ReferenceRefused (no such host may be asked), NotFetched or AddressLeft."""
        ...


class LeftToOthers:
    """Asks for nothing, because whoever gets the submission will."""

    def fetch(self, url: str) -> bytes:
        raise AddressLeft(url)


class Files(Protocol):
    """The files of one submission, by path relative to its root."""

    def read(self, path: str) -> bytes:
        """The bytes of one file; raises FileNotFoundError or ReferenceRefused."""
        ...


@dataclass(frozen=True, slots=True)
class Submission:
    """A root document, by its path inside `files`, and the files that its references may reach.

    Without `remote` every reference to an address is refused, unless `files` holds what was fetched from there before.
    """

    root: str
    files: Files
    remote: Remote | None = None


class Directory:
    """A folder on disk; links are followed only while they stay inside it.

    A file is read only as far as it takes to know that it is larger than allowed. Files with the names of fetched ones
    are there only in a folder that holds everything that was `kept` of a submission.
    """

    def __init__(self, root_dir: Path, *, largest: int = Limits().size, kept: bool = False) -> None:
        self._root = Path(os.path.realpath(root_dir))
        self._largest, self._kept = largest, kept

    def read(self, path: str) -> bytes:
        if is_address(path) and not self._kept:
            raise FileNotFoundError(path)
        try:
            real = Path(os.path.realpath(self._root / path))
        except ValueError:  # a NUL in the path
            raise ReferenceRefused("the path holds a character that no file name may hold") from None
        if not real.is_relative_to(self._root):
            raise ReferenceRefused("the path leads outside the folder of the root document")
        if not real.is_file():
            raise FileNotFoundError(path)
        with real.open("rb") as file:
            return file.read(self._largest + 1)


class Parts:
    """Files at hand as bytes, such as the parts of an HTTP request."""

    def __init__(self, contents: Mapping[str, bytes]) -> None:
        self._contents = dict(contents)

    def read(self, path: str) -> bytes:
        try:
            return self._contents[path]
        except KeyError:
            raise FileNotFoundError(path) from None
