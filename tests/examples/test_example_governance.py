"""Can the example governance folder be loaded, and does it say what its words claim?"""

from __future__ import annotations

from pathlib import Path

import make
import pytest
from policy_cases import POLICIES, ROOT

from engine.model import Enforcement
from engine.policy import governance
from engine.policy.bundle import load
from engine.policy.rules import Rules
from engine.policy.tracing import GapCode, trace

FOLDER = ROOT / "examples" / "governance"


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


def test_every_global_policy_has_words_and_is_computed_or_vouched_for() -> None:
    bundle = load([POLICIES, FOLDER / "policies"])
    held = governance.load(FOLDER, bundle)
    found = held.global_policies
    assert [one.id for one in found] == [f"GP-0{number}" for number in range(1, 8)]
    for one in found:
        assert Path(one.file).name.startswith(one.id)
        assert one.text.startswith(f"# {one.title}")
    gaps = trace(Rules(bundle, held), now=make.NOW).gaps
    assert [gap for gap in gaps if gap.code is not GapCode.NO_MANDATE] == []


def test_every_starter_policy_computes_exactly_one_global_policy() -> None:
    bundle = load([POLICIES])
    named = [policy for one in governance.load(FOLDER, bundle).global_policies for policy in one.policies]
    assert sorted(named) == sorted(bundle.policies)
