"""Does `check` give the verdict that the server will give: by its bundle here, and by asking it?"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Container, Iterator
from pathlib import Path
from typing import Any

import pytest
import rego
from bundle_server import BundleServer, serving
from commands import GOOD, MESH, ROOT, Ended, Terminal
from doors import a_server, product

from engine.policy.bundle import load

Run = Callable[..., Ended]
GOVERNANCE = ROOT / "examples" / "governance"
DIGESTS = ("bundle_revision", "assignments_digest", "waivers_digest")
WAIVERS = """\
- {id: W-1, policy: mesh.slo.output_ports_promise_slo, product: "urn:dpds:org.example:dataproducts:clickstream:1",
   reason: Known., requested_by: a@example.org, approved_by: b@example.org, from: "2000-01-01", until: "9999-12-31"}
- {id: W-2, policy: mesh.ownership.owner_declared, product: "urn:dpds:org.example:dataproducts:returns:1",
   reason: Known., requested_by: a@example.org, approved_by: b@example.org, from: "2000-01-01", until: "9999-12-31"}
"""
NEEDS_MESH = rego.ANNOTATIONS.replace("category: test", "category: test\n#   needs: [mesh]")


@pytest.fixture(scope="module")
def governance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The governance of the examples with waivers that hold whenever this runs."""
    folder = tmp_path_factory.mktemp("governance") / "governance"
    shutil.copytree(GOVERNANCE, folder)
    shutil.rmtree(folder / "waivers")
    (folder / "waivers.yaml").write_text(WAIVERS)
    return folder


