"""Do submit, search, show, deploy and containers tell the same story here and over a server?"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from commands import GOOD, MESH, Ended, Terminal
from doors import product
from jsonschema import Draft202012Validator

from engine.report import record

Run = Callable[..., Ended]

LINE = "urn:dpds:org.example:dataproducts"
STORED = f"""\
stored: {MESH}/sales/orders.yaml as {LINE}:orders:1 1.0.0
stored: {MESH}/sales/sales-forecast.yaml as {LINE}:salesForecast:1 1.0.0
stored: {MESH}/sales/store-sales.json as {LINE}:storeSales:1 1.0.0
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of one server for all tests here, each with products of its own."""
    terminal = Terminal(tmp_path_factory.mktemp("served"))
    with terminal.running("serve", "--listen", "127.0.0.1:0", until="serving ") as address:
        yield address


@pytest.fixture(params=["here", "server"])
def anywhere(request: pytest.FixtureRequest, run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs commands on this machine's own catalog, and again on a server's."""
    if request.param == "server":
        monkeypatch.setenv("MESHGATE_SERVER", request.getfixturevalue("server"))
    return run


def test_the_examples_join_the_mesh_and_can_be_found_and_shown(anywhere: Run) -> None:
    submitted = anywhere("submit", "--quiet", MESH / "sales")
    assert (submitted.code, submitted.out, submitted.err) == (0, "", STORED)
    assert anywhere("submit", "--quiet", *(MESH / domain for domain in GOOD)).code == 0
    again = anywhere("submit", "--quiet", MESH / "sales")
    assert (again.code, again.err) == (0, STORED.replace("stored", "unchanged"))

    found = anywhere("search", "orderHistory", "--json").json
    assert found["edges"][0]["node"]["fqn"] == f"{LINE}:orders:1"
    best = anywhere("search", "orderHistory", "-n", "1").out.splitlines()
    assert best[0] == "orders 1.0.0  active  domain sales, owner sales-data@example.org"
    assert best[-1] == f"{found['total']['value']} products, the best 1 shown"
    assert anywhere("search", "nosuchword").out == "0 products\n"

    filtered = anywhere("search", "domain:sales", "-n", "1").out.splitlines()
    assert filtered[1].startswith(f"  {LINE}:")
    assert "(" not in filtered[1]  # where no word was looked for, none matched

    line = "column:customer_id -status:deprecated domain:sales,finance"
    counted = anywhere("search", line, "--facets").out.splitlines()
    assert {"1 product", "domain: customer 3, sales 1", "compliance: compliant 1"} <= {*counted}
    assert [one["fqn"] for one in nodes(anywhere("search", line, "--json").json)] == [f"{LINE}:orders:1"]
    reason = "  column pointBalances customer_id: Pseudonymous number of the customer"
    assert reason in anywhere("search", "customer_id", "domain:customer").out.splitlines()
    assert anywhere("search", "custmers").out == "0 products\nDid you mean: customers\nDid you mean: customer\n"
    assert anywhere("search", "--", "-domain:sales", "-domain:customer", "orders").code == 0

    shown = anywhere("show", "orders").out.splitlines()
    assert shown[1:3] == [f"  {LINE}:orders:1", "  domain sales, owner sales-data@example.org"]
    lineage = anywhere("show", f"{LINE}:orders:1", "--lineage").out
    assert f"  orderHistory -> {LINE}:churn:1 orders\n" in lineage
    assert "  webshop-checkout  (external system) -> checkout\n" in lineage


