"""Which findings and problems of a report are old, and what is the verdict without them?

A baseline lets an old estate begin: what it lists is told as `baselined` and does not count, everything new does. It
is local: a server never sees one, and a submission is judged as if there were none. What can be listed:

- findings that block or advise, unless their policy is `mandatory` (what nobody can waive, nobody can set aside);
- problems of the schema and of semantic rules (DP3xx, DP4xx): a document that cannot be read cannot be judged.

An undecided document stays undecided: a baseline says that something is old, not that it was looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from engine.report import record
from engine.report.entries import Changed
from engine.report.fingerprints import Fingerprints
from engine.report.places import relative
from engine.report.rules import rule_id

SCHEMA = "meshgate/baseline/1"
_READABLE = ("DP3", "DP4")


class BaselineMalformed(ValueError):
    """The value is no baseline; the message says why."""


@dataclass(frozen=True, slots=True, order=True)
class Old:
    """One known finding or problem: where it was found, by which rule, and by what it is known again."""

    file: str
    rule: str
    fingerprint: str


def found(report: dict[str, Any], folder: str) -> Iterator[Old]:
    """Everything in the report that a baseline may list, its files named from this folder (an absolute path)."""
    for document in report["documents"]:
        file = relative(document["file"], folder)
        for told, fingerprint in _known(document, folder):
            if _may_be_old(told):
                yield Old(file, rule_id(told), fingerprint)


def applied(report: dict[str, Any], old: Iterable[Old], folder: str) -> dict[str, Any]:
    """The report in which what is old is `baselined`, with the outcomes and the summary that follow."""
    known = frozenset(one.fingerprint for one in old)
    return record.report(Changed(report["documents"], partial(_document, known=known, folder=folder)))


def rest(old: frozenset[Old], now: Iterable[Old], *, judged: Callable[[str], bool]) -> frozenset[Old]:
    """The entries that no longer occur, although their file was `judged`."""
    listed = frozenset(one.fingerprint for one in old)
    known = frozenset(one.fingerprint for one in now if one.fingerprint in listed)
    return frozenset(one for one in old if one.fingerprint not in known and judged(one.file))


def written(old: Iterable[Old]) -> dict[str, Any]:
    """The baseline as data, in an order that does not change from run to run."""
    entries = [{"file": one.file, "rule": one.rule, "fingerprint": one.fingerprint} for one in sorted(old)]
    return {"schema": SCHEMA, "entries": entries}


def read(value: object) -> frozenset[Old]:
    """The entries of a written baseline. Raises BaselineMalformed."""
    if not isinstance(value, dict) or value.get("schema") != SCHEMA or not isinstance(value.get("entries"), list):
        raise BaselineMalformed(f'it does not begin with "schema": "{SCHEMA}" and a list of "entries"')
    return frozenset(_entry(number, one) for number, one in enumerate(value["entries"]))


def _entry(number: int, one: object) -> Old:
    names = ("file", "rule", "fingerprint")
    if not isinstance(one, dict) or set(one) != set(names) or not all(isinstance(one[name], str) for name in names):
        raise BaselineMalformed(f"entry {number} does not hold just the texts file, rule and fingerprint")
    return Old(*(one[name] for name in names))


def _known(document: dict[str, Any], folder: str) -> Iterator[tuple[dict[str, Any], str]]:
    # Numbered by document: what two versions of one product have in common is one old thing.
    named = {**document, "file": relative(document["file"], folder)}
    fingerprints = Fingerprints([named])
    for told in (*document["problems"], *document["decision"]["findings"]):
        yield told, fingerprints.of(named, told)


def _may_be_old(told: dict[str, Any]) -> bool:
    if "policy" in told:
        return told["disposition"] in ("blocking", "advisory") and told["enforcement"] != "mandatory"
    return str(told["code"]).startswith(_READABLE)


def _document(document: dict[str, Any], known: frozenset[str], folder: str) -> dict[str, Any]:
    told = [
        {**one, "disposition": "baselined"} if _may_be_old(one) and fingerprint in known else one
        for one, fingerprint in _known(document, folder)
    ]
    problems = [one for one in told if "policy" not in one]
    findings = [one for one in told if "policy" in one]
    decision = {**document["decision"], "findings": findings}
    return {**document, "decision": {**decision, **_verdict(decision, problems)}, "problems": problems}


def _verdict(decision: dict[str, Any], problems: list[dict[str, Any]]) -> dict[str, Any]:
    """The outcome without what is old, by the rules of `engine.verdict`, which this must never soften."""
    errors = any(one["severity"] == "error" and "disposition" not in one for one in problems)
    if decision["outcome"] != "rejected" or errors:
        return {}
    rejecting = {run["state"] for run in decision["policies"] if run["enforcement"] in ("blocking", "mandatory")}
    evaluated = any(run["state"] in ("pass", "fail") for run in decision["policies"])
    if "error" in rejecting or not evaluated:
        return {"outcome": "undecided"}
    if any(one["disposition"] == "blocking" for one in decision["findings"]):
        return {}
    return {"outcome": "accepted", "provisional": "skipped" in rejecting}
