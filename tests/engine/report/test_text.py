"""Can a person read at a glance what is wrong, where, and what to do, and is the terminal safe?"""

from __future__ import annotations

import re

import make
import pytest

from engine.model import Decision, Disposition, Enforcement, Layer, Outcome, Place, PolicyState, ProblemSeverity
from engine.report import excerpt, record, text

SOURCE = "dataProductDescriptor: 1.0.0\ninfo: nothing\n  name: orders\n  owner: {}\n".splitlines()


def rendered(*decisions: Decision, colour: bool = False, verbose: bool = False, lines: list[str] | None = None) -> str:
    report = record.report([record.document(one, file="orders.yaml") for one in decisions])
    return "".join(
        text.render(report, source=lambda _: SOURCE if lines is None else lines, colour=colour, verbose=verbose)
    )


def test_a_refused_descriptor_shows_each_message_with_its_line_and_what_to_do() -> None:
    decision = make.decision(
        policies=(make.run(PolicyState.FAIL), make.run(policy="mesh.b"), make.run(policy="mesh.c")),
        problems=(make.problem(),),
    )
    assert (
        rendered(decision)
        == """\
orders.yaml:2:1: error DP301 [wrong-shape] this is no object
  |
2 | info: nothing
  | ^
  = help: write an object

orders.yaml:4:3: error owner_missing [mesh.ownership.owner_declared] info.owner.id is missing
  |
4 |   owner: {}
  |   ^
  = help: Set info.owner.id

orders.yaml: orders 1.2.0 rejected

1 document: 1 rejected | policies: 2 pass, 1 fail, 0 warn, 0 waived, 0 skipped, 0 error | problems: 1 error
"""
    )


def test_an_accepted_descriptor_is_told_in_two_lines() -> None:
    decision = make.decision(outcome=Outcome.ACCEPTED, findings=(), policies=(make.run(),))
    assert (
        rendered(decision)
        == """\
orders.yaml: orders 1.2.0 accepted

1 document: 1 accepted | policies: 1 pass, 0 fail, 0 warn, 0 waived, 0 skipped, 0 error | no problems
"""
    )


def test_waived_and_advisory_findings_are_told_apart_and_references_are_shown() -> None:
    via = Place("ports/a.yaml", 1, 24, "", ("orders.yaml#/interfaceComponents/outputPorts/0",))
    decision = make.decision(
        outcome=Outcome.ACCEPTED,
        policies=(make.run(PolicyState.FAIL, "mesh.a"), make.run(PolicyState.FAIL, "mesh.b")),
        findings=(
            make.judged(make.finding("mesh.a"), disposition=Disposition.ADVISORY, place=via),
            make.judged(make.finding("mesh.b"), disposition=Disposition.WAIVED, waiver="W-1"),
        ),
    )
    assert (
        rendered(decision)
        == """\
orders.yaml:4:3: waived owner_missing [mesh.b] info.owner.id is missing
  = waiver: W-1

ports/a.yaml:1:24: warning owner_missing [mesh.a] info.owner.id is missing
  |
1 | dataProductDescriptor: 1.0.0
  |                        ^
  = through: orders.yaml#/interfaceComponents/outputPorts/0
  = help: Set info.owner.id

orders.yaml: orders 1.2.0 accepted

1 document: 1 accepted | policies: 0 pass, 0 fail, 1 warn, 1 waived, 0 skipped, 0 error | no problems
"""
    )


def test_shadow_findings_and_passes_are_told_only_when_asked_for() -> None:
    decision = make.decision(
        outcome=Outcome.ACCEPTED,
        policies=(make.run(PolicyState.FAIL, enforcement=Enforcement.SHADOW), make.run(policy="mesh.b")),
        findings=(make.judged(disposition=Disposition.SHADOW),),
    )
    summary = "policies: 1 pass, 0 fail, 0 warn, 0 waived, 0 skipped, 0 error, 1 shadow | no problems\n"
    assert rendered(decision) == f"orders.yaml: orders 1.2.0 accepted\n\n1 document: 1 accepted | {summary}"
    assert (
        rendered(decision, verbose=True)
        == f"""\
orders.yaml:4:3: shadow owner_missing [mesh.ownership.owner_declared] info.owner.id is missing
  = help: Set info.owner.id

orders.yaml: fail [mesh.ownership.owner_declared]
orders.yaml: pass [mesh.b]
orders.yaml: orders 1.2.0 accepted

1 document: 1 accepted | {summary}"""
    )


def test_an_engine_that_gave_no_answer_is_told_once_not_once_for_each_policy() -> None:
    policies = tuple(make.run(PolicyState.ERROR, f"mesh.{one}", reason="OPA refused") for one in "abc")
    decision = make.decision(outcome=Outcome.UNDECIDED, policies=policies, findings=())
    assert (
        rendered(decision)
        == """\
orders.yaml: error policy-error [3 policies] OPA refused
orders.yaml: orders 1.2.0 undecided: not every policy could be evaluated

1 document: 1 undecided | policies: 0 pass, 0 fail, 0 warn, 0 waived, 0 skipped, 3 error | no problems
"""
    )


