"""Where does `dbt` come from? From a virtual environment of its own, of the lock that ships with the adapter.

It is made once per machine and lock below `.tools`, where packages can be fetched; else who asks is skipped.
"""

from __future__ import annotations

import fcntl
import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
from go_tools import TOOLS
from outside_parts import missing

LOCK = Path(__file__).resolve().parent.parent / "engine" / "provision" / "adapters" / "dbt.lock"
SECONDS = 600


@pytest.fixture(scope="session")
def dbt_binary() -> str:
    """The path of a real `dbt`; one xdist worker makes the environment while the others wait."""
    TOOLS.mkdir(exist_ok=True)
    folder = TOOLS / f"dbt-{hashlib.sha256(LOCK.read_bytes()).hexdigest()[:12]}"
    with (TOOLS / "dbt.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        reason = "" if (folder / "made").exists() else _made(folder)
    if reason:
        missing("dbt", f"its environment cannot be made here: {reason}")
    return str(folder / "bin" / "dbt")


def _made(folder: Path) -> str:
    """Why it could not be made; empty where it was."""
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    asked = [
        [sys.executable, "-m", "venv", "--clear", str(folder)],
        [*pip, "--retries", "1", "--no-deps", "--require-hashes", "--only-binary", ":all:", "-r", str(LOCK)],
    ]
    for command in asked:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
        if done.returncode != 0:
            return (done.stderr.strip().splitlines() or ["it failed without a word"])[-1]
    (folder / "made").touch()
    return ""
