"""Do diff and impact tell the same here and over a server, and end as they should?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from commands import GOOD, MESH, Ended, Terminal

Run = Callable[..., Ended]
ORDERS = "urn:dpds:org.example:dataproducts:orders:1"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    terminal = Terminal(tmp_path_factory.mktemp("served"))
    with terminal.running("serve", "--listen", "127.0.0.1:0", until="serving ") as address:
        yield address


@pytest.fixture(params=["here", "server"])
def filled(request: pytest.FixtureRequest, run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs commands on a catalog that holds the examples, this machine's own and a server's."""
    if request.param == "server":
        monkeypatch.setenv("MESHGATE_SERVER", request.getfixturevalue("server"))
    submitted = run("submit", "--quiet", *(MESH / domain for domain in GOOD), MESH / "versions" / "orders-1.1.0.yaml")
    assert submitted.code == 0
    return run


def test_differences_and_impact_on_both_sides_of_the_wire(filled: Run, tmp_path: Path) -> None:
    diff = filled("diff", "orders")
    assert (diff.code, diff.out.splitlines()[0]) == (0, "1.0.0 -> 1.1.0: minor")
    told = filled("diff", ORDERS, "1.1.0", "1.0.0", "--json").json
    assert told["schema"] == "meshgate/difference/1"
    assert (told["from"], told["to"], told["level"]) == ("1.1.0", "1.0.0", "major")
    assert (told["changes"][0]["column"], told["changes"][0]["now"]) == ("orders.channel", None)
    assert filled("diff", "orders", "7.0.0").code == 2
    narrower = tmp_path / "narrower.yaml"
    text = (MESH / "sales" / "orders.yaml").read_text("utf-8")
    narrower.write_text(
        text.replace('version: "1.0.0"', 'version: "1.2.0"', 1).replace("name: orderHistory", "name: history")
    )
    impact = filled("impact", narrower, "--json")
    assert impact.code == 0
    first = [one["name"] for one in impact.json["impact"]["consumers"] if one["depth"] == 1]
    assert first == ["churn", "invoices", "salesForecast"]
    broken = filled("impact", narrower, "--fail-on-breaking", "--depth", "1")
    assert broken.code == 1
    assert "3 consumers break, 0 may break" in broken.out
    unchanged = filled("impact", MESH / "versions" / "orders-2.0.0.yaml", "--fail-on-breaking")
    assert (unchanged.code, unchanged.out.splitlines()[-1]) == (0, "0 consumers break, 0 may break")


def test_what_cannot_be_compared_ends_with_two(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "odd.yaml"
    file.write_text("}{", "utf-8")
    ended = run("impact", file)
    assert (ended.code, "descriptor-unreadable" in ended.err) == (2, True)
    assert run("diff", "nobody").code == 2
    new = run("impact", MESH / "sales" / "orders.yaml")
    assert (new.code, new.out.splitlines()[1]) == (0, "  is new: nobody reads it yet")
