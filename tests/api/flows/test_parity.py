"""Is a difference between two engines found and told?"""

from __future__ import annotations

from pathlib import Path

import pytest
import rego
from doors import a_house, product

from api.flows.parity import EnginesDiffer, parity
from engine.descriptor import Parts, Submission
from engine.errors import PolicyEngineUnavailable, UsageError

SUBMISSION = Submission("parcels.yaml", Parts({"parcels.yaml": product()}))


def test_a_policy_that_the_engines_read_differently_is_named_with_both_answers(tmp_path: Path, opa_url: str) -> None:
    """`count` of an emoji is a known difference that no lint can see."""
    counting = rego.violation('count("🦊") == 2')
    folder = rego.write(tmp_path / "policies", {"trial.counting": counting})
    with (
        a_house(tmp_path / "data", policies=[str(folder)], opa_url=opa_url) as house,
        pytest.raises(EnginesDiffer) as caught,
    ):
        parity([SUBMISSION], house=house, count=3)
    assert caught.value.code == "engines-differ"
    assert "trial.counting on an empty descriptor: embedded wrong at " in caught.value.detail
    assert "OPA finds nothing" in caught.value.detail
    lines = caught.value.detail.splitlines()
    assert len(lines) > 1
    assert all(line.startswith("trial.counting on ") for line in lines)


def test_engines_that_agree_are_named_with_how_much_was_compared(tmp_path: Path, opa_url: str) -> None:
    with a_house(tmp_path, opa_url=opa_url) as house:
        seen = parity([SUBMISSION], house=house, count=5)
    assert seen.documents == 7
    assert [one.partition(" ")[0] for one in seen.engines] == ["embedded", "opa"]


def test_a_server_that_is_away_is_no_agreement(tmp_path: Path) -> None:
    with a_house(tmp_path, opa_url="http://127.0.0.1:9") as house, pytest.raises(PolicyEngineUnavailable):
        parity([SUBMISSION], house=house, count=1)


def test_nothing_readable_is_no_agreement(tmp_path: Path, opa_url: str) -> None:
    broken = Submission("broken.yaml", Parts({"broken.yaml": b"a: ["}))
    with a_house(tmp_path, opa_url=opa_url) as house, pytest.raises(UsageError, match="None of the descriptors"):
        parity([broken], house=house, count=1)
