"""What does a comparison of two sets of rules say as data, `meshgate/impact/1`?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.impact import Difference, Found, Kind

SCHEMA = "meshgate/impact/1"
_SHOWN = ("policy", "code", "severity", "enforcement", "disposition", "msg", "path", "component", "waiver")


@dataclass(slots=True)
class Tally:
    """Counts what was compared; `compared` are cases, `asked` and `reused` answers of policies."""

    compared: int = 0
    differences: list[Difference] = field(default_factory=list)

    def add(self, found: Difference | None) -> None:
        self.compared += 1
        if found is not None:
            self.differences.append(found)


def report(
    *, base: Mapping[str, Any], head: Mapping[str, Any], event: str, catalog: Tally, past: Tally | None, work: Any
) -> dict[str, Any]:
    """The whole report; `base` and `head` say what was compared, `work` how many answers were asked and reused."""
    return {
        "schema": SCHEMA,
        "base": dict(base),
        "head": dict(head),
        "event": event,
        "summary": {"products": catalog.compared, **_counts(catalog.differences)},
        "by_domain": _grouped(catalog.differences, "domain"),
        "by_owner": _grouped(catalog.differences, "owner"),
        "by_policy": _by_policy(catalog.differences),
        "products": _told(catalog.differences),
        "decisions": None if past is None else _past(past),
        "work": work,
    }


def _past(past: Tally) -> dict[str, Any]:
    return {"decisions": past.compared, **_counts(past.differences), "changes": _told(past.differences)}


def _counts(differences: Iterable[Difference]) -> dict[str, int]:
    kinds = [one.kind for one in differences]
    return {kind.value: kinds.count(kind) for kind in Kind}


def _grouped(differences: Iterable[Difference], name: str) -> dict[str, dict[str, int]]:
    groups: dict[str, list[Difference]] = {}
    for one in differences:
        groups.setdefault(_of(one, name), []).append(one)
    return {group: _counts(some) for group, some in sorted(groups.items())}


def _of(one: Difference, name: str) -> str:
    product = one.case.descriptor.identity
    if name == "owner":
        return one.case.owner
    return product.domain if product is not None else ""


def _by_policy(differences: Iterable[Difference]) -> dict[str, dict[str, int]]:
    """How many findings of each policy came, went, changed, and how many of the new ones a waiver covers."""
    counts: dict[str, dict[str, int]] = {}

    def count(finding: Found, what: str) -> None:
        empty = {"appeared": 0, "waived": 0, "gone": 0, "shifted": 0}
        counts.setdefault(finding["policy"], empty)[what] += 1

    for one in differences:
        for finding in one.appeared:
            count(finding, "appeared")
            if finding["disposition"] == "waived":
                count(finding, "waived")
        for finding in one.gone:
            count(finding, "gone")
        for _, finding in one.shifted:
            count(finding, "shifted")
    return dict(sorted(counts.items()))


def _told(differences: Iterable[Difference]) -> list[dict[str, Any]]:
    ranked = sorted(differences, key=lambda one: (list(Kind).index(one.kind), _name(one), one.case.decision))
    return [_difference(one) for one in ranked]


def _name(one: Difference) -> str:
    product = one.case.descriptor.identity
    return product.fqn if product is not None else ""


def _difference(one: Difference) -> dict[str, Any]:
    product = one.case.descriptor.identity
    told: dict[str, Any] = {
        "product": _name(one),
        "version": product.version if product is not None else "",
        "domain": _of(one, "domain"),
        "owner": one.case.owner,
        "kind": one.kind.value,
        "before": one.before.value,
        "after": one.after.value,
        "appeared": [_finding(finding) for finding in one.appeared],
        "gone": [_finding(finding) for finding in one.gone],
        "shifted": [{**_finding(after), "before": before["disposition"]} for before, after in one.shifted],
        "errors": [dict(error) for error in one.errors],
    }
    return {**told, "decision": one.case.decision} if one.case.decision else told


def _finding(finding: Found) -> dict[str, Any]:
    return {name: finding[name] for name in _SHOWN if name in finding}
