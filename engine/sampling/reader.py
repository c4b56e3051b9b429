"""What does the process do that reads one source: load the connector, tell its columns, then the rows asked for?

One JSON value in a line, both ways. It starts with no environment, may write no file, and ends by itself when the
other side has gone.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, TextIO

from engine.sampling.cells import cell
from engine.sampling.contract import Connector, Failure
from engine.sampling.registry import connectors

ADDRESSES = 4 << 30
"""Bytes of addresses, far more than a source may hold: what grows in spite of its own bound ends here."""

_MEANINGS: tuple[tuple[type[BaseException], Failure], ...] = (
    (FileNotFoundError, Failure.ABSENT),
    (PermissionError, Failure.REFUSED),
    (ConnectionError, Failure.UNREACHABLE),
    (TimeoutError, Failure.SECONDS),
    (MemoryError, Failure.MEMORY),
    (ImportError, Failure.NOT_INSTALLED),
)


def serve(request: Mapping[str, Any]) -> None:
    """Answer this one request on what was standard output; anything printed by a library goes nowhere."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    _bounded(request["place"]["seconds"])
    try:
        _conversation(request, out)
    except BaseException as error:
        _say(out, {"failed": _meaning(error, Failure.FAILED), "told": ""})


def _conversation(request: Mapping[str, Any], out: TextIO) -> None:
    try:
        source = _connector(request["connector"])(request["place"])
    except BaseException as error:  # nothing of the data was read yet: the operator may be told what is wrong
        unclear = isinstance(error, ValueError | TypeError | KeyError)
        failure = _meaning(error, Failure.MISCONFIGURED if unclear else Failure.FAILED)
        _say(out, {"failed": failure, "told": f"{type(error).__name__}: {error}"[:500]})
        return
    columns = [{"name": str(one["name"]), "type": str(one["type"])[:200]} for one in source.columns()]
    _say(out, {"columns": columns})
    asked = sys.stdin.readline()
    if not asked:
        return
    told = json.loads(asked)
    for number, row in enumerate(source.rows(told["columns"], told["rows"], told["cell"])):
        if number == told["rows"]:
            break
        _say(out, {"row": [cell(value, told["cell"]) for value in row]})
    _say(out, {"end": True})


def _connector(name: str) -> Connector:
    known = connectors()
    if name not in known:
        raise ImportError(f"no connector is called {name}; there are {', '.join(sorted(known))}")
    return known[name]()


def _meaning(error: BaseException, otherwise: Failure) -> Failure:
    return next((failure for kind, failure in _MEANINGS if isinstance(error, kind)), otherwise)


def _say(out: TextIO, value: Mapping[str, Any]) -> None:
    out.write(json.dumps(value, ensure_ascii=True) + "\n")
    out.flush()


def _bounded(seconds: float) -> None:
    """What the system itself sees to; where it knows a bound not, the process that asks still ends this one."""
    bounds = {resource.RLIMIT_CORE: 0, resource.RLIMIT_FSIZE: 0, resource.RLIMIT_CPU: int(seconds) + 2}
    for which, most in {**bounds, resource.RLIMIT_AS: ADDRESSES}.items():
        with suppress(ValueError, OSError):
            resource.setrlimit(which, (most, most))
