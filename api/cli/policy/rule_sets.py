"""Which policies and which governance does a git revision, a folder or a bundle hold?"""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from api.settings import Settings
from engine.errors import UsageError
from engine.policy.governance import KINDS


@contextmanager
def named(name: str, settings: Settings) -> Iterator[Settings]:
    """The settings under which the rules of this name hold, while the block runs.

    A governance folder is one, with the policies in it; so is `governance` beside `policies` in a folder; any other
    folder holds policies. A file or an address is a
    bundle, which carries its governance. Everything else is a git revision, of which the configured folders are read:
    git writes them elsewhere, and the working tree stays as it is. Raises UsageError.
    """
    path = Path(name)
    if "://" in name or path.is_file():
        yield replace(settings, policies=(name,), governance=None)
    elif path.is_dir():
        yield _of_folder(path.resolve(), settings)
    else:
        with TemporaryDirectory(prefix="meshgate-") as folder:
            yield _of_revision(name, settings, Path(folder).resolve())


def _of_folder(folder: Path, settings: Settings) -> Settings:
    policies, governance = folder / "policies", folder / "governance"
    if any(path.stem in KINDS for path in folder.iterdir()):
        governance = folder
    if not policies.is_dir() and not governance.is_dir():
        return replace(settings, policies=(str(folder),))
    held = governance if governance.is_dir() else settings.governance
    own = (str(policies),) if policies.is_dir() else settings.policies
    return replace(settings, policies=own, governance=held)


def _of_revision(ref: str, settings: Settings, into: Path) -> Settings:
    """The configured folders as they were in this revision; one that was not there yet is left out."""
    folders = [Path(one) for one in settings.policies if "://" not in one and Path(one).is_dir()]
    governance = settings.governance
    every = [*folders, *([governance] if governance is not None else [])]
    if not every:
        raise UsageError(f"`{ref}` is no folder and no file, and no folder is configured to look for in git.")
    top = Path(_git(every[0], ref, "rev-parse", "--show-toplevel").decode().rstrip("\n")).resolve()
    commit = (
        _git(top, ref, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}").decode().strip()
    )
    were = {one: _read(one.resolve(), top, commit, into, ref) for one in every}
    policies = tuple(str(where) for one in folders if (where := were[one]) is not None)
    if folders and not policies:
        raise UsageError(f"`{ref}` holds none of the configured folders of policies: {', '.join(map(str, folders))}.")
    kept = were[governance] if governance is not None else None
    return replace(settings, policies=policies, governance=kept)


def _read(folder: Path, top: Path, commit: str, into: Path, ref: str) -> Path | None:
    """Where the folder was written, None where the commit has no such folder."""
    if not folder.is_relative_to(top):
        raise UsageError(f"{folder} is not in the git repository {top}, so `{ref}` says nothing about it.")
    within = folder.relative_to(top).as_posix()
    if within != "." and not _git(top, ref, "ls-tree", "-d", "-z", commit, "--", within):
        return None
    packed = _git(top, ref, "archive", "--format=tar", commit, "--", within)
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        _unpack(archive, into)
    return into / within


def _unpack(archive: tarfile.TarFile, into: Path) -> None:
    """Write what stays inside; Python before 3.11.4 cannot tell that of links, so there they are left out."""
    if hasattr(tarfile, "data_filter"):
        archive.extractall(into, filter="data")
    else:
        for one in archive:
            if one.isreg() or one.isdir():  # whose names git has checked
                archive.extract(one, into)


def _git(folder: Path, ref: str, *arguments: str) -> bytes:
    try:
        done = subprocess.run(["git", "-C", os.fspath(folder), *arguments], capture_output=True, check=False)
    except FileNotFoundError:
        raise UsageError(f"`{ref}` is no folder and no file, and there is no program `git` here to ask.") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip() or "no such revision"
        raise UsageError(f"`{ref}` is no folder, no file, and no revision that git knows in {folder}: {said}.")
    return done.stdout
