"""Do the pages in docs/reference/policies say what the shipped policies and their fixtures say?"""

from __future__ import annotations

from pathlib import Path

from commands import ROOT, Terminal

from api.flows import policy_pages
from engine.policy.bundle import load

PAGES = ROOT / "docs" / "reference" / "policies"
FIXTURES = ROOT / "tests" / "policy-fixtures"
COMMAND = "meshgate policy docs --policies policies --fixtures tests/policy-fixtures --output docs/reference/policies"


def test_the_pages_of_the_shipped_policies_are_up_to_date() -> None:
    every = load([ROOT / "policies"]).policies
    found = policy_pages.written(every.values(), fixtures=FIXTURES, mandates={})
    assert policy_pages.stale(found, PAGES) == [], f"write them anew with: {COMMAND}"
    assert len(found) == len(every) + 1


def test_the_command_that_writes_them_finds_them_up_to_date(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
    for name in ("policies", "tests", "docs"):
        (terminal.folder / name).symlink_to(ROOT / name)
    ended = terminal.run(*COMMAND.split()[1:], "--check")
    assert (ended.code, ended.out, ended.err) == (0, "", "")


def test_every_code_of_the_shipped_policies_has_an_example_on_its_page() -> None:
    for policy in load([ROOT / "policies"]).policies.values():
        page = (PAGES / f"{policy.id}.md").read_text("utf-8")
        for code in policy.findings:
            section = page.partition(f"### `{code}`\n")[2].partition("\n### ")[0]
            assert "```yaml\n" in section, (policy.id, code)
