"""Which finding codes does a policy give while a Rego test runs?

A rule's findings leave no trace in a test's verdict, so the rules are made to print theirs: what a rule prints when it
is entered and when it gives a finding is taken out of the prints again.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain

from engine.model import Json
from engine.policy import packages, syntax
from engine.policy.parsing import Parsed
from engine.policy.trying.edits import Edit, applied, extent, key
from engine.policy.trying.results import Seen

_MARK = "meshgate-mark"
_UNSAID = "<undefined>"
"""What is printed for a finding without a code; one of conftest's `deny…` has the name of its rule as code."""


def marked(parsed: Parsed, policies: Iterable[str]) -> str:
    """The text of a module, whose rules print their findings where the module is of one of these policies."""
    module, content = parsed.module, parsed.module.text
    if module.package not in set(policies):
        return content.decode()
    edits: list[Edit] = []
    for number, rule in enumerate(chain.from_iterable(one.values() for one in parsed.tree["ast"]["rules"])):
        head = rule.get("head", {}).get("Set")
        name = syntax.name(head["refr"]) if head else ""
        if head is None or len(rule["bodies"]) != 1 or not packages.gives_findings(name):
            continue
        stmts = rule["bodies"][0]["query"]["stmts"]
        edits += _edits(stmts, rule["bodies"][0]["query"], key(content, head), [module.package, name, str(number)])
    return applied(content.decode(), edits)


def taken(printed: Iterable[str]) -> tuple[tuple[str, ...], list[Seen]]:
    """What a test printed itself, and what each evaluation of each policy gave meanwhile."""
    own: list[str] = []
    marks: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for line in printed:
        _, found, rest = line.partition(f": {_MARK} ")
        if not found:
            own.append(line)
            continue
        policy, rule, number, code = rest.split(" ", 3)
        marks[policy].append((number, rule if code == _UNSAID and rule != packages.RULE else code))
    return tuple(own), [Seen(policy, fired) for policy in sorted(marks) for fired in _evaluations(marks[policy])]


def _evaluations(marks: Iterable[tuple[str, str]]) -> Iterator[frozenset[str]]:
    """The codes of each evaluation: a new one begins where a rule is entered a second time."""
    entered: set[str] = set()
    fired: set[str] = set()
    for number, code in marks:
        if code == "-" and number in entered:
            yield frozenset(fired)
            entered, fired = set(), set()
        if code == "-":
            entered.add(number)
        elif code != _UNSAID:
            fired.add(code)
    yield frozenset(fired)


def _edits(stmts: list[Json], query: Json, term: str, words: list[str]) -> list[Edit]:
    first, last = extent(stmts[0])[0], extent(stmts[-1])[1]
    told = ", ".join(json.dumps(word) for word in (_MARK, *words))
    braced = query["span"]["start"] < first
    opening = f'print({told}, "-"); '
    closing = f"; meshgate_found := {term}; print({told}, meshgate_found.code)"
    return [
        Edit(first, first, opening if braced else "{ " + opening),
        Edit(last, last, closing if braced else closing + " }"),
    ]
