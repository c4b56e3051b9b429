"""Can an operator release, go back and look, on this machine's catalog and on a server, and is told why not?"""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import bundle_keys
import pytest
import released
from commands import ROOT, Terminal
from released import OWNED, STRICT

GOOD = ROOT / "examples" / "mesh" / "finance"


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    made = Terminal(tmp_path / "terminal")
    for hours in range(2):
        bundle = released.bundle(tmp_path, {**STRICT, f"trial.n{hours}": OWNED}, hours=hours)
        made.write(f"{hours + 1}.tar.gz", bundle)
    return made


def test_without_a_server_the_catalog_of_this_machine_follows(terminal: Terminal) -> None:
    assert terminal.run("policy", "releases").out == "nothing was released: configured policies hold\n"
    terminal.run("submit", GOOD, "-q")
    first = terminal.run("policy", "release", "1.tar.gz", "--sample", "2")
    assert (first.code, first.out.splitlines()[0]) == (0, "release 1 is in force, tried on 2 products")
    second = terminal.run("policy", "release", "2.tar.gz", "--json")
    assert (second.json["number"], second.json["tried"]) == (2, 3)
    assert terminal.run("policy", "release", "2.tar.gz").out.splitlines()[0] == "release 2 was in force already"
    older = terminal.run("policy", "release", "1.tar.gz")
    assert (older.code, "[bundle-older]" in older.err) == (2, True)
    back = terminal.run("policy", "rollback", "--reason", "too strict")
    assert (back.code, back.out.splitlines()[0]) == (0, "release 1 is in force")
    listed = terminal.run("policy", "releases")
    assert [line[:6] for line in listed.out.splitlines()] == ["    2 ", " " * 6, "*   1 ", " " * 6, " " * 6]
    assert "too strict" in listed.out
    assert "release 1 (" in terminal.run("doctor").out
    assert terminal.run("policy", "opas").out == "no OPA server reported\n"


def test_a_server_says_what_holds_and_what_does_not_and_ends_at_once_though_opas_wait(terminal: Terminal) -> None:
    terminal.run("policy", "release", "1.tar.gz")
    with terminal.running("serve", "--listen", "127.0.0.1:0", "--policies", "nowhere", until="serving ") as address:
        assert "holds since" in (terminal.home / "serve.log").read_text()
        terminal.environment["MESHGATE_SERVER"] = address
        assert terminal.run("policy", "release", "2.tar.gz").code == 0
        assert [one["active"] for one in terminal.run("policy", "releases", "--json").json["releases"]] == [True, False]
        report = json.dumps({"labels": {"id": "opa-1"}, "bundles": {"mesh": {"code": "bad", "errors": ["why"]}}})
        urllib.request.urlopen(urllib.request.Request(f"{address}/opa/status", report.encode())).close()
        told = terminal.run("policy", "opas").out.splitlines()
        assert (told[0], told[2:]) == ("opa-1  no bundle", ["  bad:", "    why"])
        waiting = threading.Thread(target=_waits, args=(address,))
        waiting.start()
        time.sleep(1)  # so that it most likely waits when the server is told to end
    waiting.join(10)  # `running` has seen the server end in good order; who waited was answered
    assert not waiting.is_alive()


def _waits(address: str) -> None:
    """Ask for the bundle as an OPA that has it already and is ready to wait."""
    with urllib.request.urlopen(f"{address}/opa/bundles/mesh") as answer:
        tag = answer.headers["etag"]
    headers = {"If-None-Match": tag, "Prefer": "wait=300"}
    with suppress(OSError):  # 304, and all that may happen to a connection whose server ends
        urllib.request.urlopen(urllib.request.Request(f"{address}/opa/bundles/mesh", headers=headers), timeout=60)


def test_a_release_that_cannot_be_used_stops_the_start(terminal: Terminal, tmp_path: Path) -> None:
    terminal.run("policy", "release", "1.tar.gz")
    terminal.environment["MESHGATE_VERIFY_KEY"] = str(bundle_keys.ec(tmp_path).public)
    ended = terminal.run("serve", "--listen", "127.0.0.1:0")
    assert (ended.code, "release 1: carries no signature" in ended.err, "[release-unusable]" in ended.err) == (
        2,
        True,
        True,
    )
    terminal.environment["MESHGATE_RELEASES"] = "ignore"
    with terminal.running("serve", "--listen", "127.0.0.1:0", until="serving "):
        pass


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("release", "none.tar.gz"), None),
        (("rollback",), "not-found"),
        (("rollback", "7"), "not-found"),
    ],
)
def test_what_cannot_be_done_is_told(terminal: Terminal, words: tuple[str, ...], code: str | None) -> None:
    ended = terminal.run("policy", *words)
    assert ended.code == 2
    assert code is None or f"[{code}]" in ended.err
