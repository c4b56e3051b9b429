"""Does docs/reference/lint.md say what the linter's rules say? Run as a program, this file writes it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from engine.policy.lint_rules import CHAPTERS, RULES

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "reference" / "lint.md"
COMMAND = "python tests/architecture/test_lint_rules_page.py"


def page() -> str:
    """The page of all lint rules."""
    return "\n".join([*_head(), *(line for chapter in CHAPTERS.values() for line in _chapter(chapter))])


def _head() -> list[str]:
    return [
        "# Lint rules",
        "",
        f"Generated from `engine/policy/lint_rules.py` by `{COMMAND}`; `meshgate explain PL101` prints one entry.",
        "`meshgate policy lint` lists all at once; loading policies refuses the first error that concerns it.",
        "Codes and names never change their meaning. From x51 on they are warnings, the others are errors.",
        "",
    ]


def _chapter(chapter: str) -> Iterator[str]:
    yield from (f"## {chapter}", "")
    for one in RULES.values():
        if one.chapter == chapter:
            yield from (f"### {one.code} `{one.name}` ({one.severity.value})", "")
            yield from (f"**{one.title}.** {one.explanation}", "")


def test_the_page_of_lint_rules_is_up_to_date() -> None:
    assert PAGE.is_file(), f"write it with: {COMMAND}"
    assert PAGE.read_text("utf-8") == page(), f"write it anew with: {COMMAND}"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
