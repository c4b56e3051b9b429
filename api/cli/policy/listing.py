"""meshgate policy list: which policies hold here, how hard, and where are they assigned?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from api.cli import options
from api.cli.options import AsJson, Config, Governance, Policies
from api.cli.printing import show, show_json
from engine.model import Event
from engine.report.terminal import width

if TYPE_CHECKING:
    from engine.model import Policy
    from engine.policy.assignments import Assignment, Match

COLUMNS = ("id", "severity", "enforcement", "events", "needs", "owner", "title")
NOTHING = "-"


def listing(
    as_json: AsJson = False,
    config: Config = None,
    policies: Policies = None,
    governance: Governance = None,
) -> None:
    """List the policies that hold here: how hard, when, whose they are, and where they are assigned."""
    from api.wiring import House

    with House(options.settings(config, policies=policies, governance=governance)) as house:
        revision, every = house.bundle.revision, list(house.bundle.policies.values())
        assignments = house.governance.assignments
    told = [_told(policy, assignments) for policy in sorted(every, key=lambda one: one.id)]
    if as_json:
        show_json("policies", {"bundle_revision": revision, "policies": told})
    else:
        show(_table(told))


def _told(policy: Policy, assignments: Iterable[Assignment]) -> dict[str, Any]:
    return {
        "id": policy.id,
        "title": policy.title,
        "severity": policy.severity.value,
        "category": policy.category,
        "enforcement": policy.enforcement.value,
        "effective_on": policy.effective_on.isoformat() if policy.effective_on else None,
        "events": [event.value for event in Event if event in policy.events],
        "needs": sorted(policy.needs),
        "owner": policy.owner,
        "file": policy.path,
        "assignments": [_assigned(one) for one in assignments if one.policy == policy.id],
    }


def _assigned(one: Assignment) -> dict[str, Any]:
    return {
        "scope": one.scope,
        "enforcement": one.enforcement.value,
        "match": _match(one.match),
        "exclude": _match(one.exclude) if one.exclude else {},
        "parameters": dict(one.parameters),
        "effective_from": one.effective_from.isoformat() if one.effective_from else None,
        "file": one.file,
        "line": one.line,
    }


def _match(match: Match) -> dict[str, list[str]]:
    from engine.policy.assignments import KEYS

    return {key: list(listed) for key in KEYS if (listed := getattr(match, key))}


def _table(told: Sequence[Mapping[str, Any]]) -> list[str]:
    """One line for each policy, in columns, and below it one for each of its assignments; a last line that counts."""
    rows = [list(COLUMNS), *([_cell(one[column]) for column in COLUMNS] for one in told)]
    widths = [max(width(row[at]) for row in rows) for at in range(len(COLUMNS))]
    head, *lines = [_row(row, widths) for row in rows]
    body = [line for one, row in zip(told, lines, strict=True) for line in (row, *map(_place, one["assignments"]))]
    return [head, *body, f"{len(told)} polic{'y' if len(told) == 1 else 'ies'}"]


def _cell(value: str | Sequence[str]) -> str:
    return value if isinstance(value, str) else ",".join(value) or NOTHING


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(f"{cell}{' ' * (size - width(cell))}" for cell, size in zip(cells, widths, strict=True))


def _place(one: Mapping[str, Any]) -> str:
    told = [f"{one['scope']}: {one['enforcement']}", *_where(one)]
    return f"  assigned in {', '.join(told)} ({one['file']}:{one['line']})"


def _where(one: Mapping[str, Any]) -> Iterator[str]:
    for key, listed in one["match"].items():
        yield f"{key} {'|'.join(listed)}"
    for key, listed in one["exclude"].items():
        yield f"except {key} {'|'.join(listed)}"
    if one["effective_from"]:
        yield f"from {one['effective_from'][:10]}"
