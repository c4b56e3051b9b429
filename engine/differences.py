"""What differs between two entries of the report about the same document, policy by policy?

Places in files are left out: they belong to the author's files, and two decisions on one input have none that differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from engine.model import Json

SCHEMA = "meshgate/replay/1"
UNDER = ("engine", "bundle_revision", "assignments_digest", "waivers_digest", "input_digest")
"""What a decision was made under; a difference in these explains those in the answer."""

_PLACES = ("file", "line", "column", "source_path", "via", "remediation")
Entry = Mapping[str, Any]
Pair = dict[str, Json]


def replayed(recorded: Entry, again: Entry) -> dict[str, Json]:
    """Whether deciding again gave the same, and what differs: each thing as it was recorded and as it is now."""
    then, now = recorded["decision"], again["decision"]
    answer: dict[str, Json] = {
        "outcome": _pair(then["outcome"], now["outcome"]),
        "provisional": _pair(then["provisional"], now["provisional"]),
        "policies": _differing(then["policies"], now["policies"], lambda one: (one["policy"],)),
        "findings": _differing(then["findings"], now["findings"], _finding),
        "problems": _differing(recorded["problems"], again["problems"], _problem),
    }
    same = not any(answer[name] for name in ("policies", "findings", "problems")) and all(
        answer[name]["recorded"] == answer[name]["replayed"] for name in ("outcome", "provisional")
    )
    under = {name: _pair(then[name], now[name]) for name in UNDER if then[name] != now[name]}
    return {"schema": SCHEMA, "decision": then["id"], "same": same, "under": under, **answer}


def _differing(then: Iterable[Entry], now: Iterable[Entry], key: Callable[[Entry], tuple[str, ...]]) -> list[Pair]:
    before, after = _by(then, key), _by(now, key)
    names = sorted(before.keys() | after.keys())
    return [_pair(before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)]


def _by(entries: Iterable[Entry], key: Callable[[Entry], tuple[str, ...]]) -> dict[tuple[str, ...], dict[str, Json]]:
    return {key(one): {name: value for name, value in one.items() if name not in _PLACES} for one in entries}


def _finding(one: Entry) -> tuple[str, ...]:
    return one["policy"], one["path"], one["code"], one["msg"]


def _problem(one: Entry) -> tuple[str, ...]:
    return one["code"], one["path"], one["msg"]


def _pair(recorded: Json, again: Json) -> Pair:
    return {"recorded": recorded, "replayed": again}
