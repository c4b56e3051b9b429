"""Does nothing of a masked column reach who may not see it, and does a policy that fails show nothing?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from engine.errors import SamplingPolicyInvalid
from engine.policy import aside
from engine.policy.workers import Workers
from engine.sampling import rules
from engine.sampling.asking import SourceColumn
from engine.sampling.contract import Caps
from engine.sampling.declared import Declared
from engine.sampling.masking import Masking
from engine.sampling.rules import Treatment
from engine.sampling.sample import columns_of, table


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    pool = Workers(1, memory_mib=256)
    yield pool
    pool.close()


def ruling(workers: Workers, columns: dict[str, list[str] | None], folder: Path | None = None, **told: Any) -> Any:
    """What the policy says of columns with these tags; None for one that the contract does not name."""
    listed = [{"name": name, "declared": tags is not None, "tags": tags or []} for name, tags in columns.items()]
    return rules.load(folder, workers).ruling({"columns": listed, "purpose": "", **told})


def written(folder: Path, text: str) -> Path:
    (folder / "sampling").mkdir()
    (folder / "sampling" / "sampling.rego").write_text(f"package sampling\n\nimport rego.v1\n\n{text}\n", "utf-8")
    return folder


def test_what_is_shipped_masks_by_tag_and_classification_and_hides_what_nobody_declared(workers: Workers) -> None:
    told: dict[str, list[str] | None] = {
        "id": [],
        "email": ["pii"],
        "salary": ["classification:Confidential"],
        "health": ["gdpr/special"],
        "name": ["contact", "PII:name"],
        "spin": ["pioneer", "insensitive"],
        "open": ["classification:public"],
        "unknown": None,
    }
    found = ruling(workers, told)
    assert found.denied == ()
    assert {name for name, one in found.treatments.items() if one is Treatment.SHOW} == {"id", "spin", "open"}
    assert {name for name, one in found.treatments.items() if one is Treatment.NULL} == {
        *("email", "salary", "health", "name")
    }
    assert "unknown" not in found.treatments


def test_a_policy_of_the_governance_folder_stands_in_its_place(workers: Workers, tmp_path: Path) -> None:
    text = """
columns[one.name] := "hash" if some one in input.columns

deny contains "say what for" if input.purpose == ""
"""
    folder = written(tmp_path, text)
    assert ruling(workers, {"id": []}, folder).denied == ("say what for",)
    found = ruling(workers, {"id": []}, folder, purpose="billing")
    assert (found.denied, found.treatments) == ((), {"id": Treatment.HASH})


@pytest.mark.parametrize(
    "rule",
    [
        'columns := {"id": "show"} if input.never',  # undefined
        "columns := true",
        'columns := {"id": "reveal"}',
        'columns := {"id": null}',
        'columns := {"id": "show"} if 1 / input.zero > 0',
        'columns["id"] := "show"\n\ncolumns["id"] := "hide"',  # a conflict
        'columns := {"id": "show"}\n\ndeny := "no"',
        'columns := {"id": "show"}\n\ndeny contains 7',
        'columns := {"id": "show"} if count([x | some a in numbers.range(1, 9000); some b in numbers.range(1, 9000); '
        "x := a + b; x < 0]) == 0",
    ],
)
def test_a_policy_that_fails_shows_nothing(
    workers: Workers, tmp_path: Path, rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aside, "SECONDS", 1.0)
    with pytest.raises(SamplingPolicyInvalid):
        ruling(workers, {"id": []}, written(tmp_path, rule), zero=0)


@pytest.mark.parametrize("text", ['other := {"id": "show"}', 'columns := http.send({"url": "x"})', "columns := {"])
def test_rego_that_policies_may_not_use_is_refused_when_it_is_read(workers: Workers, tmp_path: Path, text: str) -> None:
    with pytest.raises(SamplingPolicyInvalid):
        rules.load(written(tmp_path, text), workers)


def test_an_empty_folder_is_a_broken_policy_and_not_the_shipped_one(workers: Workers, tmp_path: Path) -> None:
    (tmp_path / "sampling").mkdir()
    with pytest.raises(SamplingPolicyInvalid):
        rules.load(tmp_path, workers)


class Told(NamedTuple):
    version_id: str
    dataset: str
    path: str
    tags: tuple[str, ...] = ()


def test_tags_count_for_the_whole_column_in_either_case_and_from_the_newer_version_too() -> None:
    columns = [
        Told("now", "orders", "Email", ("pii",)),
        Told("now", "orders", "address.city", ("personal",)),
        Told("now", "orders", "lines[].sku"),
        Told("now", "orders", "total"),
        Told("now", "others", "elsewhere", ("pii",)),
        Told("next", "orders", "total", ("confidential",)),
        Told("next", "orders", "added"),
    ]
    declared = Declared.of(columns, version_id="now", dataset="orders")
    assert declared.shown_to_the_policy("EMAIL") == {"name": "EMAIL", "declared": True, "tags": ["pii"]}
    assert declared.tags_of("address") == ("personal",)
    assert declared.tags_of("total") == ("confidential",)
    assert [declared.declares(name) for name in ("lines", "added", "elsewhere", "city")] == [True, False, False, False]


def test_a_masked_column_tells_neither_type_nor_length_nor_what_is_missing_nor_order() -> None:
    source = [SourceColumn(name, "ENUM('anna')") for name in ("shown", "null", "hash", "partial", "hide", "unspoken")]
    treatments = {
        one: Treatment(one if one != "shown" else "show") for one in ("shown", "null", "hash", "partial", "hide")
    }
    columns = columns_of(source, treatments, {})
    assert [(one.name, one.type != "") for one in columns] == [
        *(("shown", True), ("null", False), ("hash", False), ("partial", False))
    ]
    masking = Masking({one.name: one.treatment for one in columns})
    assert masking.read == ("shown", "hash", "partial")
    rows = [[number, "anna", f"{letter}nna"] for number, letter in ((3, "a"), (1, "b"), (2, "c"))]
    rows += [[4, None, None], [5, "y" * 5_000, "z" * 5_000], [6, 7, "abc"]]
    found = table(iter(rows), masking, rows=10, caps=Caps(cell=100))
    assert [row[0] for row in found.rows] == [1, 2, 3, 4, 5, 6]
    assert {row[1] for row in found.rows} == {None}
    assert len({len(str(row[2])) for row in found.rows}) == 1
    assert len({row[2] for row in found.rows}) == 4
    assert [row[3] for row in found.rows] == ["b***", "c***", "a***", "***", "z***", "***"]
    assert found.truncated.cells == 0


def test_two_answers_never_have_a_code_in_common() -> None:
    one, other = (Masking({"id": Treatment.HASH}) for _ in range(2))
    assert one.shown(["anna"]) == one.shown(["anna"])
    assert one.shown(["anna"]) != other.shown(["anna"])
    assert "key" not in repr(one)
