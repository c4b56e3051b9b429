"""Does `meshgate check --previous` tell the version numbers that hide what changed?"""

from __future__ import annotations

from collections.abc import Callable

from commands import MESH, Ended, Terminal
from doors import behind, product

Run = Callable[..., Ended]
ORDERS = MESH / "versions" / "orders-2.0.0.yaml"


def test_a_version_that_hides_a_broken_column_is_rejected_at_its_line(run: Run, terminal: Terminal) -> None:
    before = MESH / "versions" / "orders-1.1.0.yaml"
    text = ORDERS.read_text().replace('version: "2.0.0"', 'version: "1.2.0"').replace("orders:2", "orders:1")
    terminal.write("orders.yaml", text)
    assert run("check", "orders.yaml").code == 0
    ended = run("check", "--previous", before, "orders.yaml", "-f", "json")
    (entry,) = ended.json["documents"]
    told = [(one["code"], one["path"], one["hint"]) for one in entry["problems"]]
    assert (ended.code, told[0]) == (1, ("DP409", "/info/version", "write version: 2.0.0"))
    line = next(at for at, one in enumerate(text.splitlines(), start=1) if one.startswith("  version:"))
    assert entry["problems"][0]["line"] == line
    assert "the column 'orders.total' was removed" in " ".join(one["msg"] for one in entry["problems"])


def test_an_honest_version_and_other_products_are_left_alone(run: Run) -> None:
    before = MESH / "versions" / "orders-1.1.0.yaml"
    ended = run("check", "--previous", before, "-j", "2", ORDERS, MESH / "sales" / "sales-forecast.yaml", "-f", "json")
    assert ended.code == 0
    assert [one["problems"] for one in ended.json["documents"]] == [[], []]


def test_a_previous_version_that_cannot_be_read_ends_the_command(run: Run, terminal: Terminal) -> None:
    terminal.write("now.yaml", product())
    terminal.write("before.yaml", b"a: [")
    for name, reason in (("before.yaml", "DP104"), ("missing.yaml", "DP117")):
        ended = run("check", "--previous", name, "now.yaml")
        assert (ended.code, ended.out) == (2, "")
        assert f"`--previous {name}` is no descriptor that can be compared with: {reason}" in ended.err


def test_a_column_that_left_a_file_behind_a_definition_is_told(run: Run, terminal: Terminal) -> None:
    for folder, files in (("old", behind()), ("new", behind("1.1.0", ("id",)))):
        for name, content in files.items():
            terminal.write(f"{folder}/{name}", content)
    ended = run("check", "--previous", "old/product.yaml", "new/product.yaml", "-f", "json")
    told = [one["msg"] for one in ended.json["documents"][0]["problems"] if one["code"] == "DP409"]
    assert ended.code == 1
    assert "the column 'moves.city' was removed" in told[0]
