"""Can the example governance folder be loaded, and does it say what its words claim?"""

from __future__ import annotations

from pathlib import Path

import pytest
from policy_cases import POLICIES, ROOT

from engine.model import Enforcement
from engine.policy import governance
from engine.policy.bundle import load

FOLDER = ROOT / "examples" / "governance"


@pytest.mark.parametrize("sources", [[POLICIES], [POLICIES, FOLDER / "policies"]], ids=["starter", "with finance"])
def test_the_folder_loads_with_the_starter_policies_alone_and_with_its_own(sources: list[Path]) -> None:
    loaded = governance.load(FOLDER, load(sources))
    assert [(one.scope, one.policy, one.enforcement) for one in loaded.assignments] == [
        ("mesh", "mesh.privacy.pii_needs_terms", Enforcement.MANDATORY),
        ("mesh", "mesh.slo.output_ports_promise_slo", Enforcement.BLOCKING),
        ("mesh", "mesh.platforms.platform_allowed", Enforcement.BLOCKING),
        ("mesh", "mesh.platforms.platform_allowed", Enforcement.ADVISORY),
        ("sales", "mesh.documentation.descriptions_present", Enforcement.BLOCKING),
        ("sales", "mesh.ownership.owner_declared", Enforcement.BLOCKING),
    ]
    assert [one.id for one in loaded.waivers] == ["W-2026-014"]
    assert list(loaded.environments) == ["dev", "qa", "prod"]


def test_every_global_policy_has_words_and_is_computed_or_vouched_for() -> None:
    found = governance.load(FOLDER, load([POLICIES, FOLDER / "policies"])).global_policies
    assert [one.id for one in found] == ["GP-01", "GP-02", "GP-03", "GP-04"]
    for one in found:
        assert Path(one.file).name.startswith(one.id)
        assert one.text.startswith(f"# {one.title}")
        assert one.policies or one.attestation