@pytest.fixture(scope="module")
def server(governance: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real server under that governance, with an empty catalog."""
    with a_server(tmp_path_factory.mktemp("server"), governance=str(governance)) as (address, _):
        yield address


NEEDS = {policy.id: policy.needs for policy in load([ROOT / "policies"]).policies.values() if policy.needs}
CATALOG = set(NEEDS)
"""The advisory starter policies that only the catalog can answer: skipped here, judged there."""
JUDGED_THERE = sum("mesh" in needs for needs in NEEDS.values())
"""How many of them the server judges although it knows no previous version."""


def verdicts(report: dict[str, Any], *, without: Container[str] = ()) -> dict[str, Any]:
    """What was decided about each file, and under which digests: all but the ids and the engine's input."""
    told = {}
    for one in report["documents"]:
        decision = {name: value for name, value in one["decision"].items() if name not in ("id", "input_digest")}
        for name in ("findings", "policies"):
            decision[name] = [each for each in decision[name] if each["policy"] not in without]
        told[one["file"]] = (one["product"], decision, one["problems"])
    return told


def test_the_bundle_of_a_server_gives_the_verdicts_of_its_submissions_and_of_its_checks(run: Run, server: str) -> None:
    documents = [*(MESH / name for name in GOOD), MESH / "broken"]
    here = run("check", *documents, "-f", "json", "--policies", f"{server}/opa/bundles/mesh")
    asked = run("check", *documents, "-f", "json", "--server", server)
    assert (asked.code, asked.json["summary"]) == (here.code, here.json["summary"])
    assert verdicts(asked.json, without=CATALOG) == verdicts(here.json, without=CATALOG)
    assert {run["enforcement"] for run in runs(asked.json) if run["policy"] in CATALOG} == {"advisory"}
    assert {run["reason"] for run in runs(here.json) if run["policy"] in CATALOG} == {
        "needs the mesh, and no catalog is at hand",
        "needs the previous version, and no catalog is at hand",
    }
    submitted = verdicts(run("submit", *documents, "-f", "json", "--server", server).json, without=CATALOG)
    assert submitted == verdicts(here.json, without=CATALOG)
    assert len(submitted) == here.json["summary"]["documents"]
    found = [finding for one in here.json["documents"] for finding in one["decision"]["findings"]]
    assert {one["waiver"] for one in found if one["disposition"] == "waived"} == {"W-1", "W-2"}
    assert "blocking" in {one["disposition"] for one in found}


def runs(report: dict[str, Any]) -> list[dict[str, Any]]:
    return [run for one in report["documents"] for run in one["decision"]["policies"]]


def test_the_digests_are_told_in_one_line(run: Run, server: str) -> None:
    sales = MESH / "sales"
    here = run("check", sales, "-f", "json", "--policies", f"{server}/opa/bundles/mesh")
    asked = run("check", sales, "-f", "json", "--server", server)
    decision = here.json["documents"][0]["decision"]
    bundle, assignments, waivers = (decision[name] for name in DIGESTS)
    line = f"note: judged by bundle {bundle}, assignments {assignments}, waivers {waivers}"
    assert here.err.splitlines() == [line]
    assert asked.err.splitlines() == [line]
    assert run("check", sales, "-q", "--policies", f"{server}/opa/bundles/mesh").err == ""
    plain, verbose = run("check", sales), run("check", "--verbose", sales)
    assert ("judged by bundle" in plain.err, "judged by bundle" in verbose.err) == (False, True)
    assert "pass [mesh.ownership.owner_declared]" in verbose.out


def test_places_of_a_server_are_told_as_the_files_were_named(run: Run, server: str, terminal: Terminal) -> None:
    text = (MESH / "broken" / "clickstream-without-contract.yaml").read_bytes()
    terminal.write("sub folder/odd%name.yaml", text)
    terminal.write("whole.yaml", product(owner=""))
    for name in ("sub folder/odd%name.yaml", "./whole.yaml", str(terminal.folder / "whole.yaml")):
        here = run("check", name, "-q", "--policies", f"{server}/opa/bundles/mesh")
        asked = run("check", name, "-q", "--server", server)
        assert (asked.code, as_if_here(asked.out)) == (here.code, here.out)
        assert f"{Path(name)}:" in here.out


def as_if_here(told: str) -> str:
    """What the server said, as if the policies that need its catalog had been skipped."""

    def count(found: re.Match[str]) -> str:
        return f"{int(found[1]) - JUDGED_THERE} pass{found[2]} {int(found[3]) + JUDGED_THERE} skipped"

    return re.sub(r"(\d+) pass(.*) (\d+) skipped", count, told)


def test_what_cannot_be_read_is_told_without_asking(run: Run, terminal: Terminal) -> None:
    terminal.write("broken.yaml", 'dataProductDescriptor: "1.0.0"\na: &a [*a]\n')
    here = run("check", "broken.yaml", "-f", "json")
    asked = run("check", "broken.yaml", "-f", "json", "--server", "http://127.0.0.1:1")
    assert (asked.code, verdicts(asked.json)) == (2, verdicts(here.json))


def test_the_flag_without_an_address_asks_the_configured_server(run: Run, server: str, terminal: Terminal) -> None:
    terminal.write("product.yaml", product(owner=""))
    unset = run("check", "--server", "product.yaml")
    assert (unset.code, unset.err) == (
        2, "meshgate: No server is named: write `--server URL`, or set `server`. [usage]\n",
    )  # fmt: skip
    terminal.write("meshgate.yaml", f"server: {server}\n")
    for arguments in (["--server", "product.yaml"], ["product.yaml", "--server"], ["--server", "--", "product.yaml"]):
        told = run("check", "-f", "json", *arguments).json["documents"][0]
        assert (told["file"], told["decision"]["outcome"]) == ("product.yaml", "rejected")
        assert (
            told["decision"]["assignments_digest"]
            != run("check", "-f", "json", "product.yaml").json["documents"][0]["decision"]["assignments_digest"]
        )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--server", "http://127.0.0.1:1"], "[server-unreachable]"),
        (["--server", "{server}", "--environment", "moon"], "There is no environment `moon`"),
        (["--server", "{server}", "--previous", "product.yaml"], "the server's own policies"),
        (["--server", "{server}", "--policies", "."], "the server's own policies"),
        (["--server", "{server}", "--governance", "."], "the server's own policies"),
        (["--server", "{server}", "--namespace", "com.acme"], "the server's own policies"),
        (["--policies", "{server}/opa/bundles/other"], "its server has no such bundle (status 404) [bundle-invalid]"),
        (["--policies", "http://127.0.0.1:1/opa/bundles/mesh"], "no earlier bundle is kept [bundle-invalid]"),
        (["--policies", "{server}/livez"], "was refused (is no gzipped archive"),
    ],
)
def test_a_server_that_cannot_judge_ends_the_command_with_2(
    run: Run, server: str, terminal: Terminal, arguments: list[str], told: str
) -> None:
    terminal.write("product.yaml", product())
    ended = run("check", "product.yaml", *(one.format(server=server) for one in arguments))
    assert (ended.code, ended.out) == (2, "")
    assert told in ended.err


def test_event_and_environment_travel_to_the_server(run: Run, server: str, terminal: Terminal) -> None:
    terminal.write("new.yaml", product("new"))
    for asked in ([], ["--environment", "prod"], ["--event", "deploy"]):
        there = run("check", "new.yaml", "-f", "json", "--server", server, *asked)
        here = run("check", "new.yaml", "-f", "json", "--policies", f"{server}/opa/bundles/mesh", *asked)
        assert verdicts(there.json, without=CATALOG) == verdicts(here.json, without=CATALOG)
        levels = {one["policy"]: one["enforcement"] for one in runs(there.json)}
        assert levels["mesh.platforms.platform_allowed"] == ("blocking" if "prod" in asked else "advisory")
        assert ("mesh.lineage.inputs_declared" in levels) is ("deploy" not in asked)


