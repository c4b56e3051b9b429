"""Does a person get to see what a deployment waits for, and to answer it, at the terminal?"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from commands import Terminal
from doors import product

WITH_JOB = """\
internalComponents:
  applicationComponents:
  - {name: fill, version: 1.0.0, platform: "local:python", applicationType: batch-transformation}
"""


@pytest.fixture
def waiting(tmp_path: Path) -> tuple[Terminal, str]:
    """A terminal whose product waits for consent to what its next version removes, and the id of the deployment."""
    terminal = Terminal(tmp_path)
    for version, more in (("1.0.0", WITH_JOB), ("1.1.0", "")):
        text = product(version=version).decode().replace("platform: postgresql:eu", "platform: local:files")
        (terminal.folder / "dp.yaml").write_text(text + more, "utf-8")
        assert terminal.run("submit", "dp.yaml").code == 0
        ended = terminal.run("deploy", "parcels", version)
        assert ended.code == (0 if more else 2), ended.err
    assert ended.out.partition(":")[0] == "awaiting_approval"
    (found,) = re.findall(r"meshgate approve (\S+)", ended.out)
    return terminal, found


def test_what_waits_is_shown_and_carried_out_once_its_plan_is_named(waiting: tuple[Terminal, str]) -> None:
    terminal, deployment = waiting
    looked = terminal.run("approve", deployment)
    assert (looked.code, "!  delete  application  fill" in looked.out) == (2, True)
    (digest,) = re.findall(r"--plan (sha256:\w+)", looked.err)
    other = terminal.run("approve", deployment, "--plan", f"sha256:{'0' * 64}")
    assert (other.code, "[plan-moved]" in other.err) == (2, True)
    done = terminal.run("approve", deployment, "--plan", digest, "--json")
    assert (done.code, done.json["state"], done.json["approved_by"]) == (0, "succeeded", "local")


def test_what_is_rejected_is_not_carried_out(waiting: tuple[Terminal, str]) -> None:
    terminal, deployment = waiting
    ended = terminal.run("reject", deployment, "--reason", "too early")
    assert (ended.code, ended.out.partition(":")[0]) == (0, "rejected")
    again = terminal.run("reject", deployment, "--reason", "too early")
    assert (again.code, "[not-awaiting-approval]" in again.err) == (2, True)
