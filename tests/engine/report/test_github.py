"""Does a GitHub runner see one annotation for each message, and nothing that a message made up?"""

from __future__ import annotations

import make
from every_case import HOSTILE, REPORT, RULES
from readers import Said, heard

from engine.report import github, record


def test_a_finding_is_an_annotation_at_its_place_with_title_and_help() -> None:
    told = heard("".join(github.render(REPORT, rules=RULES)))
    assert (
        Said(
            "error",
            {
                "file": "shop/orders.yaml",
                "line": "11",
                "col": "3",
                "title": "Owner missing (a.blocks) [mesh.a.blocks/owner_missing]",
            },
            "finding 1\nhelp: Set info.owner.id",
        )
        in told
    )
    assert (
        Said(
            "warning",
            {
                "file": "shop/orders.yaml",
                "line": "5",
                "col": "9",
                "title": "A name does not follow the pattern of DPDS [DP451]",
            },
            "this is no object\nhelp: write an object",
        )
        in told
    )


def test_a_file_with_signs_of_the_command_syntax_in_its_name_is_named_exactly() -> None:
    told = heard("".join(github.render(REPORT)))
    assert [one.properties["file"] for one in told if one.properties.get("line") == "3"] == [
        "shop/apis/placed,1: 100%.yaml"
    ]


def test_every_document_is_a_group_of_its_own() -> None:
    told = [(one.command, one.data) for one in heard("".join(github.render(REPORT))) if "group" in one.command]
    groups = [data for command, data in told if command == "group"]
    assert [command for command, _ in told] == ["group", "endgroup"] * 6
    assert groups[:2] == ["shop/orders.yaml: rejected", "shop/b&d,name: 1.yaml: undecided"]


def test_nothing_foreign_becomes_a_command() -> None:
    told = "".join(github.render(REPORT, rules=RULES))
    said = heard(told)
    assert "\n::error::" in HOSTILE
    assert {one.command for one in said} == {"group", "endgroup", "error", "warning", "notice"}
    assert [one for one in said if one.data.startswith("injected")] == []
    # The last line is the only one that is no command, and it holds only our own words.
    assert [line for line in told.splitlines() if not line.startswith("::")] == [told.splitlines()[-1]]
    assert "##[" not in told.splitlines()[-1]


def test_excused_and_shadow_findings_are_counted_and_not_annotated() -> None:
    told = "".join(github.render(REPORT, rules=RULES))
    assert [number for number in (1, 2, 3, 4, 5) if f"finding {number}" in told] == [1, 2]
    assert "1 waived, 1 baselined, 2 skipped, 2 error, 1 shadow" in told.splitlines()[-1]


def test_what_was_not_decided_is_an_error() -> None:
    told = heard("".join(github.render(REPORT)))
    errors = [(one.properties["file"], one.properties["title"], one.data) for one in told if one.command == "error"]
    assert ("shop/@unjudged.yaml", "undecided", "no policy was evaluated") in errors
    assert [one for one in told if one.properties.get("title") == "skipped [mesh.i.needs]"] == [
        Said(
            "notice",
            {"file": "shop/provisional|.yaml", "title": "skipped [mesh.i.needs]"},
            "needs the mesh, and no catalog is at hand",
        )
    ]


def test_nothing_to_say_is_still_a_group_and_a_line() -> None:
    report = record.report([record.document(make.decision(policies=(make.run(),), findings=()), file="a.yaml")])
    assert "".join(github.render(report)).splitlines()[:2] == ["::group::a.yaml: rejected", "::endgroup::"]
    assert "".join(github.render(record.report([]))) == (
        "meshgate: documents: 0 accepted, 0 rejected, 0 undecided | policies: 0 pass, 0 fail, 0 warn, 0 waived, "
        "0 skipped, 0 error | no problems\n"
    )
