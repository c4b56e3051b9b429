"""Do check and submit write every format, several at once, with places that are right behind references too?"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest
from commands import MESH, Ended, Terminal
from readers import Page, Tags, heard, sarif_run

from api.cli.options import Format

Run = Callable[..., Ended]

ROOT = "shipments/data-product-descriptor.yaml"
PORT = "shipments/ports/shipment-events.yaml"
TIMES = "shipments/ports/delivery-times.json"


@pytest.fixture
def broken(terminal: Terminal) -> str:
    """The example that is split by `$ref`, with an output port without API and one without a version."""
    shutil.copytree(MESH / "logistics" / "shipments", terminal.folder / "shipments")
    port = terminal.folder / PORT
    text = port.read_text("utf-8")
    port.write_text(text[: text.index("  api:")] + text[text.index("  deprecationPolicy:") :], "utf-8")
    times = terminal.folder / TIMES
    times.write_text(times.read_text("utf-8").replace('  "version": "1.0.0",\n', '  "version": 7,\n', 1), "utf-8")
    return ROOT


def places(terminal: Terminal) -> dict[str, tuple[str, int, int]]:
    """Where an editor would show the two mistakes: file, line and column."""
    port = (terminal.folder / PORT).read_text("utf-8").splitlines()
    times = (terminal.folder / TIMES).read_text("utf-8").splitlines()
    return {
        "contract_missing": (PORT, port.index("promises:") + 1, 1),
        "DP": (TIMES, times.index('  "version": 7,') + 1, 14),
    }


def test_every_format_shows_the_part_file_line_and_column(run: Run, terminal: Terminal, broken: str) -> None:
    flags = [word for form in Format for word in ("-f", f"{form}=out/{form}")]
    ended = run("check", "--quiet", broken, *flags)
    assert (ended.code, ended.out, ended.err) == (1, "", "")
    told = {form: (terminal.folder / "out" / form).read_text("utf-8") for form in Format}
    (contract, problem) = places(terminal).values()
    report = json.loads(told[Format.JSON])["documents"][0]
    assert contract in [(one["file"], one["line"], one["column"]) for one in report["decision"]["findings"]]
    assert problem in [(one["file"], one["line"], one["column"]) for one in report["problems"]]
    shown = {f"{file}:{line}:{column}" for file, line, column in (contract, problem)}
    for form, text in {
        Format.TEXT: told[Format.TEXT],
        Format.JUNIT: "".join(ET.fromstring(told[Format.JUNIT]).itertext()),
        Format.MARKDOWN: Tags(told[Format.MARKDOWN]).text,
        Format.HTML: Page(told[Format.HTML]).text,
    }.items():
        assert [place for place in shown if place not in text] == [], form
    annotated = {(one.properties.get("file"), one.properties.get("line")) for one in heard(told[Format.GITHUB])}
    assert annotated >= {(contract[0], str(contract[1])), (problem[0], str(problem[1]))}
    issues = {(one["location"]["path"], one["location"]["lines"]["begin"]) for one in json.loads(told[Format.GITLAB])}
    assert issues >= {contract[:2], problem[:2]}


def test_sarif_leads_from_the_part_file_back_to_the_root(run: Run, terminal: Terminal, broken: str) -> None:
    told = sarif_run(run("check", broken, "-f", "sarif").out)
    by_rule = {result["ruleId"]: result for result in told["results"]}
    finding = by_rule["mesh.contracts.output_ports_specified/contract_missing"]
    (file, line, column) = places(terminal)["contract_missing"]
    assert finding["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": file, "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": line, "startColumn": column},
    }
    (reference,) = finding["relatedLocations"]
    assert reference["physicalLocation"]["artifactLocation"]["uri"] == ROOT
    assert reference["logicalLocations"][0]["fullyQualifiedName"] == "/interfaceComponents/outputPorts/0"
    problems = [result for rule, result in by_rule.items() if rule.startswith("DP")]
    assert {one["relatedLocations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in problems} == {ROOT}
    rule = told["tool"]["driver"]["rules"][finding["ruleIndex"]]
    assert rule["shortDescription"] == {"text": "Output port without an API"}
    assert rule["help"] == {"text": "Add promises.api with name, version, specification and definition."}
    assert rule["helpUri"].startswith("https://")


def test_a_file_named_absolutely_is_shown_from_the_folder_of_the_run(run: Run, terminal: Terminal, broken: str) -> None:
    relative, absolute = (run("check", file, "-f", "gitlab").out for file in (broken, terminal.folder / broken))
    assert absolute == relative
    result = sarif_run(run("check", MESH / "broken" / "returns-without-owner.yaml", "-f", "sarif").out)["results"][0]
    uri = (MESH / "broken" / "returns-without-owner.yaml").as_uri()
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": uri}


def test_standard_output_holds_one_format_and_the_files_the_others(run: Run, terminal: Terminal, broken: str) -> None:
    ended = run("check", broken, "-f", "junit", "-f", "html=page.html", "-f", "markdown=comment.md")
    assert ET.fromstring(ended.out).tag == "testsuites"
    assert (terminal.folder / "page.html").read_text("utf-8").startswith("<!DOCTYPE html>")
    assert (terminal.folder / "comment.md").read_text("utf-8").startswith("<!-- meshgate report -->")


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["-f", "xml"], "`xml` is no report format; choose text, json, sarif, junit, github, gitlab, markdown, html"),
        (["-f", "sarif="], "`--format sarif=` names no file after the `=`"),
        (["-f", "sarif", "-f", "junit"], "Two formats would share standard output"),
        (["-f", "sarif=a", "-f", "junit=a"], "Two formats would share one file"),
    ],
)
def test_formats_that_cannot_be_written_are_refused_before_anything_runs(
    run: Run, broken: str, flags: list[str], message: str
) -> None:
    ended = run("check", broken, *flags)
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.err


@pytest.mark.parametrize("form", [form for form in Format if form not in (Format.TEXT, Format.JSON)])
def test_a_format_never_changes_the_exit_code(run: Run, broken: str, form: Format) -> None:
    codes = {
        broken: 1,
        MESH / "sales" / "orders.yaml": 0,
        MESH / "broken" / "couriers-unreadable.yaml": 2,
        ".": 1,
    }
    for paths, code in codes.items():
        ended = run("check", "--quiet", paths, "-f", form)
        assert (ended.code, bool(ended.out), ended.err) == (code, True, ""), paths


def test_submit_writes_the_same_formats(run: Run, terminal: Terminal, broken: str) -> None:
    ended = run("submit", broken, "-f", "github", "-f", "sarif=out.sarif")
    assert ended.code == 1
    assert PORT in {one.properties.get("file") for one in heard(ended.out)}
    assert sarif_run((terminal.folder / "out.sarif").read_text("utf-8"))["results"]
