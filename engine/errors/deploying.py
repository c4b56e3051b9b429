"""Why is something not deployed, or not made?"""

from __future__ import annotations

from engine.errors.family import GovernanceError


class NotCleared(GovernanceError):
    """This version has no clearance for this environment."""

    code = "not-cleared"


class ContainerOccupied(GovernanceError):
    """Another deployment of this product's major version to this environment is running."""

    code = "container-occupied"
    hint = (
        "Wait until the named deployment has ended; what needs cleanup is retired again, or abandoned by an operator."
    )


class DeploymentEnding(GovernanceError):
    """The deployment has ended, or is on its way back: there is nothing left to stop."""

    code = "deployment-ending"
    hint = "Look at its state; deploy or retire once it has ended."


class PlanMoved(GovernanceError):
    """The plan of the deployment is not the one that was named."""

    code = "plan-moved"
    hint = "Look at the plan as it is now, and name its digest."


class NobodyAsked(GovernanceError):
    """The deployment waits for nobody's word."""

    code = "not-awaiting-approval"
    hint = "Look at its state; to stop one that is under way, cancel it."


class DeploymentsStuck(GovernanceError):
    """Deployments have been waiting for a worker for too long."""

    code = "deployments-stuck"
    hint = "Look whether workers run and are enough: docs/howto/workers.md says what each kind means."


class ContainerInOrder(GovernanceError):
    """The container is not one that nobody could clean up, so it cannot be abandoned."""

    code = "container-in-order"
    hint = "Retire it: its resources are then removed."


class ContainerUnsettled(GovernanceError):
    """A deployment is at the container, or it is not there as a whole, so it cannot be observed."""

    code = "container-unsettled"
    hint = "Look at it once its deployment has ended; what needs cleanup is retired or abandoned."


class Downgrade(GovernanceError):
    """A higher version is live, and no rollback was asked for."""

    code = "downgrade"
    hint = "Send `rollback: true` if you mean it."


class PlanInvalid(GovernanceError):
    """The descriptor and the environment do not give a plan that can be carried out."""

    code = "plan-invalid"


class ProvisioningFailed(GovernanceError):
    """An adapter could not make or remove a resource."""

    code = "provisioning-failed"


class AdoptionRefused(GovernanceError):
    """This resource cannot become that thing which somebody else made."""

    code = "adoption-refused"
    hint = "Look at the container with `meshgate containers`, and at what the detail says stands against it."
