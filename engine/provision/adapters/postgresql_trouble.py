"""Of which class is what PostgreSQL complains about, and how is it told without a secret?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from engine.provision.masking import hidden

STATES: Mapping[str, str] = {
    "28": "UNAUTHORIZED",
    "42501": "UNAUTHORIZED",
    "40": "TRANSIENT",
    "08": "TRANSIENT",
    "57P": "TRANSIENT",
    "57014": "TIMEOUT",
    "55P03": "TRANSIENT",
    "53": "QUOTA",
    "54": "QUOTA",
    "22": "CONFLICT",
    "23": "CONFLICT",
    "2BP01": "CONFLICT",
    "42846": "CONFLICT",
    "42804": "CONFLICT",
    "0LP01": "CONFLICT",
    "XX000": "TRANSIENT",
}
"""SQLSTATE, or how it begins → class. XX000 is what two grants at the same moment end with."""


LOST = ("server closed the connection", "consuming input failed", "the connection is lost", "sending query failed")
"""How a connection ends that was there: perhaps between the commit and its confirmation."""


class Trouble(NamedTuple):
    error_class: str
    message: str


def told(error: Any, ref: Mapping[str, Any]) -> Trouble:
    """The class and the message of an error of psycopg; one without a state did not come from a statement."""
    from psycopg import ProgrammingError

    state = error.sqlstate or ""
    fits = [one for one in STATES if state.startswith(one)]
    kind = STATES[max(fits, key=len)] if fits else "INTERNAL"
    if not state and isinstance(error, ProgrammingError):  # its text shows parts of the connection string
        return Trouble("INVALID", "the connection string cannot be read")
    text = hidden(str(error).strip(), _secrets(ref))
    return Trouble(kind if state else _outside(text), text or type(error).__name__)


def _outside(text: str) -> str:
    """The class of what happened to the connection."""
    if "authentication failed" in text or "no password supplied" in text:
        return "UNAUTHORIZED"
    return "UNKNOWN_OUTCOME" if any(one in text for one in LOST) else "TRANSIENT"


def _secrets(ref: Mapping[str, Any]) -> Iterator[str]:
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    told = ref.get("secrets") or {}
    yield from (one for one in told.values() if one)
    with suppress(ProgrammingError):
        if password := conninfo_to_dict(told.get("dsn") or "").get("password"):
            yield str(password)
