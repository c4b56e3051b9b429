"""How does a version become a fixture for the tests of a policy?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from api.flows.facts import local
from api.flows.policy_tests import beside, held_workers
from engine.model import Event, Json
from engine.policy.trying import taking
from engine.policy.trying.stand import Stand
from engine.policy.trying.suite import texts_of
from engine.policy.trying.taking import Taken, Wanted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.wiring import House
    from engine.descriptor import Submission

SECONDS = 5.0
HERE = Path("policy-fixtures")
"""Where fixtures are written when there is no folder of them yet."""


def fixture(
    submission: Submission,
    policy: str,
    case: str,
    *,
    house: House,
    source: str,
    folder: Path | None = None,
    event: Event = Event.SUBMIT,
    environment: str | None = None,
    previous: Mapping[str, Json] | None = None,
    mask: bool = False,
) -> Taken:
    """Write a fixture of this policy from a submission, expecting what is found today, and tell what that is.

    It goes to the folder of fixtures beside the configured policies unless told; never beside the starter pack, which
    is part of the installation. Raises UsageError, DescriptorUnreadable,
    BundleInvalid, GovernanceInvalid, PolicyEngineUnavailable; then nothing is written.
    """
    own = house.settings.policies or house.settings.governance
    known = beside(house.policy_sources.folders) if own else []
    wanted = Wanted(policy, case, folder or (known[0] if known else HERE), source, mask)
    facts = replace(local(event=event, environment=environment, now=house.clock()), previous=previous)
    rules = house.rules
    with held_workers(1) as workers:
        stand = Stand(workers, texts_of(rules.bundle, house.policy_sources.modules()), seconds=SECONDS)
        return taking.take(
            wanted,
            submission,
            facts,
            bundle=rules.bundle,
            governance=rules.governance,
            stand=stand,
            namespace=house.settings.namespace,
        )
