"""With which number does a command end that reported decisions?"""

from __future__ import annotations

from typing import Any

PASSED, FAILED, NOT_DECIDED, NOTHING_EVALUATED = 0, 1, 2, 3


def exit_code(report: dict[str, Any], *, no_provisional: bool = False) -> int:
    """The exit code of DESIGN §5, fixed for ever: 2 beats 1 beats 3 beats 0.

    `no_provisional` makes an answer that depends on policies that could not be asked here count as not decided.
    """
    codes = {_code(document, no_provisional) for document in report["documents"]} or {NOTHING_EVALUATED}
    return next(code for code in (NOT_DECIDED, FAILED, NOTHING_EVALUATED, PASSED) if code in codes)


def _code(document: dict[str, Any], no_provisional: bool) -> int:
    decision = document["decision"]
    match decision["outcome"]:
        case "accepted":
            return NOT_DECIDED if decision["provisional"] and no_provisional else PASSED
        case "rejected":
            return FAILED
        case _:
            return NOTHING_EVALUATED if _readable_but_unjudged(decision) else NOT_DECIDED


def _readable_but_unjudged(decision: dict[str, Any]) -> bool:
    """The document could be read, and no policy was there to say anything."""
    return decision["input_digest"] is not None and all(run["state"] == "skipped" for run in decision["policies"])
