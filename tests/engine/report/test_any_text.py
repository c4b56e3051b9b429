"""Does every format stay what it is, whatever text stands in a message, a file name or a product?"""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree as ET

import make
from every_case import HOSTILE
from hypothesis import example, given, settings
from hypothesis import strategies as st
from readers import Page, Tags, heard, sarif_run

from engine.model import Finding, Place
from engine.report import github, gitlab, html, junit, markdown, record, sarif, text
from engine.report.terminal import harmless

PIECES = st.sampled_from(
    ["::error::x", "\n::", "##[error]", "%0A", "<script>", "-->", "]]>", "](x)", "`", "|", "\\", "@a", "\x1b[2J", "\r"]
)
TEXT = st.lists(st.one_of(st.text(max_size=8), PIECES), max_size=6).map("".join)


def report(words: str, file: str) -> dict[str, Any]:
    finding = make.judged(
        Finding("mesh.a", "code", words, (words,)), place=Place(file or "a", 1, 1, "", (f"{words}#/x",))
    )
    decision = make.decision(
        product=make.identity(words),
        findings=(finding,),
        problems=(make.problem(msg=words, hint=words),),
        policies=(make.run(policy="mesh.a", reason=words),),
    )
    return record.report([record.document(decision, file=file or "a")])


@given(words=TEXT, file=TEXT)
@example(words=f"%0A{HOSTILE}", file="%0A,::x")
@settings(max_examples=60, deadline=None)
def test_no_text_breaks_out_of_any_format(words: str, file: str) -> None:
    told = report(words, file.replace("\0", ""))
    said = heard("".join(github.render(told)))
    assert [one.command for one in said] == ["group", "error", "error", "endgroup"]
    assert {one.data.split("\n")[0] for one in said[1:3]} == {harmless(words)}
    assert len(json.loads("".join(gitlab.render(told)).encode())) == 2
    assert len(sarif_run("".join(sarif.render(told)))["results"]) == 2
    assert len(ET.fromstring("".join(junit.render(told)))) == 1
    assert Tags("".join(markdown.render(told))).links == []
    assert Page("".join(html.render(told))).tags.isdisjoint({"script", "img"})
    assert "\x1b" not in "".join(text.render(told))