def test_what_only_the_catalog_can_judge_is_provisional_and_named_here_and_judged_there(
    run: Run, terminal: Terminal, tmp_path: Path
) -> None:
    folder = tmp_path / "policies"
    rego.write(folder, {"mesh.trial.here": rego.violation("false")})
    text = rego.policy("mesh.trial.neighbours", rego.violation("input._context.mesh == null"), annotations=NEEDS_MESH)
    (folder / "mesh/trial/neighbours").mkdir()
    (folder / "mesh/trial/neighbours/neighbours.rego").write_text(text)
    terminal.write("product.yaml", product())
    (tmp_path / "data").mkdir()
    with a_server(tmp_path / "data", policies=str(folder)) as (address, _):
        here = run("check", "product.yaml", "--policies", f"{address}/opa/bundles/mesh")
        strict = run("check", "product.yaml", "--no-provisional", "--policies", f"{address}/opa/bundles/mesh")
        told = run("check", "product.yaml", "-f", "json", "--server", address)
    assert "accepted (provisional: the skipped policies need a catalog)" in here.out
    assert re.search(r"product.yaml: skipped \[mesh.trial.neighbours\] .*mesh", here.out)
    assert (here.code, strict.code, told.code) == (0, 2, 0)
    decision = told.json["documents"][0]["decision"]
    assert (decision["outcome"], decision["provisional"]) == ("accepted", False)
    assert {one["policy"]: one["state"] for one in decision["policies"]} == {
        "mesh.trial.here": "pass",
        "mesh.trial.neighbours": "pass",
    }


def test_a_bundle_of_yesterday_judges_when_the_server_is_gone_and_says_so(
    run: Run, server: str, terminal: Terminal, tmp_path: Path
) -> None:
    import urllib.request

    with urllib.request.urlopen(f"{server}/opa/bundles/mesh", timeout=20) as answer:
        content = answer.read()
    terminal.write("product.yaml", product())
    with serving(BundleServer(content)) as source:
        fresh = run("check", "product.yaml", "-f", "json", "-j", "2", "--policies", source.url)
        again = run("check", MESH / "sales", "-f", "json", "-j", "2", "--policies", source.url)
        assert len(source.asked) == 2
    gone = run("check", "product.yaml", "-f", "json", "--policies", source.url)
    assert (fresh.code, again.code, gone.code) == (0, 0, 0)
    assert verdicts(gone.json) == verdicts(fresh.json)
    assert re.match(r"note: 127.0.0.1:\d+/bundle is used as it was 0 minutes ago \(20", gone.err)
    assert "its server did not answer" in gone.err.splitlines()[0]
    [kept] = (terminal.data_dir / "bundles").iterdir()
    assert json.loads(kept.read_bytes().partition(b"\n")[0])["etag"] == '"one"'


DATED = """\
- {id: W-1, policy: mesh.ownership.owner_declared, product: "urn:dpds:org.example:dataproducts:parcels:1",
   reason: Known., requested_by: a@example.org, approved_by: b@example.org, from: "2031-01-01", until: "2031-06-30"}
"""
LATE = """\
- {policy: mesh.ownership.owner_declared, scope: mesh, enforcement: blocking, effective_from: "2030-01-01",
   parameters: {id_pattern: "@another[.]org$"}}
"""


def test_every_door_gives_the_same_verdict_for_the_same_moment(
    terminal: Terminal, run: Run, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("dated")
    (folder / "assignments.yaml").write_text(LATE)
    (folder / "waivers.yaml").write_text(DATED)
    (terminal.folder / "parcels.yaml").write_bytes(product())
    expected = {
        "2029-12-31": "accepted",
        "2030-01-01": "rejected",
        "2031-06-30": "accepted",
        "2031-07-01T01:00:00+02:00": "accepted",
        "2031-07-01T02:00:00+02:00": "rejected",
    }
    with a_server(tmp_path_factory.mktemp("server"), governance=str(folder)) as (address, _):
        for moment, outcome in expected.items():
            asked = ("check", "parcels.yaml", "--as-of", moment, "--format", "json", "--quiet")
            here = json.loads(run(*asked, "--governance", folder).out)
            there = json.loads(run(*asked, "--server", address).out)
            assert verdicts(here, without=CATALOG) == verdicts(there, without=CATALOG)
            assert here["documents"][0]["decision"]["outcome"] == outcome, moment
            shown = run("export", "parcels.yaml", "--effective", "--as-of", moment, "--governance", folder)
            seen = json.loads(shown.out)["_context"]["now"]
            assert seen == here["documents"][0]["decision"]["now"], moment
        odd = run("check", "parcels.yaml", "--server", address, "--as-of", "2031-07-01T02:00:00")
        assert (odd.code, "[usage]" in odd.err, "moment with offset" in odd.err) == (2, True, True)


@pytest.mark.parametrize("command", [("check",), ("export", "--effective")])
def test_a_moment_without_offset_is_refused_in_words(command: tuple[str, ...], run: Run, terminal: Terminal) -> None:
    (terminal.folder / "parcels.yaml").write_bytes(product())
    ended = run(*command, "parcels.yaml", "--as-of", "2031-07-01T02:00:00")
    assert ended.code == 2
    assert "`2031-07-01T02:00:00` is neither a day (2027-01-31) nor a moment with offset" in ended.err
