"""Which document comes from standard input, as an editor sends one that is not saved yet?"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.documents import Named, named
from engine.errors import UsageError

if TYPE_CHECKING:
    from engine.descriptor import Submission

StdinFilename = Annotated[
    Path | None,
    typer.Option(
        help="Judge what comes on standard input as if this file held it; its references start there.", metavar="NAME"
    ),
]


class Typed:
    """The text of a document that stands in for its file; every other file is the one on disk."""

    def __init__(self, path: Path, content: bytes) -> None:
        self.path, self.content = path, content

    def submission(self, path: Path) -> Submission:
        """The submission of this one document."""
        from engine.descriptor import Submission

        return Submission(root=path.name, files=self)

    def read(self, path: str) -> bytes:
        from engine.descriptor import Directory

        return self.content if path == self.path.name else Directory(self.path.parent).read(path)

    def lines(self, file: str) -> Sequence[str]:
        """The lines to quote in a report."""
        from api.cli.formats import source_lines
        from engine.report.excerpt import lines

        return lines(self.content.decode("utf-8", "replace")) if Path(file) == self.path else source_lines(file)


def asked(paths: Sequence[str], stdin_filename: Path | None) -> tuple[Named, Typed | None]:
    """The documents that a command line names, and the one on standard input. Raises UsageError for none or both."""
    if stdin_filename is None:
        if not paths:
            raise UsageError("Name files, folders or globs to check, or --stdin-filename for standard input.")
        return named(paths), None
    if paths:
        raise UsageError("--stdin-filename judges standard input alone; name no other files.")
    if not stdin_filename.name or stdin_filename.is_dir():
        raise UsageError(f"--stdin-filename {stdin_filename} is not the name of a file.")
    from engine.descriptor.limits import Limits

    content = sys.stdin.buffer.read(Limits().size + 1)
    return Named((stdin_filename,)), Typed(stdin_filename, content)


def submission(path: Path) -> Submission:
    """The submission of a document on disk: its folder is what references may reach."""
    from engine.descriptor import Directory, Submission

    return Submission(root=path.name, files=Directory(path.parent))
