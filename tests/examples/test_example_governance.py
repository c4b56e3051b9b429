"""Can the example governance folder be loaded, and does it say what its words claim?"""

from __future__ import annotations

from pathlib import Path

import pytest
from policy_cases import POLICIES, ROOT

from engine.descriptor import yaml_source
from engine.descriptor.limits import Limits
from engine.model import Enforcement, Json
from engine.policy import governance
from engine.policy.bundle import load

FOLDER = ROOT / "examples" / "governance"
GLOBAL = sorted((FOLDER / "global").glob("*.md"))


def front_matter(path: Path) -> dict[str, Json]:
    opening, told, words = path.read_text().split("---\n", 2)
    value, _ = yaml_source.read(told, Limits())
    assert opening == "" and words.strip()  # noqa: PT018 (one claim: front matter first, words after it)
    assert isinstance(value, dict)
    return value


@pytest.mark.parametrize("sources", [[POLICIES], [POLICIES, FOLDER / "policies"]], ids=["starter", "with finance"])
def test_the_folder_loads_with_the_starter_policies_alone_and_with_its_own(sources: list[Path]) -> None:
    loaded = governance.load(FOLDER, load(sources))
    assert [(one.scope, one.policy, one.enforcement) for one in loaded.assignments] == [
        ("mesh", "mesh.privacy.pii_needs_terms", Enforcement.MANDATORY),
        ("mesh", "mesh.slo.output_ports_promise_slo", Enforcement.BLOCKING),
        ("mesh", "mesh.platforms.platform_allowed", Enforcement.BLOCKING),
        ("mesh", "mesh.platforms.platform_allowed", Enforcement.ADVISORY),
        ("mesh", "mesh.security.no_secrets", Enforcement.MANDATORY),
        ("mesh", "mesh.deployment.fit_for_production", Enforcement.BLOCKING),
        ("mesh", "mesh.privacy.region_stated", Enforcement.ADVISORY),
        ("sales", "mesh.documentation.descriptions_present", Enforcement.BLOCKING),
        ("sales", "mesh.ownership.owner_declared", Enforcement.BLOCKING),
    ]
    assert [one.id for one in loaded.waivers] == ["W-2026-014"]
    assert list(loaded.environments) == ["dev", "qa", "prod"]


def test_every_global_policy_names_owner_review_and_policies_that_exist() -> None:
    known = set(load([POLICIES, FOLDER / "policies"]).policies)
    keys = {"id", "title", "owner", "scope", "status", "rationale", "review", "policies"}
    for path in GLOBAL:
        told = front_matter(path)
        assert set(told) == keys, path
        assert set(told["policies"]) <= known, path
        assert path.name.startswith(told["id"])
    assert len(GLOBAL) == 6


def test_every_starter_policy_computes_exactly_one_global_policy() -> None:
    named = sorted(policy for path in GLOBAL for policy in front_matter(path)["policies"])
    assert named == sorted(load([POLICIES]).policies)
