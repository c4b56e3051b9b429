"""Does `meshgate check` judge what was named, completely, in order, and say so where it was asked to?"""

from __future__ import annotations

import json
import os
import pty
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from commands import MESH, Ended, Terminal
from doors import product
from hostile_documents import HOSTILE
from jsonschema import Draft202012Validator

from engine.report import record

Run = Callable[..., Ended]
SCHEMA = Draft202012Validator(json.loads(record.PUBLISHED.read_text("utf-8")))


def comparable(report: dict[str, Any], *also: str) -> dict[str, Any]:
    """The report without what differs from run to run."""
    for document in report["documents"]:
        for name in ("id", *also):
            del document["decision"][name]
    return report


def test_the_examples_pass_without_any_configuration_and_the_broken_ones_say_why(run: Run) -> None:
    ended = run("check", MESH, "--format", "json")
    outcomes = {str(Path(one["file"]).relative_to(MESH)): one["decision"]["outcome"] for one in ended.json["documents"]}
    broken = {name: outcome for name, outcome in outcomes.items() if name.startswith("broken/")}
    assert {outcomes[name] for name in outcomes.keys() - broken.keys()} == {"accepted"}
    assert len(outcomes) - len(broken) == 14
    assert broken == {
        "broken/clickstream-without-contract.yaml": "rejected",
        "broken/couriers-unreadable.yaml": "undecided",
        "broken/newsletter-without-terms.json": "rejected",
        "broken/returns-without-owner.yaml": "rejected",
    }


def test_the_json_report_is_valid_against_its_published_schema(run: Run) -> None:
    SCHEMA.validate(run("check", MESH, "--format", "json").json)
    SCHEMA.validate(run("check", ".", "--format", "json").json)


def test_a_missing_owner_is_shown_at_its_line(terminal: Terminal) -> None:
    text = (MESH / "broken" / "returns-without-owner.yaml").read_text()
    terminal.write("returns.yaml", text)
    ended = terminal.run("check", "returns.yaml")
    line = text.splitlines().index("  owner:") + 1
    assert f"returns.yaml:{line}:3: error owner_missing [mesh.ownership.owner_declared]" in ended.out
    assert f"{line} |   owner:\n   |   ^\n   = help: Set info.owner.id" in ended.out
    assert ended.err == "note: judged by the starter policies; set `policies` to use your own\n"


def test_notes_go_to_standard_error_and_can_be_silenced(run: Run) -> None:
    shipments = MESH / "logistics" / "shipments"
    told = run("check", shipments, "--format", "json")
    assert told.json["summary"]["documents"] == 1
    assert told.err.splitlines() == [
        "note: judged by the starter policies; set `policies` to use your own",
        "note: 5 files without `dataProductDescriptor` taken for parts of other documents",
    ]
    assert run("check", "--quiet", shipments).err == ""


def test_several_formats_go_to_several_places(run: Run, terminal: Terminal) -> None:
    ended = run("check", MESH, "-f", "text", "-f", "json=out/a/report.json", "-f", "text=out/report.txt")
    assert ended.out == (terminal.folder / "out" / "report.txt").read_text()
    report = json.loads((terminal.folder / "out" / "a" / "report.json").read_text())
    SCHEMA.validate(report)
    assert report["summary"] == {"documents": 18, "accepted": 14, "rejected": 3, "undecided": 1}
    silent = run("check", MESH, "--format", "json=report.json")
    assert (silent.code, silent.out) == (2, "")


def test_two_jobs_say_what_one_says_byte_for_byte(run: Run) -> None:
    assert run("check", "-j", "2", MESH).out == run("check", MESH).out
    reports = [comparable(run("check", "-j", jobs, "-f", "json", MESH).json) for jobs in ("1", "2")]
    assert reports[0] == reports[1]


def test_a_bad_file_never_hides_the_others(run: Run, terminal: Terminal) -> None:
    names = ["a-folder.yaml/of/files.txt", "b-fine.yaml", "c-broken.yaml", "d-fine.yaml"]
    terminal.write(names[0], "dataProductDescriptor")
    terminal.write(names[1], product("first"))
    terminal.write(names[2], 'dataProductDescriptor: "1.0.0"\na: &a [*a]\n')
    terminal.write(names[3], product("second"))
    (terminal.folder / "e-gone.yaml").symlink_to("nowhere")
    (terminal.folder / "f-locked.yaml").write_bytes(product("third"))
    (terminal.folder / "f-locked.yaml").chmod(0)
    report = run("check", ".", "-f", "json").json
    told = {
        one["file"]: (one["decision"]["outcome"], [p["code"] for p in one["problems"]]) for one in report["documents"]
    }
    locked = ("accepted", []) if os.access(terminal.folder / "f-locked.yaml", os.R_OK) else ("undecided", ["DP117"])
    assert told == {
        "b-fine.yaml": ("accepted", []),
        "c-broken.yaml": ("undecided", ["DP112"]),
        "d-fine.yaml": ("accepted", []),
        "f-locked.yaml": locked,
    }


