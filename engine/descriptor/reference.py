"""What does one `$ref` name: which file, and which place in it?"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

from engine.descriptor.address import SCHEMES, below, home_of, is_address, name_of
from engine.model import Json, Path


class RefRefused(Exception):
    """The reference cannot be followed; `code` says why."""

    def __init__(self, code: str, msg: str, hint: str = "") -> None:
        super().__init__(msg)
        self.code, self.msg, self.hint = code, msg, hint


@dataclass(frozen=True, slots=True)
class Target:
    """A file, relative to the root of the submission, and the steps of the pointer into it."""

    file: str
    steps: tuple[str, ...]
    #: ODM's spelling `#components/…`
    without_slash: bool = False

    def __str__(self) -> str:
        return f"{self.file}#" + "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in self.steps)


def target(ref: Json, base: str) -> Target:
    """What a `$ref` in the file `base` names; raises RefRefused (DP201, DP205).

    A URL of the web names a file, too, which has a name of its own (`engine.descriptor.address`): whether it may be
    fetched is for others to say.
    """
    if type(ref) is not str:
        raise RefRefused("DP205", "$ref is not a string", "write a path such as ports/orders.yaml, or #/ and a pointer")
    try:
        parts = urlsplit(ref)
    except ValueError:
        raise RefRefused("DP205", f"$ref {ref!r} is not a URI reference") from None
    if (parts.scheme or parts.netloc) and not (parts.scheme in SCHEMES and parts.netloc):
        raise RefRefused("DP201", f"$ref {ref!r} is an address; nothing is fetched", "keep a copy beside the document")
    if parts.query:
        raise RefRefused("DP205", f"$ref {ref!r} holds a query")
    if parts.scheme:
        file = _address(ref, parts)
    else:
        file = _beside(ref, parts.path, base) if is_address(base) else _file(ref, unquote(parts.path), base)
    fragment = unquote(parts.fragment)
    steps = fragment.removeprefix("/").split("/") if fragment else []
    decoded = tuple(step.replace("~1", "/").replace("~0", "~") for step in steps)
    return Target(file, decoded, bool(fragment) and not fragment.startswith("/"))


def _file(ref: str, path: str, base: str) -> str:
    if not path:
        return base
    if path.startswith("/") or "\\" in path or "\0" in path:
        raise RefRefused("DP201", f"$ref {ref!r} is not a relative path", "write a path relative to this file")
    joined = posixpath.normpath(posixpath.join(posixpath.dirname(base), path))
    if joined == ".." or joined.startswith("../"):
        raise RefRefused(
            "DP201", f"$ref {ref!r} leads outside the submission", "keep the file below the folder of the root document"
        )
    if is_address(joined):
        raise RefRefused("DP201", f"$ref {ref!r} has the name of a fetched file", "give the folder another name")
    return joined


def _address(ref: str, parts: SplitResult) -> str:
    try:
        return name_of(parts)
    except ValueError as reason:
        raise RefRefused("DP205", f"$ref {ref!r} {reason}") from None


def _beside(ref: str, path: str, base: str) -> str:
    """What a path means in a file that was fetched: another one on the same host."""
    if not path:
        return base
    try:
        return below(home_of(base), path, posixpath.dirname(base))
    except ValueError as reason:
        raise RefRefused("DP201", f"$ref {ref!r} in a fetched file {reason}") from None


def lookup(document: Json, steps: tuple[str, ...]) -> tuple[Json, Path]:
    """The value at a pointer and its path; raises KeyError."""
    path: list[str | int] = []
    for step in steps:
        if type(document) is list:
            if not (step.isascii() and step.isdigit()) or (step != "0" and step.startswith("0")) or len(step) > 9:
                raise KeyError(step)
            index = int(step)
            if index >= len(document):
                raise KeyError(step)
            document = document[index]
            path.append(index)
        elif type(document) is dict:
            document = document[step]
            path.append(step)
        else:
            raise KeyError(step)
    return document, tuple(path)
