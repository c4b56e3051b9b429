"""Does `meshgate policy docs` say all that is known of each policy, always alike, and name what is stale?"""

from __future__ import annotations

from collections.abc import Callable

import pytest
import rego
from commands import Ended, Terminal

Run = Callable[..., Ended]
ID = "mesh.ownership.owner_form"
HOSTILE = "<script>alert(1)</script> | [x](javascript:y) `z` @all"


@pytest.fixture
def governed(run: Run, terminal: Terminal) -> Terminal:
    assert run("init", "governance", ".", "--yes").code == 0
    sentence = ("--template", "match", "--field", "info.owner.id", "--pattern", "@example[.]org$")
    assert run("policy", "new", ID, *sentence, "--global", "GP-01").code == 0
    return terminal


def test_a_page_tells_what_annotations_fixtures_and_global_policies_say(run: Run, governed: Terminal) -> None:
    told = run("policy", "docs")
    pages = ["README.md", f"{ID}.md", "mesh.support.contact_declared.md"]
    assert (told.code, told.out.splitlines()) == (0, [f"docs/policies/{name}" for name in pages])
    page = (governed.folder / f"docs/policies/{ID}.md").read_text()
    assert "| computes | [GP-01: Whoever uses data can ask somebody](../../global/GP-01-support.md) |" in page
    assert "| enforcement | shadow, where no assignment says otherwise |" in page
    assert "### `wrong_form`\n\ninfo.owner.id in an unexpected form." in page
    assert (
        "Found at `/info/owner/id` in:\n\n```yaml\ninfo:\n  name: parcels\n  owner:\n    id: not of this form\n```\n"
        in page
    )
    assert "| pattern | " in page
    assert 'example\\[.\\]org\\$" | RE2 pattern that has to be found in the value;' in page
    index = (governed.folder / "docs/policies/README.md").read_text()
    assert "2 policies, each with what it asks for and why." in index
    assert f"[mesh.ownership.owner\\_form]({ID}.md)" in index


def test_check_names_the_stale_pages_and_writes_nothing(run: Run, governed: Terminal) -> None:
    assert run("policy", "docs").code == 0
    assert run("policy", "docs", "--check").code == 0
    folder = governed.folder / "docs/policies"
    (folder / f"{ID}.md").write_text("old")
    (folder / "mesh.support.contact_declared.md").unlink()
    (folder / "mesh.gone.gone.md").write_text("about a policy that is gone")
    told = run("policy", "docs", "--check")
    names = ["mesh.gone.gone.md", f"{ID}.md", "mesh.support.contact_declared.md"]
    assert (told.code, told.out.splitlines()) == (1, [f"docs/policies/{name}" for name in names])
    assert told.err == "3 pages stale; write them with `meshgate policy docs`\n"
    assert (folder / f"{ID}.md").read_text() == "old"
    assert run("policy", "docs").out == told.out
    assert run("policy", "docs", "--check").code == 0
    assert not (folder / "mesh.gone.gone.md").exists()


def test_two_runs_write_the_same(run: Run, governed: Terminal) -> None:
    run("policy", "docs", "--output", "one")
    run("policy", "docs", "--output", "two")
    one, two = (
        {path.name: path.read_bytes() for path in (governed.folder / name).iterdir()} for name in ("one", "two")
    )
    assert one == two


def test_words_of_authors_are_words_on_the_page(run: Run, governed: Terminal) -> None:
    annotations = rego.ANNOTATIONS.replace("{title}", f"'{HOSTILE}'").replace("high", "low")
    annotations = annotations.replace("What this policy is for.", f"'{HOSTILE}'").replace(
        "Something is wrong", f"'{HOSTILE}'"
    )
    annotations += "#   parameters: {{properties: {{a: {{description: '" + HOSTILE + "'}}}}}}\n"
    text = rego.policy("mesh.trial.x", rego.violation("input.info.name"), annotations=annotations)
    governed.write("policies/mesh/trial/x/x.rego", text)
    governed.write("policy-fixtures/mesh.trial.x/bad/descriptor.yaml", 'info: {name: "```\\n<b>"}\n')
    governed.write("policy-fixtures/mesh.trial.x/bad/expect.yaml", "findings: [{code: wrong, path: /info/name}]\n")
    assert run("policy", "docs").code == 0
    page = (governed.folder / "docs/policies/mesh.trial.x.md").read_text()
    outside = page.partition("```yaml")[0]
    assert "<script>" not in outside.replace("\\<script\\>", "")
    assert "](javascript" not in outside.replace("\\](javascript", "")
    assert '\n```yaml\ninfo:\n  name: "```\\n<b>"\n```\n' not in page
    assert '\n````yaml\ninfo:\n  name: "```\\n<b>"\n````\n' in page


@pytest.mark.parametrize("content", ["findings: [", "- 1\n"])
def test_a_fixture_that_cannot_be_read_is_an_error_with_its_name(run: Run, governed: Terminal, content: str) -> None:
    governed.write(f"policy-fixtures/{ID}/wrong-form/expect.yaml", content)
    told = run("policy", "docs")
    assert (told.code, told.out) == (2, "")
    assert f"policy-fixtures/{ID}/wrong-form/expect.yaml" in told.err


def test_another_folder_of_fixtures_may_be_named(run: Run, governed: Terminal) -> None:
    (governed.folder / "policy-fixtures").rename(governed.folder / "elsewhere")
    run("policy", "docs", "--output", "without")
    run("policy", "docs", "--output", "with", "--fixtures", "elsewhere")
    assert "```yaml" not in (governed.folder / f"without/{ID}.md").read_text()
    assert "```yaml" in (governed.folder / f"with/{ID}.md").read_text()
