"""Is a rule in words read strictly, and is what is wrong with it told at its line?"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import make
import pytest

from engine.errors import GovernanceInvalid
from engine.policy import archive, governance
from engine.policy.global_policies import Attestation, GlobalPolicy, Status

OWNER = "mesh.ownership.owner_declared"
PAGE = f"""\
---
id: GP-01
title: Every product has an owner
owner: governance@example.org
scope: mesh
status: active
rationale: Data without an owner is corrected by nobody.
review_by: 2027-06-30
policies: [{OWNER}]
---

# Every product has an owner

At once.
"""


def load(folder: Path, **pages: str) -> tuple[GlobalPolicy, ...]:
    (folder / "global").mkdir(exist_ok=True)
    for name, text in pages.items():
        (folder / "global" / f"{name}.md").write_text(text, "utf-8")
    return governance.load(folder, make.bundle(make.policy())).global_policies


def breaches(folder: Path, **pages: str) -> list[str]:
    with pytest.raises(GovernanceInvalid) as caught:
        load(folder, **pages)
    return str(caught.value).splitlines()


def test_a_page_is_read_with_its_words(tmp_path: Path) -> None:
    assert load(tmp_path, a=PAGE) == (
        GlobalPolicy(
            id="GP-01",
            title="Every product has an owner",
            owner="governance@example.org",
            scope="mesh",
            status=Status.ACTIVE,
            rationale="Data without an owner is corrected by nobody.",
            review_by=datetime(2027, 7, 1, tzinfo=UTC),
            policies=(OWNER,),
            text="# Every product has an owner\n\nAt once.",
            file="global/a.md",
            line=2,
        ),
    )


def test_an_attestation_holds_from_its_day_to_the_end_of_its_last(tmp_path: Path) -> None:
    word = "attestation: {by: ann, on: 2026-11-01, until: 2026-12-31, evidence: audit 7}"
    (found,) = load(tmp_path, a=PAGE.replace(f"policies: [{OWNER}]", word))
    first, last = datetime(2026, 11, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    assert found.attestation == Attestation("ann", first, last, "audit 7")
    assert [found.attestation.in_force(moment) for moment in (first, make.NOW, last)] == [True, True, False]


def test_notes_and_hidden_files_beside_the_pages_are_left_alone(tmp_path: Path) -> None:
    assert len(load(tmp_path, a=PAGE, README="Notes without front matter.")) == 1
    (tmp_path / "global" / ".draft.md").write_text("not yet")
    assert len(load(tmp_path)) == 1


@pytest.mark.parametrize(
    ("written", "instead", "told"),
    [
        ("status: active", "status: in force", '6: "in force" is not one of'),
        ("owner: gov", "ownr: gov", "4: Additional properties are not allowed ('ownr' was unexpected)"),
        (f"[{OWNER}]", "[mesh.no.such]", "9: the bundle has no policy `mesh.no.such`"),
        ("2027-06-30", "soon", "8: `soon` is neither a day"),
        ("2027-06-30", "2027-06-30T09:00:00Z", "8: `2027-06-30T09:00:00Z` is no day: write 2027-06-30"),
        ("2027-06-30", "2027-02-30", "8: `2027-02-30` is no date"),
        ("id: GP-01", "id: GP-01\nid: GP-02", "3: "),
        ("scope: mesh", "text: mine", "5: `text` is no key here"),
        (f"policies: [{OWNER}]", "attestation: {by: a}", '9: "on" is a required property'),
        (
            f"policies: [{OWNER}]",
            "attestation: {by: a, on: 2027-01-02, until: 2027-01-01, evidence: x}",
            "9: the attestation ends before it was given",
        ),
    ],
)
def test_what_is_wrong_is_told_at_its_line(written: str, instead: str, told: str, tmp_path: Path) -> None:
    assert any(line.startswith(f"global/a.md:{told}") for line in breaches(tmp_path, a=PAGE.replace(written, instead)))


@pytest.mark.parametrize("page", ["", "# Words only\n", "---\nid: GP-01\n", "---\n- a list\n---\n"])
def test_a_page_without_front_matter_is_refused(page: str, tmp_path: Path) -> None:
    (line,) = breaches(tmp_path, a=page)
    assert "front matter" in line


def test_an_id_is_used_once(tmp_path: Path) -> None:
    (line,) = breaches(tmp_path, a=PAGE, b=PAGE)
    assert line == "global/b.md:2: the global policy `GP-01` is there before, at global/a.md:2"


def test_other_files_and_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "global").mkdir()
    (tmp_path / "global" / "rules.yaml").write_text("[]")
    (tmp_path / "global" / "odd.md").write_bytes(b"---\n\xff")
    assert breaches(tmp_path) == [
        "global/odd.md:1: is not UTF-8",
        "global/rules.yaml:1: only pages of Markdown (.md) are read here",
    ]


def test_a_folder_named_nearly_so_is_refused(tmp_path: Path) -> None:
    (tmp_path / "globals").mkdir()
    (line,) = breaches(tmp_path)
    assert line == "globals:1: `globals` is not read; did you mean `global`?"


def test_they_travel_in_a_bundle_and_come_out_the_same(tmp_path: Path) -> None:
    import rego

    from engine.policy import bundle as bundles

    bundle = bundles.load([rego.write(tmp_path / "policies", {OWNER: rego.violation("false")})])
    word = "attestation: {by: ann, on: 2026-11-01, until: 9999-12-31, evidence: audit 7}"
    pages: dict[str, Any] = {"a": PAGE, "b": PAGE.replace("GP-01", "GP-02").replace("policies", f"{word}\npolicies")}
    load(tmp_path, **pages)
    held = governance.load(tmp_path, bundle)
    content = archive.write(bundle, held, taken=make.NOW)
    arrived = archive.governance(archive.read(content, "b.tar.gz"), bundle)
    ours, theirs = (sorted(map(_told, one.global_policies)) for one in (held, arrived))
    assert ours == theirs


def _told(one: GlobalPolicy) -> tuple[Any, ...]:
    return (one.id, one.title, one.status, one.review_by, one.policies, one.attestation, one.text)