@pytest.mark.parametrize(
    "name", ["two words.yaml", "ünïcödé ☂.yaml", "quote\"s'.yaml", "-dash.yaml", "new\nline.yaml", "[a].yaml"]
)
def test_a_file_with_an_odd_name_is_judged_under_that_name(run: Run, terminal: Terminal, name: str) -> None:
    terminal.write(name, product(owner=""))
    ended = run("check", "-f", "json", "--", name)
    document = ended.json["documents"][0]
    assert (ended.code, document["file"]) == (1, name)
    assert {one["file"] for one in document["decision"]["findings"]} == {name}
    assert "Traceback" not in run("check", "--", name).err


def test_a_name_that_is_no_text_and_a_narrow_terminal_end_no_command(terminal: Terminal) -> None:
    Path(os.fsdecode(os.fsencode(terminal.folder) + b"/\xff.yaml")).write_bytes(product())
    shown = terminal.run("check", ".")
    assert shown.code == 0
    assert "\\udcff.yaml: parcels 1.0.0 accepted" in shown.out
    assert terminal.run("check", "-f", "json", ".").json["documents"][0]["file"] == "\udcff.yaml"
    terminal.write("☂.yaml", product())
    assert "\\u2602.yaml: parcels 1.0.0 accepted" in terminal.run("check", "☂.yaml", PYTHONIOENCODING="ascii").out


def test_hostile_documents_end_with_their_code_at_their_place_and_hide_nothing(run: Run, terminal: Terminal) -> None:
    expected = {}
    for number, case in enumerate(HOSTILE):
        for name, content in case.files.items():
            terminal.write(f"{number}/{name}", content)
        place = f"{number}/{case.in_file or case.root}:{case.line}:{case.column}"
        expected[f"{number}/{case.root}"] = (case.id, "undecided", case.code, place)
    ended = run("check", "-f", "json", "-f", "text=report.txt", *expected)
    told = {}
    for one, case in zip(ended.json["documents"], HOSTILE, strict=True):
        first = one["problems"][0]
        place = f"{first['file']}:{first['line']}:{first['column']}"
        told[one["file"]] = (case.id, one["decision"]["outcome"], first["code"], place)
    assert told == expected
    assert (ended.code, "Traceback" in ended.err) == (2, False)
    assert (terminal.folder / "report.txt").read_text().count("undecided: it could not be read") == len(HOSTILE)


def seen_on_a_terminal(terminal: Terminal, *arguments: str | Path, **environment: str) -> str:
    """What a command writes to a terminal of 200 columns."""
    master, slave = pty.openpty()
    command = terminal.command(*arguments)
    process = subprocess.Popen(command, cwd=terminal.folder, env={**terminal.environment, **environment}, stdout=slave)
    os.close(slave)
    said = b""
    try:
        while piece := os.read(master, 65536):
            said += piece
    except OSError:  # the terminal's other end is closed
        pass
    os.close(master)
    process.wait(30)
    return said.decode()


def test_colour_is_for_terminals_and_no_color_is_obeyed(terminal: Terminal) -> None:
    document = MESH / "broken" / "returns-without-owner.yaml"
    plain = terminal.run("check", document).out
    assert "\x1b" not in plain
    assert "\x1b[1;31merror owner_missing\x1b[0m" in seen_on_a_terminal(terminal, "check", document)
    assert seen_on_a_terminal(terminal, "check", document, NO_COLOR="1").replace("\r\n", "\n") == plain


def test_the_real_opa_server_finds_what_the_embedded_engine_finds(
    run: Run, opa_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedded = run("check", "-f", "json", MESH)
    monkeypatch.setenv("MESHGATE_OPA_URL", opa_url)
    served = run("check", "-f", "json", MESH)
    assert served.code == embedded.code
    engines = {one["decision"]["engine"].split()[0] for one in served.json["documents"] if one["decision"]["engine"]}
    assert engines == {"opa"}
    assert comparable(served.json, "engine") == comparable(embedded.json, "engine")
