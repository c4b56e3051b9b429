"""Do `meshgate export catalog` and `db create|load` move a catalog, here and over HTTP, and say why they do not?"""

from __future__ import annotations

import gzip
import json
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from commands import MESH, Ended, Terminal
from doors import a_server

from api.cli.pouring import poured
from api.cli.talk import ServerUnreachable

Run = Callable[..., Ended]
ORDERS = "urn:dpds:org.example:dataproducts:orders:1"


@pytest.fixture
def stored(run: Run) -> Run:
    assert run("submit", "--quiet", MESH / "sales").code == 0
    return run


def test_a_catalog_is_moved_with_two_commands_and_proven(stored: Run, terminal: Terminal) -> None:
    head = stored("db", "head").out
    terminal.write("heads.json", head)
    assert stored("export", "catalog", "--complete", "--to", "all.ndjson.gz").out == ""
    moved = stored("db", "load", "all.ndjson.gz", "--data-dir", "there")
    assert (moved.code, moved.out.startswith("revision 3, chain hash ")) == (0, True)
    assert moved.out.endswith(": 6 change, 3 decision, 3 version\n")
    assert stored("db", "verify", "--data-dir", "there", "--head", "heads.json").code == 0
    for asked in (("search", "orders", "--json"), ("show", ORDERS), ("decision", "export")):
        assert stored(*asked, "--data-dir", "there") == stored(*asked)


def test_a_copy_is_kept_up_to_date_by_what_came_after_its_head(stored: Run, terminal: Terminal) -> None:
    stored("export", "catalog", "--complete", "--to", "all.ndjson")
    stored("db", "load", "all.ndjson", "--data-dir", "there")
    assert stored("submit", "--quiet", MESH / "finance").code == 0
    stored("export", "catalog", "--complete", "--after", "3", "--to", "more.ndjson")
    told = stored("db", "load", "more.ndjson", "--data-dir", "there", "--json")
    assert told.json["revision"] == 6
    assert told.json["lines"] == {"decision": 3, "version": 3, "change": 6, "link": 3}
    again = stored("db", "load", "more.ndjson", "--data-dir", "there")
    assert (again.code, "[catalog-elsewhere]" in again.err) == (2, True)


def test_a_stream_comes_through_a_pipe_packed_or_not(stored: Run, terminal: Terminal) -> None:
    stored("export", "catalog", "--complete", "--to", "all.ndjson")
    plain = (terminal.folder / "all.ndjson").read_bytes()
    for content, folder in ((plain, "one"), (gzip.compress(plain), "two")):
        command = terminal.command("db", "load", "-", "--data-dir", folder, "--json")
        environment = terminal.environment
        done = subprocess.run(command, input=content, capture_output=True, cwd=terminal.folder, env=environment)
        assert (done.returncode, json.loads(done.stdout)["revision"]) == (0, 3), done.stderr


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "stream-cut"),
        (b"{}\n", "stream-unreadable"),
        (b"\x1f\x8bnonsense", "stream-unreadable"),
        (None, "stream-masked"),
    ],
)
def test_what_is_no_whole_stream_ends_with_2_and_its_code(
    stored: Run, terminal: Terminal, content: bytes | None, code: str
) -> None:
    if content is None:
        stored("export", "catalog", "--to", "x")
    else:
        terminal.write("x", content)
    ended = stored("db", "load", "x", "--data-dir", "there")
    assert (ended.code, ended.out, f"[{code}]" in ended.err) == (2, "", True), ended.err
    with sqlite3.connect(terminal.folder / "there" / "meshgate.db") as there:
        assert there.execute("SELECT count(*) FROM change").fetchone() == (0,)
    there.close()
    assert stored("db", "load", "missing.ndjson").code == 2


def test_an_export_that_ends_early_leaves_no_file(stored: Run, terminal: Terminal) -> None:
    ended = stored("export", "catalog", "--after", "99", "--to", "all.ndjson")
    assert (ended.code, "The catalog has no revision 99. [cursor-invalid]" in ended.err) == (2, True)

    def broken() -> Iterator[bytes]:
        yield b"half"
        raise ServerUnreachable("it broke off")

    with pytest.raises(ServerUnreachable):
        poured(broken(), terminal.folder / "all.ndjson.gz")
    assert not list(terminal.folder.glob("all.ndjson*"))


def test_a_catalog_for_benchmarks_is_made_once_and_only_of_nothing(stored: Run) -> None:
    assert stored("db", "create", "--data-dir", "new").out == "sqlite: the catalog is there\n"
    made = stored("db", "create", "--benchmarks", "--data-dir", "new")
    assert made.out == "sqlite: the catalog is there, for benchmarks\n"
    refused = stored("db", "create", "--benchmarks")
    assert (refused.code, "[usage]" in refused.err) == (2, True)


def test_a_server_gives_the_same_exports(stored: Run, terminal: Terminal) -> None:
    asked = (
        *(("catalog",), ("catalog", "--complete"), ("dcat",), ("dcat", "--product", ORDERS), ("openlineage",)),
        *(
            ("openlineage", "--product", ORDERS, "--version", "1.0.0"),
            ("dpds", ORDERS),
            ("dpds", ORDERS, "--effective"),
        ),
    )
    here = {one: terminal.run("export", *one) for one in asked}
    assert {one: (ended.code, ended.err) for one, ended in here.items()} == dict.fromkeys(asked, (0, ""))
    with a_server(terminal.data_dir) as (address, _):
        for one in asked:
            there, mine = (
                told.splitlines() for told in (terminal.run("export", *one, "--server", address).out, here[one].out)
            )
            whole = len(mine) - ("catalog" in one)  # a server that starts looks at its catalog again, and says so
            assert there[:whole] == mine[:whole]
        refused = terminal.run("export", "openlineage", "--product", "urn:x", "--server", address)
        assert (refused.code, "[not-found]" in refused.err) == (2, True)
    gone = terminal.run("export", "dcat", "--server", address)
    assert (gone.code, "[server-unreachable]" in gone.err) == (2, True)


def test_all_files_of_a_submission_come_back_into_a_folder(stored: Run, terminal: Terminal) -> None:
    folder = MESH / "logistics" / "shipments"
    assert stored("submit", "--quiet", folder / "data-product-descriptor.yaml").code == 0
    assert stored("export", "dpds", "urn:dpds:org.example:dataproducts:shipments:1", "--to", "back").code == 0
    back = {
        str(file.relative_to(terminal.folder / "back")): file.read_bytes() for file in _files(terminal.folder / "back")
    }
    assert back
    assert back == {name: (folder / name).read_bytes() for name in back}


def _files(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]


def test_export_of_a_file_is_what_it_was(stored: Run) -> None:
    file = MESH / "sales" / "orders.yaml"
    assert stored("export", file) == stored("export", "descriptor", file)
    assert stored("export", "--effective", file).json["_context"]["event"] == "submit"
    assert "catalog" in stored("export", "--help").out
