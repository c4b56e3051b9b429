"""Does docs/reference/official-schema.md list the differences that the tests allow? Run as a program, it is written."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.append(str(ROOT / "tests"))

from official_rules import RULES, Rule  # noqa: E402  (found also when this file is run as a program)

PAGE = ROOT / "docs" / "reference" / "official-schema.md"
COMMAND = "python tests/architecture/test_official_schema_page.py"


def page() -> str:
    """The page of all differences."""
    return "\n".join([*_head(), *(_row(rule) for rule in RULES), ""])


def _head() -> list[str]:
    return [
        "# Differences from the official schema",
        "",
        f"Generated from `tests/official_rules.py` by `{COMMAND}`.",
        "",
        "meshgate has a JSON Schema of its own for DPDS 1.0.0 (`engine/descriptor/schemas/dpds-1.0.0.json`), written",
        "from the text of the specification. Tests judge the published sample descriptors and thousands of broken ones",
        "by both schemas: every difference between the verdicts must be one of these rules, and each rule be needed.",
        "*Accepts* says which of the two accepts such a document.",
        "",
        "| rule | accepts | why | facts |",
        "|---|---|---|---|",
    ]


def _row(rule: Rule) -> str:
    return f"| `{rule.name}` | {rule.accepts} | {rule.why} | {rule.source} |"


def test_the_page_lists_the_rules() -> None:
    assert PAGE.read_text("utf-8") == page(), f"the page is out of date: run `{COMMAND}`"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
