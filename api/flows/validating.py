"""What does a policy say that an Open Data Mesh policy service sends together with the object to judge?

There the policies live in another service, and meshgate only lends its sandbox: nothing is stored, and nothing of this
mesh's own bundle, assignments or waivers takes part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.auth.permissions import Action, require
from engine.model import Json, Principal
from engine.policy import single
from engine.policy.single import Said

if TYPE_CHECKING:
    from api.wiring import House


def validate(policy: str, subject: Json, *, principal: Principal, house: House) -> Said:
    """The policy's word on the subject, always from regorus: an OPA server would be shared with others.

    It is evaluated in workers of its own, so that what others hand over never stands before a submission of this mesh.

    Raises Forbidden, BundleInvalid for text that is no policy, PolicyEvaluationFailed, PolicyEngineUnavailable.
    """
    require(principal, Action.CHECK)
    return single.said(house.lent, policy, subject, v0=house.settings.odm_rego == "v0")