def nodes(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [edge["node"] for edge in found["edges"]]


def test_every_file_of_a_version_is_printed_byte_for_byte(anywhere: Run) -> None:
    shipments = MESH / "logistics" / "shipments"
    assert anywhere("submit", "-q", shipments).code == 0
    show = ("show", "shipments", "--version", "1.0.0")
    assert anywhere(*show).out == (shipments / "data-product-descriptor.yaml").read_text()
    part = "ports/shipment-events.yaml"
    assert anywhere(*show, "--part", part).out == (shipments / part).read_text()
    assert anywhere(*show, "--part", "nosuch.yaml").code == 2


def test_refused_documents_are_reported_with_the_places_of_this_folder(anywhere: Run, terminal: Terminal) -> None:
    terminal.write("team/nobody.yaml", product("nobody", owner=""))
    terminal.write("team/somebody.yaml", product("somebody"))
    terminal.write("team/torn.yaml", 'dataProductDescriptor: "1.0.0"\ninfo: &a [*a]\n')
    ended = anywhere("submit", "team", "--format", "json=report.json", "--format", "text")
    report = json.loads((terminal.folder / "report.json").read_text())
    Draft202012Validator(json.loads(record.PUBLISHED.read_text("utf-8"))).validate(report)
    assert (ended.code, report["summary"]) == (2, {"documents": 3, "accepted": 1, "rejected": 1, "undecided": 1})
    assert "team/nobody.yaml:2:1: error owner_missing [mesh.ownership.owner_declared]" in ended.out
    assert "2 | info:\n  | ^\n" in ended.out
    assert "team/torn.yaml:2:11: error DP112 [" in ended.out
    assert ended.err == f"stored: team/somebody.yaml as {LINE}:somebody:1 1.0.0\n"
    brief = anywhere("submit", "--quiet", "team/nobody.yaml")
    assert brief.err == "descriptor-rejected: team/nobody.yaml: 1 blocking finding, 1 error in the document.\n"
    assert anywhere("show", "nobody").code == 2


def test_an_accepted_version_never_changes(anywhere: Run, terminal: Terminal) -> None:
    terminal.write("fixed.yaml", product("fixed"))
    assert anywhere("submit", "fixed.yaml").code == 0
    terminal.write("fixed.yaml", product("fixed", description="Other parcels."))
    terminal.write("other.yaml", product("other"))
    ended = anywhere("submit", "--quiet", "fixed.yaml", "other.yaml")
    conflict, stored = ended.err.splitlines()
    assert (ended.code, stored) == (2, f"stored: other.yaml as {LINE}:other:1 1.0.0")
    assert conflict.startswith("version-conflict: fixed.yaml: ")


def test_an_idempotency_key_gives_the_first_answer_again(anywhere: Run, terminal: Terminal) -> None:
    terminal.write("once.yaml", product("once"))
    first, again = (anywhere("submit", "-q", "--idempotency-key", "k1", "once.yaml") for _ in range(2))
    assert (first.code, first.err) == (0, f"stored: once.yaml as {LINE}:once:1 1.0.0\n")
    assert again == first
    terminal.write("once.yaml", product("once", "1.1.0"))
    other = anywhere("submit", "-q", "--idempotency-key", "k1", "once.yaml")
    assert (other.code, other.err.split(":")[0]) == (2, "idempotency-key-reused")


def test_files_with_odd_names_travel(anywhere: Run, terminal: Terminal) -> None:
    odd = ["two words", "ünïcödé ☂", 'quote"', "back\\slash", "new\nline", "100%", "semi;colon=1"]
    names = [f"{name}.yaml" for name in odd]
    for name in names:
        terminal.write(name, product("refused", owner=""))
    ended = anywhere("submit", "--format", "json", *names)
    documents = ended.json["documents"]
    assert (ended.code, [one["file"] for one in documents]) == (1, names)
    assert [{found["file"] for found in one["decision"]["findings"]} for one in documents] == [{one} for one in names]


def test_what_cannot_be_read_is_not_sent_and_hides_nothing(anywhere: Run, terminal: Terminal) -> None:
    terminal.write("deep/read.yaml", product("read"))
    (terminal.folder / "deep" / "out.yaml").symlink_to(MESH / "sales" / "orders.yaml")
    ended = anywhere("submit", "-q", "deep/out.yaml", "deep/read.yaml")
    refused, stored = ended.err.splitlines()
    assert (ended.code, stored.split(":")[0]) == (2, "stored")
    assert refused == "file-unreadable: deep/out.yaml: the path leads outside the folder of the root document"


def test_a_plain_name_means_one_line_or_says_which_there_are(anywhere: Run, terminal: Terminal) -> None:
    for version in ("1.0.0", "2.0.0"):
        terminal.write(f"{version}.yaml", product("twice", version))
        assert anywhere("submit", "-q", f"{version}.yaml").code == 0
    ended = anywhere("show", "twice")
    assert (ended.code, ended.out) == (2, "")
    assert f"Several lines are named `twice`; give one of {LINE}:twice:1, {LINE}:twice:2. [usage]" in ended.err
    assert anywhere("show", f"{LINE}:twice:2", "--json").json["fqn"] == f"{LINE}:twice:2"


@pytest.mark.parametrize("where", ["here", "server"])
def test_a_version_is_deployed_and_its_container_shown(
    terminal: Terminal, where: str, request: pytest.FixtureRequest
) -> None:
    if where == "server":
        terminal.environment["MESHGATE_SERVER"] = request.getfixturevalue("server")
    terminal.write("moved.yaml", product("moved"))
    assert terminal.run("submit", "-q", "moved.yaml").code == 0
    done = terminal.run("deploy", "moved")
    assert (done.code, done.out.splitlines()[0]) == (0, f"succeeded: {LINE}:moved:1 1.0.0 in dev, generation 1")
    assert done.err.splitlines()[-1] == f"{LINE}:moved:1 1.0.0 in dev: succeeded"
    shown = terminal.run("containers", "--environment", "dev", "--product", f"{LINE}:moved:1").out.splitlines()
    assert shown[0] == f"dev    {LINE}:moved:1  1.0.0  (active, generation 1, usable, in sync)"
    assert [line.split() for line in shown[1:]] == [["ready", "outputport", "moved", "by", "local-fs"]]


def test_what_runs_already_is_not_deployed_again_and_what_is_not_there_not_at_all(
    run: Run, terminal: Terminal, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MESHGATE_SERVER", server)
    terminal.write("still.yaml", product("still"))
    assert run("submit", "-q", "still.yaml").code == 0
    first, same = (run("deploy", "still", "--json").json for _ in range(2))
    assert (first["state"], first["generation"], first["version"]) == ("succeeded", 1, "1.0.0")
    assert same == first
    unknown, nowhere = run("deploy", "still", "9.9.9"), run("deploy", "still", "--environment", "mars")
    assert [(one.code, one.out) for one in (unknown, nowhere)] == [(2, ""), (2, "")]
    assert "has no accepted version 9.9.9. [not-found]" in unknown.err
    assert "mars" in nowhere.err
    assert run("containers", "--environment", "mars").out == "no containers\n"


def test_a_deployment_that_fails_ends_with_one_and_says_why(terminal: Terminal) -> None:
    terminal.write("stuck.yaml", product("stuck"))
    assert terminal.run("submit", "-q", "stuck.yaml").code == 0
    (terminal.data_dir / "containers").write_text("a file where the adapter wants a folder")
    failed = terminal.run("deploy", "stuck")
    state, where = failed.out.splitlines()[0].split(": ", 1)
    assert (failed.code, where) == (1, f"{LINE}:stuck:1 1.0.0 in dev, generation 1")
    assert state.startswith("failed_")
    assert "Not a directory" in failed.out or "File exists" in failed.out


def test_nothing_that_the_catalog_holds_commands_the_terminal(run: Run, terminal: Terminal) -> None:
    text = product("foreign", description='"Looks\\nfine \\u202Egnp.exe and is not."').replace(
        b"id: jo@example.org", b'id: "jo@\\u2066example.org\\n0 products"'
    )
    terminal.write("foreign.yaml", text)
    assert run("submit", "-q", "foreign.yaml").code == 0
    shown = run("show", "foreign").out + run("search", "foreign").out
    assert [character for character in shown if not character.isprintable() and character != "\n"] == []
    assert "owner jo@\\u2066example.org\\n0 products" in shown
    assert "  Looks fine \\u202egnp.exe and is not.\n" in shown


def test_a_product_and_what_runs_is_shown_as_of_a_moment(anywhere: Run, terminal: Terminal) -> None:
    for version in ("1.0.0", "1.1.0"):
        terminal.write("dated.yaml", product("dated", version))
        assert anywhere("submit", "dated.yaml").code == 0
    fqn = f"{LINE}:dated:1"
    now = anywhere("show", fqn, "--json").json
    first = now["versions"][-1]["accepted_at"]
    then = anywhere("show", "dated", "--as-of", first, "--json").json
    assert (now["version"], then["version"], then["as_of"]["moment"]) == ("1.1.0", "1.0.0", first)
    shown = anywhere("show", fqn, "--as-of", first).out.splitlines()
    assert shown[1] == f"  as of revision {then['as_of']['revision']}, {first}"
    assert anywhere("show", fqn, "--lineage", "--as-of", first).out.splitlines()[0] == f"{fqn} 1.0.0"
    gone = anywhere("show", fqn, "--version", "1.1.0", "--as-of", first)
    assert (gone.code, "There is no" in gone.err) == (2, True)
    assert anywhere("show", fqn, "--version", "1.0.0", "--as-of", first).code == 0
    for moment, told in (("2020-01-01", "not-found"), ("2999-01-01", "instant-invalid"), ("soon", "usage")):
        ended = anywhere("show", fqn, "--as-of", moment)
        assert (ended.code, told in ended.err) == (2, True)
    assert anywhere("containers", "--product", fqn, "--as-of", first).out == "no containers\n"
    assert anywhere("containers", "--status", "gone").code == 2
