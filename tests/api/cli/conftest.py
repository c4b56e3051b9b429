"""A terminal for each test, and one in which commands run inside the test's own process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from commands import Ended, Terminal

from api.cli import main

Run = Callable[..., Ended]


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


@pytest.fixture
def run(terminal: Terminal, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command in this process (which is faster) in the terminal's folder and with its home."""
    monkeypatch.chdir(terminal.folder)
    monkeypatch.setenv("HOME", str(terminal.home))
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)

    def ended(*arguments: str | Path) -> Ended:
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main([str(one) for one in arguments])
        said = capsys.readouterr()
        code = end.value.code
        return Ended(code if isinstance(code, int) else 0, said.out, said.err)

    return ended