def test_a_provisional_answer_names_itself_and_what_was_not_asked() -> None:
    skipped = make.run(PolicyState.SKIPPED, "mesh.lineage", reason="needs the mesh, and no catalog is at hand")
    decision = make.decision(outcome=Outcome.ACCEPTED, provisional=True, policies=(make.run(), skipped), findings=())
    assert (
        rendered(decision)
        == """\
orders.yaml: skipped [mesh.lineage] needs the mesh, and no catalog is at hand
orders.yaml: orders 1.2.0 accepted (provisional: the skipped policies need a catalog)

1 document: 1 accepted, 1 of them provisional | policies: 1 pass, 0 fail, 0 warn, 0 waived, 1 skipped, 0 error | \
no problems
"""
    )


def test_several_documents_and_none_have_one_summary_line() -> None:
    unreadable = make.decision(outcome=Outcome.UNDECIDED, product=None, input_digest=None, policies=(), findings=())
    nothing = make.decision(outcome=Outcome.UNDECIDED, policies=(), findings=())
    assert (
        rendered(unreadable, nothing)
        == """\
orders.yaml: undecided: it could not be read
orders.yaml: orders 1.2.0 undecided: no policy was evaluated

2 documents: 2 undecided | policies: 0 pass, 0 fail, 0 warn, 0 waived, 0 skipped, 0 error | no problems
"""
    )
    assert rendered().startswith("0 documents: nothing to decide | policies: 0 pass")


def test_documents_with_nothing_to_say_stand_close_together() -> None:
    fine = make.decision(outcome=Outcome.ACCEPTED, findings=(), policies=(make.run(),))
    told = rendered(fine, fine, make.decision(), fine, fine).splitlines()
    assert [bool(line) for line in told] == [
        True,
        True,
        False,
        *[True] * 5,
        False,
        True,
        False,
        True,
        True,
        False,
        True,
    ]


def test_colour_only_adds_to_the_text() -> None:
    decision = make.decision(problems=(make.problem(severity=ProblemSeverity.WARNING),))
    coloured = rendered(decision, colour=True)
    assert "\x1b[1;31merror owner_missing\x1b[0m" in coloured
    assert "\x1b[1;33mwarning DP301\x1b[0m" in coloured
    assert "\x1b[1;31mrejected\x1b[0m" in coloured
    assert "\x1b[2m[mesh.ownership.owner_declared]\x1b[0m" in coloured
    assert "\x1b[1;31m1 fail\x1b[0m, \x1b[2m0 warn\x1b[0m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == rendered(decision)


def test_a_file_that_cannot_be_shown_leaves_the_message() -> None:
    def missing(_: str) -> list[str]:
        raise FileNotFoundError

    report = record.report([record.document(make.decision(), file="orders.yaml")])
    told = "".join(text.render(report, source=missing))
    assert told == "".join(text.render(report)) == rendered(make.decision(), lines=[])
    assert told.splitlines()[:2] == [
        "orders.yaml:4:3: error owner_missing [mesh.ownership.owner_declared] info.owner.id is missing",
        "  = help: Set info.owner.id",
    ]


HOSTILE = "a\x1b]0;owned\x07\x1b[2J\r\n\x9b31m\u202egnp.exe\u2066\u200b\x00\ud800b\U000e0041"


def test_no_foreign_text_reaches_the_terminal_as_a_command() -> None:
    decision = make.decision(
        product=make.identity(name=HOSTILE, version=HOSTILE),
        problems=(make.problem(HOSTILE, layer=Layer.SOURCE, name=HOSTILE, msg=HOSTILE, hint=HOSTILE),),
        policies=(make.run(PolicyState.ERROR, HOSTILE, reason=HOSTILE),),
        findings=(make.judged(make.finding(HOSTILE, code=HOSTILE, msg=HOSTILE), remediation=HOSTILE),),
    )
    report = record.report([record.document(decision, file=HOSTILE)])
    told = "".join(text.render(report, source=lambda _: [HOSTILE] * 9, verbose=True))
    assert [character for character in told if not character.isprintable() and character != "\n"] == []
    assert "\\x1b]0;owned\\x07\\x1b[2J\\r\\n\\x9b31m\\u202egnp.exe" in told
    assert told.encode("utf-8")


@pytest.mark.parametrize(
    ("line", "column", "shown", "caret"),
    [
        ("  owner: {}", 3, "  owner: {}", "  ^"),
        ("\towner: {}", 2, "  owner: {}", "  ^"),
        ("名前: {}", 4, "名前: {}", "     ^"),
        ("a\u0301: x", 4, "a\u0301: x", "  ^"),
        ("x\x1b: y", 4, "x\\x1b: y", "      ^"),
        ("short", 99, "short", "     ^"),
        ("x" * 200, 150, "…" + "x" * 110 + "…", " " * 61 + "^"),
    ],
)
def test_the_caret_stands_below_its_character(line: str, column: int, shown: str, caret: str) -> None:
    place = Place("orders.yaml", 1, column, "")
    told = rendered(make.decision(findings=(make.judged(place=place),)), lines=[line]).splitlines()
    assert told[2:4] == [f"1 | {shown}", f"  | {caret}"]


def test_lines_are_counted_as_places_count_them() -> None:
    assert excerpt.lines("\ufeffa\r\nb\rc\n\u2028d\x0be\x85\n") == ["a", "b", "c", "\u2028d\x0be\x85", ""]
