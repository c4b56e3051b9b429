"""Is the pull-request comment complete, small enough, and made of nothing but our own markup?"""

from __future__ import annotations

import re

import make
import pytest
from every_case import HOSTILE, REPORT, RULES
from readers import Tags

from engine.model import Outcome, Place
from engine.report import markdown, record
from engine.report.markdown_text import code, prose

GITHUB = 65_536


def test_the_comment_begins_with_its_mark_and_the_outcome() -> None:
    assert "".join(markdown.render(REPORT)).splitlines()[:2] == [
        markdown.MARK,
        "## ⚠️ meshgate: 2 accepted, 1 rejected, 3 undecided",
    ]
    one = record.report([record.document(make.decision(), file="orders.yaml")])
    assert "".join(markdown.render(one)).splitlines()[1] == "## ❌ meshgate: rejected"
    assert "".join(markdown.render(record.report([]))).splitlines()[1] == "## meshgate: nothing to decide"


def test_an_accepted_document_takes_one_row_and_nothing_else() -> None:
    decision = make.decision(outcome=Outcome.ACCEPTED, policies=(make.run(),), findings=())
    told = "".join(markdown.render(record.report([record.document(decision, file="orders.yaml")])))
    assert told.splitlines()[3:] == [
        "| document | product | outcome | errors | warnings | waived |",
        "| --- | --- | --- | --: | --: | --: |",
        "| orders.yaml | orders 1.2.0 | ✅ accepted | 0 | 0 | 0 |",
        "",
        "<sub>policies: 1 pass, 0 fail, 0 warn, 0 waived, 0 skipped, 0 error · no problems · "
        "bundle `sha256:bundle`</sub>",
    ]


def test_a_finding_behind_a_reference_names_the_part_file_and_the_way_there() -> None:
    told = Tags("".join(markdown.render(REPORT, rules=RULES))).text
    assert "Owner missing (a.blocks) at shop/apis/placed,1: 100%.yaml:3:5" in told
    assert "through: orders.yaml#/interfaceComponents/outputPorts/0through: ports/placed.yaml#/promises/api" in told


def test_foreign_text_is_shown_word_by_word_and_makes_no_element_and_no_link() -> None:
    told = Tags("".join(markdown.render(REPORT, rules=RULES)))
    assert told.tags == {
        "h2", "h3", "table", "thead", "tbody", "tr", "th", "td", "ul", "li", "p", "strong", "code", "br", "sub",
        "details", "summary",
    }  # fmt: skip
    assert told.links == []
    assert "</script><img src=x onerror=alert(1)> ]]> -->" in told.text
    assert "[click](https://evil.example/a) `code` ``` | **bold** &amp; {0}" in told.text


@pytest.mark.parametrize(
    "call", ["@everyone", "#1", "!1", "~label", "GH-12", "https://evil.example", "www.evil.example"]
)
def test_nobody_is_called_and_nothing_is_linked(call: str) -> None:
    assert call in Tags(prose(f"see {call} now")).text
    assert call not in prose(f"see {call} now")
    assert "&#8203;" in prose(call)


@pytest.mark.parametrize("text", ["a`b", "``", "`", " x ", "", "a|b", "```js", "<b>&amp;", "@you"])
def test_code_shows_its_text_and_nothing_else(text: str) -> None:
    told = Tags(f"- {code(text)} end")
    assert told.tags == {"ul", "li", "code"}
    assert told.text.strip() == re.sub(r"\s+", " ", f"{text} end").strip()


def test_a_cell_cannot_be_left() -> None:
    told = "".join(markdown.render(record.report([record.document(make.decision(), file="a\\|b`|`@you\n|.yaml")])))
    row = next(line for line in told.splitlines() if "orders 1.2.0" in line)
    assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) == 7
    assert "@you" not in row


def test_a_long_text_is_cut() -> None:
    assert len(prose("x" * 5000)) == 600
    assert prose("x" * 5000).endswith("…")


def test_many_messages_of_one_document_are_counted_and_the_worst_come_first() -> None:
    problems = tuple(make.problem(place=Place("orders.yaml", line, 1)) for line in range(1, 201))
    told = "".join(
        markdown.render(record.report([record.document(make.decision(problems=problems), file="orders.yaml")]))
    )
    assert told.count("\n- ❌") == 50
    assert "\n- … and 151 more\n" in told


def test_a_comment_never_grows_beyond_what_github_takes_and_says_so() -> None:
    problems = tuple(make.problem(msg=HOSTILE * 20) for _ in range(40))
    documents = [record.document(make.decision(problems=problems), file=f"{at}/orders.yaml") for at in range(60)]
    told = "".join(markdown.render(record.report(documents)))
    assert len(told) < GITHUB
    note = re.search(r"> \*\*(\d+) parts do not fit into this comment\.\*\*", told)
    assert note is not None
    shown = told.count("\n- ❌") + told.count("\n### ") + told.count("\n| ") - 2
    assert shown + int(note[1]) == 60 * (1 + 1 + 41)
    assert Tags(told).links == []


def test_among_many_documents_those_that_were_not_accepted_come_first() -> None:
    accepted = make.decision(outcome=Outcome.ACCEPTED, policies=(make.run(),), findings=())
    files = [(f"{at:03}.yaml", make.decision() if at == 2999 else accepted) for at in range(3000)]
    told = "".join(markdown.render(record.report([record.document(one, file=file) for file, one in files])))
    rows = [line for line in told.splitlines() if line.startswith("| ")]
    assert rows[2].startswith("| 2999.yaml | orders 1.2.0 | ❌ rejected | 1 |")
    assert (len(rows), rows[-1]) == (103, "| … and 2900 more | | | | | |")
    assert "at `2999.yaml:4:3`" not in told
    assert "at `orders.yaml:4:3`<br>info.owner.id is missing" in told
    assert "do not fit" not in told


def test_a_small_comment_says_nothing_of_its_size() -> None:
    assert "do not fit" not in "".join(markdown.render(REPORT))
