"""Does the page on access work as it stands, against a real server with tokens and a worker?"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import PROGRAM, ROOT
from doors import a_server

PAGE = ROOT / "docs" / "howto" / "access.md"
BLOCK = re.compile(r"^```(console|yaml|rego)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ID = "0b7a4f1e5c2d4a6f8e9d0c1b2a3f4e5d"
TOKENS = {"team": "submitter, deployer", "ana": "consumer", "steward": "approver"}


def steps() -> Iterator[tuple[str, str]]:
    """Every file to write and every command with what is shown below it, in the order of the page."""
    for kind, text in BLOCK.findall(PAGE.read_text("utf-8")):
        if kind == "console":
            for entry in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
                command, _, shown = entry.partition("\n")
                yield command, shown
        elif text.startswith("# write "):
            file, _, content = text.removeprefix("# write ").partition("\n")
            yield f"write {file}", content


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = [
        f"- {{id: {who}, sha256: {hashlib.sha256(who.encode()).hexdigest()}, roles: [{roles}], domains: []}}"
        for who, roles in TOKENS.items()
    ]
    (tmp_path / "tokens.yaml").write_text("\n".join(["tokens:", *rows]) + "\n")
    for name, content in steps():
        if name.startswith("write "):
            file = tmp_path / name.removeprefix("write ")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)
    return tmp_path


def test_the_page_tells_what_happens(folder: Path) -> None:
    data, real = folder / "data", ""
    data.mkdir()
    told = {"tokens": str(folder / "tokens.yaml"), "governance": str(folder / "governance")}
    with a_server(data, **told, policies=str(folder / "governance" / "policies")) as (address, _):
        environment = {**os.environ, "MESHGATE_SERVER": address, "NO_COLOR": "1", "HOME": str(folder)}
        environment["PATH"] = f"{PROGRAM.parent}:{environment['PATH']}"
        asked = 0
        for command, shown in steps():
            if command.startswith("write "):
                continue
            asked += 1
            expected = [line.strip() for line in shown.splitlines()]
            for _ in range(60):
                done = subprocess.run(
                    ["bash", "-c", command.replace(ID, real or ID)],
                    cwd=folder,
                    env=environment,
                    capture_output=True,
                    text=True,
                    check=False,
                )
                out = done.stdout + done.stderr
                if not real and (found := re.search(r"^([0-9a-f]{32})  requested", out, re.MULTILINE)):
                    real = found[1]
                missing = [line for line in expected if line.replace(ID, real or ID) not in out]
                if not missing or " access list" not in command:  # only what a worker does takes a while
                    break
                time.sleep(0.2)
            assert not missing, (command, missing, out)
    assert asked > 7
