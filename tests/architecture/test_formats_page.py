"""Does docs/reference/formats.md show what the formats really look like? Run as a program, this file writes samples."""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from api.cli import main
from api.cli.options import Format

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reference" / "formats.md"
COMMAND = "python tests/architecture/test_formats_page.py"
SHOWN = "examples/mesh/broken/newsletter-without-terms.json"
POLICIES = (
    *("policies/mesh/privacy/pii_needs_terms", "policies/mesh/ownership/owner_declared"),
    "policies/mesh/reading",
)
"""Two policies only, so that a new one leaves the samples alone."""

SAMPLE = re.compile(r"<!-- sample: (\w+) -->\n(?:\n(```+)\w*\n.*?^\2\n)?", re.MULTILINE | re.DOTALL)


def printed(form: str) -> str:
    """What `meshgate check` prints for the example in this format, run in the root of the repository."""
    here = Path.cwd()
    os.chdir(ROOT)
    try:
        with redirect_stdout(io.StringIO()) as out, pytest.raises(SystemExit):
            main(["check", "--quiet", "--format", form, *(f"--policies={one}" for one in POLICIES), SHOWN])
    finally:
        os.chdir(here)
    return out.getvalue()


def _pretty(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _finding(told: str) -> str:
    return _pretty(json.loads(told)["documents"][0]["decision"]["findings"][0])


def _result(told: str) -> str:
    return _pretty(json.loads(told)["runs"][0]["results"][0])


def _cases(told: str) -> str:
    cases = list(ET.fromstring(told).iter("testcase"))
    chosen = (next(one for one in cases if len(one)), next(one for one in cases if not len(one)))
    for one in chosen:
        ET.indent(one)
    return "\n".join(ET.tostring(one, encoding="unicode").strip() for one in chosen) + "\n"


def _body(told: str) -> str:
    return told[: told.rindex("\n<sub>policies")]


PARTS: dict[str, tuple[str, Callable[[str], str]]] = {
    "text": ("text", str),
    "json": ("json", _finding),
    "sarif": ("json", _result),
    "junit": ("xml", _cases),
    "github": ("text", str),
    "gitlab": ("json", str),
    "markdown": ("markdown", _body),
}
"""In which language each sample is written, and which part of the output it is."""


def page(written: str) -> str:
    """The page with its samples made anew."""

    def sample(found: re.Match[str]) -> str:
        language, part = PARTS[found[1]]
        return f"<!-- sample: {found[1]} -->\n\n```{language}\n{part(printed(found[1]))}```\n"

    return SAMPLE.sub(sample, written)


def test_every_sample_is_what_the_command_prints() -> None:
    written = PAGE.read_text("utf-8")
    assert written == page(written), f"write it anew with: {COMMAND}"


def test_every_format_has_its_place_on_the_page() -> None:
    written = PAGE.read_text("utf-8")
    headings = re.findall(r"^## (\w+)$", written, re.MULTILINE)
    assert headings == [form.value for form in Format]
    assert [found[1] for found in SAMPLE.finditer(written)] == list(PARTS)
    assert [one for one in headings if f"| `{one}` |" not in written] == []


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")
