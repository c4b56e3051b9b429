"""Does `meshgate deploy` make what `environments.yaml` binds, does `retire` keep or remove it, and who is tried?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from commands import Terminal
from doors import product

LINE = "urn:dpds:org.example:dataproducts:moved:1"
TABLES = {
    "1.0.0": "[{name: moved, definition: {columns: [{name: id, dataType: INTEGER}]}}]",
    "1.1.0": "[{name: moved, definition: {columns: [{name: id, dataType: INTEGER}, {name: city, dataType: TEXT}]}}]",
}


def asked(folder: Path, question: str) -> list[Any]:
    """Of the only file that was made."""
    import duckdb

    (file,) = folder.glob("*.duckdb")
    with duckdb.connect(str(file)) as connection:
        return [one[0] for one in connection.execute(question).fetchall()]


def columns(folder: Path, relation: str = "moved__moved") -> list[str]:
    """Of the view that consumers read; none where it is not there."""
    told = f"SELECT column_name FROM information_schema.columns WHERE table_name = '{relation}'"
    return asked(folder, f"{told} ORDER BY ordinal_position")


@pytest.mark.parametrize("delete", [False, True], ids=["retain", "delete"])
def test_a_version_is_deployed_updated_and_retired(terminal: Terminal, delete: bool) -> None:
    folder = terminal.folder / "made"
    bound = f"- name: dev\n  adapters:\n  - adapter: duckdb\n    configuration: {{directory: {folder}}}\n"
    terminal.write("environments.yaml", bound)
    terminal.write("meshgate.yaml", "environments: environments.yaml\n")
    shown = []
    for version, tables in TABLES.items():
        text = product("moved", version).replace(b"tables: []", f"tables: {tables}".encode())
        terminal.write("moved.yaml", text)
        assert terminal.run("submit", "-q", "moved.yaml").code == 0
        done = terminal.run("deploy", "moved", version)
        assert done.code == 0, done.err
        shown.append(columns(folder))
    assert shown == [["id"], ["id", "city"]]
    resources = terminal.run("containers", "--product", LINE).out.splitlines()[1:]
    assert [line.split() for line in resources] == [["ready", "outputport", "moved", "by", "duckdb"]]
    (schema,) = asked(folder, "SELECT table_schema FROM information_schema.tables WHERE table_name = 'moved__moved'")
    asked(folder, f'INSERT INTO "{schema}".moved__moved__data (id) VALUES (7)')
    (container,) = terminal.run("containers", "--product", LINE, "--json").json["containers"]
    gone = terminal.run("retire", container["id"], *(["--delete-data"] if delete else []))
    assert gone.code == 0, gone.err
    assert columns(folder) == []
    assert columns(folder, "moved__moved__data") == ([] if delete else ["id", "city"])


def test_an_adapter_of_no_such_name_is_tried_with_nothing(terminal: Terminal) -> None:
    tried = terminal.run("adapter", "check", "local-fz")
    assert (tried.code, tried.out) == (2, "")
    assert "There is no adapter `local-fz`, and no program of that name." in tried.err
    assert "local-fs" in tried.err
