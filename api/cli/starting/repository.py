"""Which files make a repository check its descriptors: in CI, and before each commit?"""

from __future__ import annotations

import json
import shlex
from pathlib import Path

from api.cli.starting.ci import Ci
from api.cli.starting.files import template

_CI = {Ci.GITHUB: (".github/workflows/meshgate.yaml", "github.yaml"), Ci.GITLAB: (".gitlab-ci.yml", "gitlab.yaml")}
PRE_COMMIT = ".pre-commit-config.yaml"


def root(folder: Path) -> Path:
    """The top of the git repository that the folder lies in; without one, the folder itself."""
    full = folder.absolute()
    above = (at for at in (full, *full.parents) if (at / ".git").exists())
    return next(above, full)


def files(folder: Path, ci: Ci, *, pre_commit: bool) -> dict[Path, str]:
    """The CI file and the pre-commit entry that check everything below the folder, where they are asked for."""
    top = root(folder)
    below = folder.absolute().relative_to(top).as_posix()
    found: dict[Path, str] = {}
    if ci in _CI:
        path, name = _CI[ci]
        found[top / path] = template(name, folder=shlex.quote(below))
    if pre_commit:
        found[top / PRE_COMMIT] = template("pre-commit.yaml", argument=json.dumps(below, ensure_ascii=False))
    return found
