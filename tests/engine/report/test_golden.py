"""Does every format tell the one report in which everything happens exactly as the golden files say?

Run as a program, this file writes them anew; look at the difference before you commit it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import jsonschema_rs
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from every_case import REPORT, RULES, source

from engine.report import github, gitlab, html, json, junit, markdown, record, sarif, text

GOLDEN = Path(__file__).with_name("golden")
COMMAND = "python tests/engine/report/test_golden.py"

FORMATS: dict[str, Callable[[], str]] = {
    "everything.txt": lambda: "".join(text.render(REPORT, source=source)),
    "everything.json": lambda: "".join(json.render(REPORT)),
    "everything.sarif": lambda: "".join(sarif.render(REPORT, rules=RULES, version="1.2.3")),
    "everything.junit.xml": lambda: "".join(junit.render(REPORT)),
    "everything.github.txt": lambda: "".join(github.render(REPORT, rules=RULES)),
    "everything.gitlab.json": lambda: "".join(gitlab.render(REPORT)),
    "everything.md": lambda: "".join(markdown.render(REPORT, rules=RULES)),
    "everything.html": lambda: "".join(html.render(REPORT, rules=RULES, source=source)),
}


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_tells_everything_as_it_is_written_down(name: str) -> None:
    assert FORMATS[name]() == (GOLDEN / name).read_bytes().decode("utf-8"), f"write it anew with: {COMMAND}"


def test_the_report_itself_is_valid_against_its_published_schema() -> None:
    schema = jsonschema_rs.validator_for(record.PUBLISHED.read_text("utf-8"))
    assert [error.message for error in schema.iter_errors(REPORT)] == []


if __name__ == "__main__":
    for file, render in FORMATS.items():
        (GOLDEN / file).write_bytes(render().encode("utf-8"))
