"""How does `check` show or write the fixes that rules and policies offer?"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli import outputs
from api.cli.outputs import Target
from api.cli.printing import note
from engine.errors import UsageError

if TYPE_CHECKING:
    from api.wiring import House
    from engine.fixing.edits import Edit
    from engine.fixing.proposals import Proposal

PANEL = "Fixes"

Diff = Annotated[
    bool,
    typer.Option("--diff", help="Print what --fix would change first, instead of the report.", rich_help_panel=PANEL),
]
Fix = Annotated[
    bool,
    typer.Option(
        "--fix", help="Write the fixes that rules offer, and check again until none is left.", rich_help_panel=PANEL
    ),
]
Report = dict[str, Any]
Contents = Iterator[tuple[Path, tuple[bytes, bytes]]]
"""What files hold, and what they shall hold; one file at a time."""
ROUNDS = 5
"""How often is written and judged again, because a corrected document may be offered further fixes."""


def shown(made: Report, house: House) -> None:
    """Print what the first round of fixes would change; says on standard error what cannot be placed."""
    changes = _offered(made, house)
    show(changes.contents())
    changes.tell_refused()


def fixed(made: Report, house: House, *, again: Callable[[], Report], counting: Callable[[Report], Report]) -> Report:
    """Write the fixes offered and judge `again`, until nothing more can be written: the report is the last one.

    `counting` answers the report without what is old. Says on standard error what changed, and at the end what could
    not be placed.
    """
    for _ in range(ROUNDS):
        changes = _offered(counting(made), house)
        if not write(changes.contents()):
            break
        made = again()
    changes.tell_refused()
    return made


def write(contents: Contents) -> int:
    """Write the files, each where it is, and count them; raises UsageError for one that somebody changed meanwhile."""
    number = 0
    for number, (path, (before, after)) in enumerate(contents, 1):  # noqa: B007  (the last one is the answer)
        if path.read_bytes() != before:
            raise UsageError(f"{path} changed while it was checked; nothing more was written.")
        path.write_bytes(after)
    return number


def show(contents: Contents) -> None:
    """Print the changes as a unified diff, which `git apply` and `patch -p1` understand."""
    from difflib import unified_diff

    for path, (before, after) in contents:
        name = os.path.relpath(path)
        for line in unified_diff(_lines(before), _lines(after), f"a/{name}", f"b/{name}"):
            sys.stdout.write(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n")
    sys.stdout.flush()


def targets(formats: Sequence[str], *, diff: bool, fix: bool, fixed: bool = False) -> list[Target]:
    """Where reports go beside a diff, which has standard output for itself; `fixed` says that nothing may change.

    Raises UsageError for what contradicts itself.
    """
    if diff and fix:
        raise UsageError("--diff shows what --fix would write; give one of them.")
    if (diff or fix) and fixed:
        raise UsageError("--diff and --fix go neither with --write-baseline (fix first) nor with --stdin-filename.")
    wanted = outputs.targets(formats) if formats or not diff else []
    if diff and any(path is None for _, path in wanted):
        raise UsageError(
            "--diff prints the changes on standard output; give formats a path: --format json=report.json."
        )
    return wanted


def _lines(content: bytes) -> list[str]:
    """The lines as `patch` counts them: only LF ends one."""
    return re.findall(r"[^\n]*\n|[^\n]+", content.decode("utf-8"))


def _offered(made: Report, house: House) -> _Changes:
    from engine.fixing.proposals import offered, proposals

    changes = _Changes()
    for document in filter(offered, made["documents"]):
        root = Path(document["file"])
        for proposal in proposals(document, _descriptor(root, house)):
            changes.take(proposal, root.parent)
    return changes


def _descriptor(root: Path, house: House) -> Any:
    from engine.descriptor import Directory, Submission, ingest

    there = Submission(root.name, Directory(root.parent), house.remote())
    return ingest(there, namespace=house.settings.namespace)


class _Changes:
    """The edits that can be carried out together, by the file on disk, and what is said about each."""

    def __init__(self) -> None:
        self._edits: dict[Path, list[tuple[Edit, Proposal]]] = {}
        self._refused: list[tuple[Proposal, str]] = []

    def take(self, proposal: Proposal, folder: Path) -> None:
        """Take the edits of a proposal as a whole, or say why not."""
        from engine.descriptor.address import is_address

        if any(is_address(edit.file) for edit in proposal.edits):
            self._refused.append((proposal, "it stands in a file that was fetched, which is not written"))
            return
        placed = [_on_disk(edit, folder) for edit in proposal.edits]
        fresh = [(path, edit) for path, edit in placed if edit not in self._known(path)]
        if proposal.reason:
            self._refused.append((proposal, proposal.reason))
        elif any(edit.clashes(other) for path, edit in fresh for other in self._known(path)):
            self._refused.append((proposal, "another fix changes the same place; check again"))
        else:
            for path, edit in fresh:
                self._edits.setdefault(path, []).append((edit, proposal))

    def contents(self) -> Contents:
        """The files with what they shall hold, each told on standard error."""
        from engine.fixing.edits import CannotFix
        from engine.fixing.writing import rewritten

        for path, edits in self._edits.items():
            before = path.read_bytes()
            try:
                after = rewritten(edits[0][0].file, before, [edit for edit, _ in edits])
            except CannotFix as reason:
                self._refused += [(proposal, str(reason)) for _, proposal in edits]
                continue
            for edit, proposal in edits:
                note(f"fix: {_place(proposal)}: {proposal.rule}: {_told(edit)} in {os.path.relpath(path)}")
            yield path, (before, after)

    def tell_refused(self) -> None:
        """Say what could not be changed, and why."""
        told = (f"not fixed: {_place(one)}: {one.rule}: {reason}" for one, reason in self._refused)
        # An alias puts one place of a file at several places of the document.
        for line in dict.fromkeys(told):
            note(line)

    def _known(self, path: Path) -> list[Edit]:
        return [edit for edit, _ in self._edits.get(path, ())]


def _on_disk(edit: Edit, folder: Path) -> tuple[Path, Edit]:
    """The file, and the edit with its name: two documents may name one file differently."""
    path = Path(os.path.realpath(folder / edit.file))
    return path, replace(edit, file=os.path.relpath(path))


def _place(proposal: Proposal) -> str:
    return f"{proposal.file}:{proposal.line}:{proposal.column}"


def _told(edit: Edit) -> str:
    import json

    from engine.model import pointer

    value = json.dumps(edit.value, ensure_ascii=False)
    return f"{edit.action} {pointer(edit.steps)}" + ("" if edit.action == "remove" else f" to {value}")
