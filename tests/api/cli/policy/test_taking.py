"""Does a stored version become a fixture that passes, here and from a server, with the people in it masked?"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
import rego
from commands import MESH, Ended, Terminal
from doors import product

Run = Callable[..., Ended]
OWNER = "mesh.ownership.owner_declared"
DESCRIPTIONS = "mesh.documentation.descriptions_present"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    terminal = Terminal(tmp_path_factory.mktemp("served"))
    with terminal.running("serve", "--listen", "127.0.0.1:0", until="serving ") as address:
        yield address


@pytest.fixture(params=["here", "server"])
def anywhere(request: pytest.FixtureRequest, run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs commands on this machine's own catalog, and again on a server's."""
    if request.param == "server":
        monkeypatch.setenv("MESHGATE_SERVER", request.getfixturevalue("server"))
    return run


def states(run: Run) -> list[tuple[str, str, str]]:
    report = run("policy", "test", "policy-fixtures", "--format", "json").json
    return [(one["name"], one["state"], one["reason"]) for one in report["tests"]]


def test_a_stored_version_becomes_a_fixture_that_passes(anywhere: Run, terminal: Terminal) -> None:
    assert anywhere("submit", "--quiet", MESH / "sales").code == 0
    ended = anywhere("policy", "fixture", "orders", "1.0.0", "--policy", OWNER)
    assert (ended.code, ended.out) == (0, f"wrote policy-fixtures/{OWNER}/orders-1.0.0\n")
    folder = terminal.folder / "policy-fixtures" / OWNER / "orders-1.0.0"
    assert (folder / "descriptor.yaml").read_bytes() == (MESH / "sales" / "orders.yaml").read_bytes()
    assert (
        (folder / "expect.yaml").read_text().startswith('# Taken from "urn:dpds:org.example:dataproducts:orders:1 1.0')
    )
    assert states(anywhere) == [(f"{OWNER}/orders-1.0.0", "passed", "")]


def test_every_file_that_references_reach_is_taken_along(anywhere: Run, terminal: Terminal) -> None:
    assert anywhere("submit", "--quiet", MESH / "logistics" / "shipments").code == 0
    assert anywhere("policy", "fixture", "shipments", "1.0.0", "--policy", OWNER, "--case", "files").code == 0
    folder = terminal.folder / "policy-fixtures" / OWNER / "files"
    taken = {path.relative_to(folder).as_posix() for path in folder.rglob("*.*") if path.is_file()}
    assert {"descriptor.yaml", "expect.yaml", "ports/shipment-events.yaml", "apis/shipment-events.json"} <= taken
    assert states(anywhere) == [(f"{OWNER}/files", "passed", "")]


def test_what_is_found_today_is_what_is_expected(run: Run, terminal: Terminal) -> None:
    terminal.write("dp.yaml", product("parcels"))
    assert run("submit", "--quiet", "dp.yaml").code == 0
    ended = run("policy", "fixture", "parcels", "1.0.0", "--policy", DESCRIPTIONS)
    assert ended.out.endswith("\n  expects product_undescribed at /info/description\n")
    assert states(run) == [(f"{DESCRIPTIONS}/parcels-1.0.0", "passed", "")]


def test_masked_the_shape_stays_and_nobody_can_be_known(run: Run, terminal: Terminal) -> None:
    terminal.write(
        "dp.yaml", product("parcels", owner="jo.Doe@example.org", description="Ask bo@example.org, room 12.")
    )
    assert run("submit", "--quiet", "dp.yaml").code == 0
    assert run("policy", "fixture", "parcels", "1.0.0", "--policy", OWNER, "--mask").code == 0
    folder = terminal.folder / "policy-fixtures" / OWNER / "parcels-1.0.0"
    document = json.loads((folder / "descriptor.json").read_text())
    assert document["info"]["owner"] == {"id": "xx.Xxx@xxxxxxx.xxx", "name": "Xxxxxx Xxxx"}
    assert document["info"]["description"] == "Xxx xx@xxxxxxx.xxx, xxxx 00."
    assert document["info"]["name"] == "parcels"
    assert not any("example.org" in line for line in (folder / "expect.yaml").read_text().splitlines()[1:])
    assert states(run) == [(f"{OWNER}/parcels-1.0.0", "passed", "")]


