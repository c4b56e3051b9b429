"""Does the page on releasing policies work as it stands: its keys, its commands, and its configuration of an OPA?"""

from __future__ import annotations

import hashlib
import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import released
from commands import ROOT, Ended, Terminal
from doors import until
from stock_opa import stock

from engine.descriptor.limits import Limits
from engine.descriptor.source import parse

PAGE = (ROOT / "docs" / "howto" / "releasing-policies.md").read_text("utf-8")
ELSEWHERE = "https://mesh.example.org"


def lines(beginning: str) -> list[str]:
    return re.findall(rf"^{re.escape(beginning)}.*$", PAGE, re.MULTILINE)


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """A terminal with the examples, the keys of the page, and tokens for an operator and an OPA."""
    made = Terminal(tmp_path / "terminal")
    (made.folder / "examples").symlink_to(ROOT / "examples")
    try:
        for line in lines("openssl "):
            subprocess.run(shlex.split(line), cwd=made.folder, check=True, capture_output=True)
    except FileNotFoundError as reason:
        pytest.skip(f"openssl: {reason}")
    hashed = {role: hashlib.sha256(role.encode()).hexdigest() for role in ("operator", "opa")}
    rows = "".join(f"- {{id: {role}, sha256: {sha}, roles: [{role}]}}\n" for role, sha in hashed.items())
    made.write("tokens.yaml", f"tokens:\n{rows}")
    made.environment["MESHGATE_SERVER_TOKEN"] = "operator"
    return made


def opa_configuration(address: str, terminal: Terminal) -> Path:
    """The YAML of the page with the server's address; token and key come from the environment, as the page says."""
    (shown,) = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    told: Any = parse("opa.yaml", shown.encode(), Limits()).value
    service = told["services"]["meshgate"]
    assert (service["url"], service["credentials"]["bearer"]["token"]) == (f"{ELSEWHERE}/opa", "${MESHGATE_TOKEN}")
    assert told["keys"]["governance"]["key"] == "${POLICIES_PUB}"
    file = terminal.folder / "opa.yaml"
    file.write_text(shown.replace(ELSEWHERE, address), "utf-8")
    return file


def test_the_page_leads_from_a_key_to_an_opa_that_decides_by_the_release(
    terminal: Terminal, opa_binary: str, tmp_path: Path
) -> None:
    def run(command: str, address: str = ELSEWHERE) -> Ended:
        return terminal.run(*shlex.split(command.replace(ELSEWHERE, address))[2:])

    bundle, release, releases, rollback, opas = lines("$ meshgate ")
    assert run(bundle).code == 0
    terminal.write("before.tar.gz", released.bundle(tmp_path, released.STRICT, hours=-48, signer=_signer(terminal)))
    served = ("serve", "--listen", "127.0.0.1:0")
    terminal.environment |= {
        "MESHGATE_TOKENS": str(terminal.folder / "tokens.yaml"),
        "MESHGATE_VERIFY_KEY": str(terminal.folder / "policies.pub"),
    }
    with terminal.running(*served, until="serving ") as address:
        assert run(release.replace("mesh.tar.gz", "before.tar.gz"), address).code == 0
        assert run(release, address).out.startswith("release 2 is in force, tried on 0 products\n")
        assert run(releases, address).out.startswith("*   2  ")
        key = (terminal.folder / "policies.pub").read_text().replace("\n", "\\n")
        told = {"MESHGATE_TOKEN": "opa", "POLICIES_PUB": key}
        with stock(opa_binary, opa_configuration(address, terminal), environment=told):
            revision = until(lambda: _reported(run, opas, address), seconds=60)
            assert revision in run(releases, address).out.splitlines()[0]
        assert run(rollback, address).out.startswith("release 1 is in force\n")


def _signer(terminal: Terminal) -> Any:
    from engine.policy import keys
    from engine.policy.archive import Signer

    return Signer(keys.signing(terminal.folder / "policies.key"), "governance")


def _reported(run: Callable[[str, str], Ended], opas: str, address: str) -> str:
    """The revision that the one OPA says it decides by; empty before it said one."""
    head = run(opas, address).out.splitlines()[0].split()
    return head[-1] if head[-1].startswith("sha256:") else ""
