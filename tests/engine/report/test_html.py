"""Is the page one self-contained, well-formed file in which foreign text is only ever text?"""

from __future__ import annotations

import re

import make
from every_case import HOSTILE, REPORT, RULES, source
from readers import Page

from engine.model import Outcome
from engine.report import html, record


def page() -> Page:
    return Page("".join(html.render(REPORT, rules=RULES, source=source)))


def test_the_page_is_well_formed_and_has_only_our_elements() -> None:
    assert page().tags == {
        "html", "head", "meta", "title", "style", "body", "header", "h1", "span", "b", "ul", "li", "p", "main",
        "table", "thead", "tbody", "tr", "th", "td", "a", "section", "h2", "strong", "code", "pre", "details",
        "summary", "small", "dl", "dt", "dd",
    }  # fmt: skip


def test_foreign_text_is_shown_as_it_is() -> None:
    text = page().text
    assert "</script><img src=x onerror=alert(1)> ]]> --> \\x1b[31mred\\x07\\r\\n::error::injected" in text
    assert "shop/<b>returns\\n::error::x.yaml" in text
    assert HOSTILE not in text


def test_nothing_runs_and_nothing_is_loaded_from_anywhere() -> None:
    told = "".join(html.render(REPORT, rules=RULES, source=source))
    links = {value for name, value in page().attributes if name in ("href", "src", "action")}
    assert links == {f"#document-{number}" for number in range(1, 7)}
    assert [name for name, _ in page().attributes if name.startswith("on") or name == "style"] == []
    style = told[told.index("<style>") : told.index("</style>")]
    assert re.findall(r"url\(|@import|https?:", style) == []
    assert "default-src 'none'" in told


def test_every_document_has_its_section_with_outcome_messages_and_policies() -> None:
    text = re.sub(r"\s+", " ", page().text)
    for told in (
        "✗ rejected",
        "✓ accepted (provisional)",
        "? undecided",
        "It could not be read.",
        "Owner missing (a.blocks)owner_missing mesh.a.blocks".replace(")o", ") o"),
        "shop/apis/placed,1: 100%.yaml:3:5",
        "through orders.yaml#/interfaceComponents/outputPorts/0",
        "1 waived, 1 baselined",
        "waiver W-1",
        "8 policies asked",
        "1 policy asked",
        "sha256:assignments",
    ):
        assert told in text, told
    assert ("id", "document-6") in page().attributes


def test_the_source_line_is_quoted_with_a_caret_below_the_column() -> None:
    assert "\n".join(["11 | line: 11 <&> </script><img src=x onerror=alert(1)> ]…", "   |   ^"]) in page().text


def test_a_file_that_cannot_be_read_is_told_without_its_lines() -> None:
    def gone(file: str) -> list[str]:
        raise FileNotFoundError(file)

    report = record.report([record.document(make.decision(), file="orders.yaml")])
    assert "pre" not in Page("".join(html.render(report, source=gone))).tags
    assert "info.owner.id is missing" in Page("".join(html.render(report, source=gone))).text


def test_a_clean_document_and_no_document_are_told_in_words() -> None:
    decision = make.decision(outcome=Outcome.ACCEPTED, policies=(make.run(),), findings=())
    clean = Page("".join(html.render(record.report([record.document(decision, file="orders.yaml")]))))
    assert "Nothing to object to." in clean.text
    assert "a" not in clean.tags
    assert "There was nothing to decide." in Page("".join(html.render(record.report([])))).text


def test_the_page_has_a_light_and_a_dark_dress() -> None:
    told = "".join(html.render(record.report([])))
    assert '<meta name="color-scheme" content="light dark">' in told
    assert "@media (prefers-color-scheme: dark)" in told
