"""What can be wrong with what products are evaluated by?"""

from __future__ import annotations

from engine.errors import GovernanceError, UsageError


class FormulaInvalid(GovernanceError):
    """The formula that trust is computed by is not there or not good, so there is no score."""

    code = "formula-invalid"
    hint = "Name a package with a rule `score` by `trust_formula`, and try it with `meshgate trust FQN --formula FILE`."


class ObservationsInvalid(UsageError):
    """A batch of observations cannot be taken as a whole."""

    code = "observations-invalid"
    hint = 'Send `{"observations": [...]}` with 1 to 1,000 of them; docs/howto/evaluate.md shows one.'
