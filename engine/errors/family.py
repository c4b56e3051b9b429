"""What went wrong when no decision was made?

A rule that says no is data (a problem or a finding). An exception of this family means that nothing was decided:
then nothing is accepted and nothing deployed. The docstring is the default message; `code` is stable for ever.
"""

from __future__ import annotations

from typing import Any, ClassVar


class GovernanceError(Exception):
    """Something went wrong, and nothing was decided or changed."""

    code: ClassVar[str] = "internal-error"
    #: what the person who meets this error can do
    hint: ClassVar[str] = ""

    def __init__(self, detail: str = "", **context: Any) -> None:
        self.title = (type(self).__doc__ or self.code).strip().splitlines()[0]
        self.detail = detail or self.title
        self.context = context
        super().__init__(self.detail)


class UsageError(GovernanceError):
    """The command or request was put in a way that cannot be carried out."""

    code = "usage"
