"""Does one process at a time own the data directory, whatever happens to that process?"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from api.data_directory import owned
from engine.errors import DataDirectoryBusy

ROOT = Path(__file__).resolve().parents[2]

HOLDER = """
import sys, pathlib
from api.data_directory import owned
with owned(pathlib.Path(sys.argv[1]), address=sys.argv[2]):
    print("held", flush=True)
    sys.stdin.readline()
"""


def holder(data_dir: Path, address: str) -> subprocess.Popen[str]:
    """Another process that owns the directory until it is told to stop."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(data_dir), address],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def end(process: subprocess.Popen[str]) -> None:
    process.communicate("\n", timeout=10)


def test_the_server_that_holds_it_is_named_at_once(tmp_path: Path) -> None:
    server = holder(tmp_path, "http://127.0.0.1:8471")
    with pytest.raises(DataDirectoryBusy) as busy, owned(tmp_path, patience=60):
        pass
    end(server)
    assert busy.value.detail == f"{tmp_path} is in use by the meshgate server at http://127.0.0.1:8471."
    assert busy.value.context == {
        "data_dir": str(tmp_path),
        "address": "http://127.0.0.1:8471",
        "pid": server.pid,
    }


def test_a_command_that_holds_it_is_waited_for(tmp_path: Path) -> None:
    command = holder(tmp_path, "")
    assert command.stdin is not None
    command.stdin.write("\n")
    command.stdin.flush()
    with owned(tmp_path, patience=60):
        pass
    end(command)


def test_patience_ends(tmp_path: Path) -> None:
    command = holder(tmp_path, "")
    with pytest.raises(DataDirectoryBusy) as busy, owned(tmp_path, patience=0):
        pass
    end(command)
    assert busy.value.detail == f"{tmp_path} is in use by another meshgate process ({command.pid})."


def test_a_killed_owner_leaves_it_free(tmp_path: Path) -> None:
    server = holder(tmp_path, "http://127.0.0.1:8471")
    server.kill()
    server.communicate()
    with owned(tmp_path, patience=0):
        pass


def test_an_owner_that_ended_is_forgotten(tmp_path: Path) -> None:
    with owned(tmp_path, address="http://127.0.0.1:8471"):
        pass
    assert (tmp_path / "meshgate.lock").read_text() == "{}\n"


def test_the_directory_is_made_where_there_is_none(tmp_path: Path) -> None:
    with owned(tmp_path / "new" / "place"):
        assert (tmp_path / "new" / "place").is_dir()
