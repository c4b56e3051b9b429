"""Does `meshgate rescan` decide the catalog again, here and on a server, and say what it found?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from commands import Ended, Terminal
from doors import product

Run = Callable[..., Ended]


def test_it_is_done_here_and_waited_for(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "product.yaml"
    file.write_bytes(product())
    assert run("submit", str(file)).code == 0
    told = run("rescan")
    assert told.code == 0, told.err
    assert "is ended: 1 of 1 products" in told.out
    assert run("rescan", "--json").json["changed"] == 0
    standing = run("show", "parcels", "--json").json["standing"]
    assert standing["state"] == "compliant"
    shown = run("show", "parcels").out
    assert "  stands by the policies of now: compliant, confirmed 20" in shown
    assert f"  decision {standing['decision_id']}\nversions\n" in shown


def test_a_server_rescans_when_it_starts_and_when_it_is_asked(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    with terminal.running("serve", "--listen", "127.0.0.1:0", until="serving ") as address:
        told = terminal.run("rescan", "--wait", "--json", "--server", address)
        assert told.code == 0, told.err
        assert (told.json["state"], told.json["reason"]) == ("ended", "asked")
