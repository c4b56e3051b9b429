"""Does `meshgate sample` print a table that foreign text cannot break, and say beside it what is left out?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from commands import Ended, Terminal
from doors import product

Run = Callable[..., Ended]
TABLES = b"{tables: [{name: moves, columns: [{name: id}, {name: who, tags: [pii]}, {name: text}]}]}"


@pytest.fixture
def stored(run: Run, terminal: Terminal, tmp_path: Path) -> Run:
    (tmp_path / "lake").mkdir()
    rows = 'id;who;text;extra\n1;anna;"red\x1b[31m";x\n2;berta;"two\nlines";x\n3;carl;' + "long" * 20 + ";x\n"
    (tmp_path / "lake" / "moves.csv").write_text(rows, "utf-8")
    binding = f"{{connector: duckdb, configuration: {{root: {tmp_path / 'lake'}, delimiter: ';'}}}}"
    terminal.write("environments.yaml", f"- name: dev\n  samples: [{binding}]\n")
    terminal.write("meshgate.yaml", "environments: environments.yaml\n")
    terminal.write("parcels.yaml", product().replace(b"{tables: []}", TABLES))
    assert run("submit", "parcels.yaml").code == 0
    return run


def test_the_table_is_on_standard_output_and_the_rest_beside_it(stored: Run) -> None:
    ended = stored("sample", "parcels", "moved")
    assert ended.code == 0
    assert "\x1b" not in ended.out
    lines = ended.out.splitlines()
    assert len(lines) == 5
    assert [line.split()[0] for line in lines] == ["id", "--", "1", "2", "3"]
    assert "two\\nlines" in lines[3]
    assert lines[4].endswith("…")
    assert "3 rows of moves, version 1.0.0 in dev" in ended.err
    assert "masked: who (null)" in ended.err
    assert "not shown: 1 further columns" in ended.err


def test_json_has_everything(stored: Run) -> None:
    told = stored("sample", "parcels", "moved", "--rows", "1", "--columns", "id, text", "--json").json
    assert told["rows"] == [["1", "red\x1b[31m"]]


def test_what_is_refused_ends_with_2_and_its_code(stored: Run) -> None:
    for arguments, code in (
        (("--environment", "moon"), "source-unavailable"),
        (("--rows", "1000"), "sample-limit-exceeded"),
        (("--columns", "extra"), "sample-denied"),
    ):
        ended = stored("sample", "parcels", "moved", *arguments)
        assert (ended.code, ended.out, f"[{code}]" in ended.err) == (2, "", True)


def test_a_binding_that_is_misspelt_is_told_with_its_line(stored: Run, terminal: Terminal) -> None:
    terminal.write("environments.yaml", "- name: dev\n  samples:\n  - conector: duckdb\n")
    ended = stored("sample", "parcels", "moved")
    assert (ended.code, "environments.yaml:3" in ended.err) == (2, True)
