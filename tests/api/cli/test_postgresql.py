"""Does one URL move the catalog and its workers to PostgreSQL?"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from commands import MESH, Ended, Terminal
from doors import product

Run = Callable[..., Ended]

LINE = "urn:dpds:org.example:dataproducts"


@pytest.fixture
def terminal(terminal: Terminal, postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal whose catalog is an empty PostgreSQL database, named as the documentation does."""
    url = postgresql_url.replace("postgresql+psycopg://", "postgresql://")
    monkeypatch.setenv("MESHGATE_DATABASE_URL", url)
    terminal.environment["MESHGATE_DATABASE_URL"] = url
    return terminal


def test_an_operator_upgrades_the_schema_and_nothing_works_before(terminal: Terminal, run: Run) -> None:
    early = run("search", "orders")
    assert (early.code, early.out) == (2, "")
    assert early.err.endswith(" [catalog-schema-behind]\n  Run `meshgate db upgrade`.\n")
    assert "FAIL  catalog" in run("doctor").out
    assert run("worker").err.endswith(" [catalog-schema-behind]\n  Run `meshgate db upgrade`.\n")
    upgraded = run("db", "upgrade")
    assert (upgraded.code, upgraded.out) == (0, "postgresql: the schema is up to date\n")
    assert run("db", "upgrade") == upgraded
    assert "ok    catalog      postgresql, schema up to date" in run("doctor").out
    assert run("submit", "-q", MESH / "sales").code == 0
    found = run("search", "orders", "-n", "1")
    assert found.out.startswith("orders 1.0.0  active  domain sales, owner sales-data@example.org\n")
    assert not terminal.data_dir.exists()


def test_a_server_and_a_worker_are_two_processes_that_deploy_together(terminal: Terminal) -> None:
    assert terminal.run("db", "upgrade").code == 0
    terminal.write("parcels.yaml", product())
    with terminal.running("serve", "--listen", "127.0.0.1:0", until="serving ") as address:
        assert f"ok    server       {address} is ready" in terminal.run("doctor", "--server", address).out
        terminal.environment["MESHGATE_SERVER"] = address
        assert terminal.run("submit", "-q", "parcels.yaml").code == 0
        waiting = terminal.run("deploy", "parcels", "--no-wait", "--json").json
        assert (waiting["state"], waiting["resources"]) == ("queued", [])
        with terminal.running("worker", until="working"):
            done = terminal.run("deploy", "parcels")
            assert done.code == 0
            assert done.out.startswith(f"succeeded: {LINE}:parcels:1 1.0.0 in dev, generation 1\n")
        # No process owns a PostgreSQL catalog: commands write beside the server.
        del terminal.environment["MESHGATE_SERVER"]
        assert terminal.run("submit", "-q", "parcels.yaml").err.startswith("unchanged: parcels.yaml")
        assert terminal.run("containers").out.startswith(f"dev    {LINE}:parcels:1  1.0.0  (active, generation 1,")


def test_a_database_that_does_not_answer_ends_in_words(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MESHGATE_DATABASE_URL", "postgresql://nobody@127.0.0.1:9/nothing")
    for arguments in (["search", "x"], ["db", "upgrade"], ["submit", MESH / "sales" / "orders.yaml"], ["worker"]):
        ended = run(*arguments)
        assert (ended.code, ended.out if arguments[0] != "submit" else "") == (2, ""), arguments
        assert "[catalog-unavailable]" in ended.err or "catalog-unavailable:" in ended.err, arguments
        assert "Traceback" not in ended.err
