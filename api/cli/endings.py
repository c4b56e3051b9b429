"""With what does a command end when something went wrong?

Always with exit code 2 and a message: Python's own answer to an unforeseen exception is 1, which here would say that a
document was refused (DESIGN §5, Exit codes).
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from functools import wraps
from typing import NoReturn

import typer

from api.cli.printing import note
from engine.errors import GovernanceError

COULD_NOT_DECIDE = 2
Command = Callable[..., None]


def guarded(command: Command) -> Command:
    """The command, with every exception that leaves it told in words; only Ctrl-C keeps its own exit code, 130."""

    @wraps(command)
    def run(*arguments: object, **options: object) -> None:
        try:
            command(*arguments, **options)
            sys.stdout.flush()
        except GovernanceError as error:
            _end(told(error))
        except BrokenPipeError:
            _nobody_reads()
        except OSError as error:
            _end(f"meshgate: {_of_system(error)} [system-error]")
        except (typer.Exit, typer.Abort):
            raise
        except Exception:
            traceback.print_exc()
            _end("meshgate: This is a fault in meshgate, and nothing was decided. [internal-error]")

    return run


def told(error: GovernanceError) -> str:
    """An error as the terminal shows it: what and where (several things in lines), its stable code, and what to do."""
    hint = f"\n  {error.hint}" if error.hint else ""
    return f"meshgate: {in_lines(error.detail)} [{error.code}]{hint}"


def in_lines(detail: str, indent: str = "  ") -> str:
    """The lines of a detail without empty ones and runs of spaces; the second and later ones are indented."""
    return f"\n{indent}".join(" ".join(line.split()) for line in detail.splitlines() if line.strip())


def _of_system(error: OSError) -> str:
    reason = error.strerror or str(error) or type(error).__name__
    return f"{error.filename}: {reason}" if error.filename else reason


def _end(message: str) -> NoReturn:
    for line in message.splitlines():
        note(line)
    raise typer.Exit(COULD_NOT_DECIDE) from None


def _nobody_reads() -> NoReturn:
    """The reader went away (`meshgate … | head`): nothing is wrong, and what is still buffered goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    raise typer.Exit(COULD_NOT_DECIDE) from None
