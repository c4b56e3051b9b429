"""Does docs/reference/problems.md say what the codes say? Run as a program, this file writes it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from engine.descriptor.codes import CODES, ProblemCode
from engine.model import Layer

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "reference" / "problems.md"
COMMAND = "python tests/architecture/test_problem_codes_page.py"

TITLES = {
    Layer.SOURCE: "Source: the file itself (a problem here stops the road)",
    Layer.REFERENCES: "References: what `$ref` names (an error here stops the road)",
    Layer.SCHEMA: "Schema: the shape of DPDS 1.0.0",
    Layer.SEMANTICS: "Semantics: what the document means",
}


def page() -> str:
    """The page of all problem codes."""
    return "\n".join([*_head(), *(line for layer in Layer for line in _layer(layer))])


def _head() -> list[str]:
    return [
        "# Problems",
        "",
        f"Generated from `engine/descriptor/codes.py` by `{COMMAND}`; `meshgate explain DP101` prints one entry.",
        "Codes and names never change their meaning. From x51 on they are warnings, the others are errors.",
        "",
    ]


def _layer(layer: Layer) -> Iterator[str]:
    yield from (f"## {TITLES[layer]}", "")
    for one in CODES.values():
        if one.layer is layer:
            yield from _entry(one)


def _entry(one: ProblemCode) -> list[str]:
    return [f"### {one.code} `{one.name}` ({one.severity.value})", "", f"**{one.title}.** {one.explanation}", ""]


def test_the_page_of_problems_is_up_to_date() -> None:
    assert PAGE.is_file(), f"write it with: {COMMAND}"
    assert PAGE.read_text("utf-8") == page(), f"write it anew with: {COMMAND}"


def test_every_code_says_what_to_know() -> None:
    assert [one.code for one in CODES.values() if not (one.title and one.explanation.endswith((".", ")")))] == []


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
