"""Which documents changed since a point in the history of git, in any of their files?"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Annotated

import typer

from api.cli.documents import Named
from engine.errors import UsageError

ChangedSince = Annotated[
    str | None,
    typer.Option(
        help="Only documents of which a file, parts included, changed since HEAD left this git revision.",
        metavar="GITREF",
    ),
]


def changed(named: Named, ref: str | None) -> Named:
    """The documents with a changed, new or vanished file; one whose references cannot be followed counts as changed.

    Compared with the working tree is the commit where HEAD and `ref` parted, so that what others did on `ref` since
    then does not count. Raises UsageError where there is no git repository or no such revision.
    """
    if ref is None:
        return named
    top = cache(_top)
    touched = cache(lambda top: frozenset(_touched(top, ref)))
    kept = (
        path for path in named.documents if not touched(top(os.path.realpath(path.parent))).isdisjoint(_files(path))
    )
    return replace(named, documents=tuple(kept))


def _files(path: Path) -> Iterator[str]:
    """The files of a document; where references cannot be followed, every file that it may be waiting for."""
    from engine.descriptor import Directory, LeftToOthers, Submission, ingest
    from engine.model import Layer

    descriptor = ingest(Submission(path.name, Directory(path.parent), LeftToOthers()))
    yield os.path.realpath(path)
    for part in descriptor.parts:
        yield os.path.realpath(path.parent / part.path)
    stopping = [one for one in descriptor.problems if one.stops_the_road]
    # A root document that cannot be read itself waits for no other file.
    if any(one.layer is not Layer.SOURCE or one.place.file != path.name for one in stopping):
        yield ANYTHING


ANYTHING = ""
"""Stands among the changed files of every folder, so that a document that waits for some is always one of them."""


def _top(folder: str) -> str:
    return _git(folder, "rev-parse", "--show-toplevel").removesuffix("\n")


def _touched(top: str, ref: str) -> Iterator[str]:
    yield ANYTHING
    commit = _git(top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}", ref=ref).strip()
    start = _git(top, "merge-base", "HEAD", commit, ref=ref).strip()
    names = _git(top, "diff", "--name-only", "--no-renames", "--no-ext-diff", "-z", start, "--")
    names += _git(top, "ls-files", "--others", "--exclude-standard", "-z")
    yield from (os.path.realpath(os.path.join(top, name)) for name in names.split("\0") if name)


def _git(folder: str, *arguments: str, ref: str | None = None) -> str:
    try:
        done = subprocess.run(["git", "-C", folder, *arguments], capture_output=True, check=False)
    except FileNotFoundError:
        raise UsageError("--changed-since asks git, and there is no program `git` here.") from None
    if done.returncode:
        why = (
            f"knows no revision `{ref}` that HEAD shares a history with"
            if ref is not None
            else "is in no git repository"
        )
        raise UsageError(f"--changed-since: the folder {folder} {why}.")
    return os.fsdecode(done.stdout)
