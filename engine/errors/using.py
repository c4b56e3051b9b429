"""What can be wrong with settings, governance and commands?"""

from __future__ import annotations

from engine.errors.family import GovernanceError, UsageError


class SettingsInvalid(UsageError):
    """The configuration holds a key or value that meshgate does not know."""

    code = "settings-invalid"
    hint = "Compare the named key with docs/reference/configuration.md."


class GovernanceInvalid(GovernanceError):
    """The governance folder holds an assignment, waiver or environment that cannot be applied."""

    code = "governance-invalid"


class BundleInvalid(GovernanceError):
    """The policies could not be loaded, so nothing can be decided with them."""

    code = "bundle-invalid"
