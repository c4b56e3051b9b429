"""What does the command `meshgate` do? Parse, call one flow, print one answer, exit with a number fixed for ever."""

from __future__ import annotations

import sys

from engine.errors import GovernanceError

COULD_NOT_DECIDE = 2
"""Usage, unreadable document, policy or engine error (DESIGN §5, Exit codes)."""


def main() -> None:
    """The entry point of the command; every error of the family ends in a message and exit code 2."""
    from api.cli.commands import app

    try:
        app(prog_name="meshgate")
    except GovernanceError as error:
        print(told(error), file=sys.stderr)
        raise SystemExit(COULD_NOT_DECIDE) from None
    except BrokenPipeError:
        # The reader went away (`meshgate … | head`): nothing is wrong, and nobody reads what we would say.
        sys.stderr.close()
        raise SystemExit(COULD_NOT_DECIDE) from None


def told(error: GovernanceError) -> str:
    """An error as the terminal shows it: what and where, its stable code, and what to do."""
    lines = [f"meshgate: {error.detail} [{error.code}]"]
    if error.detail != error.title:
        lines.insert(0, f"meshgate: {error.title}")
        lines[1] = f"  {error.detail} [{error.code}]"
    if error.hint:
        lines.append(f"  {error.hint}")
    return "\n".join(lines)