def test_the_previous_version_and_the_parameters_are_taken_along(run: Run, terminal: Terminal) -> None:
    annotations = rego.ANNOTATIONS + (
        "#   needs: [previous]\n#   parameters: {{type: object, properties: {{least: {{type: integer}}}}}}\n"
    )
    rules = """defaults := {"least": 1}

params := object.union(defaults, object.get(input, ["_context", "parameters", "mesh.a"], {}))

violation contains {"code": "wrong", "msg": input._context.previous.info.version, "path": ["info"]} if params.least == 7
"""
    rego.write(
        terminal.folder / "policies",
        {"mesh.b": rego.violation("input.nothing")},
        libraries={"mesh/a/a.rego": rego.policy("mesh.a", rules, annotations=annotations)},
    )
    terminal.write(
        "governance/assignments/mesh.yaml",
        "- {policy: mesh.a, scope: mesh, enforcement: advisory, parameters: {least: 7}}\n",
    )
    terminal.write("meshgate.yaml", "policies: [policies]\ngovernance: governance\n")
    for version in ("1.0.0", "1.1.0"):
        terminal.write("dp.yaml", product("parcels", version))
        assert run("submit", "--quiet", "dp.yaml").code == 0
    ended = run("policy", "fixture", "parcels", "1.1.0", "--policy", "mesh.a", "--case", "second")
    assert (ended.err, ended.out) == ("", "wrote policy-fixtures/mesh.a/second\n  expects wrong at /info\n")
    assert '"version": "1.0.0"' in (terminal.folder / "policy-fixtures/mesh.a/second/expect.yaml").read_text()
    assert states(run) == [("mesh.a/second", "passed", "")]
    first = run("policy", "fixture", "parcels", "1.0.0", "--policy", "mesh.a")
    assert (first.code, "needs the previous version, and this is the first one" in first.err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("nosuch", "1.0.0", "--policy", OWNER), "There is no product `nosuch`."),
        (("parcels", "9.0.0", "--policy", OWNER), "9.0.0"),
        (("parcels", "1.0.0", "--policy", "mesh.nosuch"), "There is no policy `mesh.nosuch`."),
        (("parcels", "1.0.0", "--policy", OWNER, "--case", "../out"), "`../out` is no name of a case"),
        (("parcels", "1.0.0", "--policy", "mesh.lineage.sources_known"), "needs the mesh"),
        (("parcels", "1.0.0", "--policy", "mesh.lineage.sources_known", "--event", "deploy"), "is not asked at deploy"),
    ],
)
def test_what_cannot_be_taken_is_told_and_nothing_is_written(
    run: Run, terminal: Terminal, arguments: tuple[str, ...], told: str
) -> None:
    terminal.write("dp.yaml", product("parcels"))
    assert run("submit", "--quiet", "dp.yaml").code == 0
    ended = run("policy", "fixture", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert told in ended.err
    assert not list(terminal.folder.rglob("expect.yaml"))


def test_nothing_is_overwritten(run: Run, terminal: Terminal) -> None:
    terminal.write("dp.yaml", product("parcels"))
    assert run("submit", "--quiet", "dp.yaml").code == 0
    again = ("policy", "fixture", "parcels", "1.0.0", "--policy", OWNER)
    assert run(*again).code == 0
    expect = terminal.folder / "policy-fixtures" / OWNER / "parcels-1.0.0" / "expect.yaml"
    expect.write_text("mine")
    ended = run(*again)
    assert (ended.code, "is there already, and nothing is overwritten" in ended.err) == (2, True)
    assert expect.read_text() == "mine"
