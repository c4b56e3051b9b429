"""Why was this finding made, or this test not true: which expression decided it, with which values?

The statements of the rule are evaluated one after the other, and the parts of the deciding one with the names bound as
they were. Where that cannot be told (a pattern as argument, a value that cannot be written down, too much to look at)
nothing is said rather than something wrong.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import orjson

from engine.model import Finding, Json
from engine.policy import packages
from engine.policy.trying.edits import extent, statement
from engine.policy.trying.expressions import Condition, bound, condition, withs
from engine.policy.trying.probing import Prober, Scope, collected, shown
from engine.policy.trying.rego_tests import binding, keys_of
from engine.policy.trying.rulebook import Rule, Rulebook

CONDITIONS = 2
"""How many conditions of a rule are told."""
DEEPEST = 2
"""How many rules are followed from one to the next."""


@dataclass(frozen=True, slots=True)
class Why:
    """The rule that made a finding, and the conditions that held in it, a line for each; none where unknown."""

    file: str
    line: int
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explainer:
    """Explains by the rules of the loaded modules."""

    prober: Prober
    rules: Rulebook

    def finding(self, finding: Finding, document: Mapping[str, Json]) -> Why | None:
        """The rule whose body gives this finding for this input; None where no rule can be shown to."""
        content = orjson.dumps(document)
        for rule in self.rules.of(finding.policy):
            if rule.contains and packages.gives_findings(rule.name) and len(rule.bodies) <= 1:
                scope = Scope(rule.file, rule.content, rule.package, document=content)
                told = self._made(rule, scope, finding)
                if told is not None:
                    return Why(rule.file, rule.line, told)
        return None

    def failure(self, rule: Rule, case: Sequence[Json] = ()) -> tuple[str, ...]:
        """The statement of a test that is not true, with its values; nothing where that cannot be told.

        `case` are the values of its keys, for a test that has cases.
        """
        if len(rule.bodies) != 1:
            return ()
        scope = Scope(rule.file, rule.content, rule.package)
        stmts = rule.bodies[0]
        if case:
            _, keys = keys_of(rule.head["refr"], rule.content)
            start = binding(keys, stmts)
            chosen = f"[{', '.join(text for text, _ in keys)}] == {json.dumps(case)}"
            scope = scope.after(*(statement(rule.content, one) for one in stmts[:start]), chosen)
            stmts = stmts[start:]
        return tuple(self._failing(scope, stmts, DEEPEST))

    def _made(self, rule: Rule, scope: Scope, finding: Finding) -> tuple[str, ...] | None:
        """The conditions of the rule with the values that they had when it made the finding."""
        stmts = rule.bodies[0] if rule.bodies else []
        found = [(stmt, one) for stmt in stmts if (one := condition(rule.content, stmt))][-CONDITIONS:]
        terms = [_worth(one, withs(rule.content, stmt)) for stmt, one in found]
        texts = [statement(rule.content, stmt) for stmt in stmts]
        rows = self.prober.rows(scope, f'{{"found": {rule.key}, "values": [{", ".join(terms)}]}}', *texts)
        values = next((one["values"] for one in rows or [] if _is(one["found"], finding)), None)
        if values is None:
            return None
        inner = scope.after(*texts, f"{rule.key} == {json.dumps(_written(finding))}") if _plain(finding) else None
        return tuple(
            self._held(one, told, inner or scope.after(*texts)) for (_, one), told in zip(found, values, strict=True)
        ) or tuple(_gone_through(rule, stmts))

    def _held(self, one: Condition, values: Sequence[Sequence[Json]], scope: Scope) -> str:
        told = f"`{one.text}` was {_verdict(values[0]) if one.negated else 'true'}"
        known = zip(one.parts, map(shown, values[1:]), strict=True)
        why = list(self._callee(one, scope, DEEPEST)) if one.negated else []
        return _joined(told, [(part, value) for part, value in known if part != one.text], why)

    def _failing(self, scope: Scope, stmts: Sequence[Json], depth: int) -> Iterator[str]:
        """The first statement after which no solution is left."""
        for stmt in stmts:
            text = statement(scope.content, stmt)
            holds = self.prober.holds(scope, text)
            if holds is None:
                return
            if not holds:
                yield from self._told(scope, stmt, depth)
                return
            scope = scope.after(text)

    def _told(self, scope: Scope, stmt: Json, depth: int) -> Iterator[str]:
        if "Every" in stmt["literal"] and not stmt.get("with_mods"):
            yield from self._element(scope, stmt["literal"]["Every"], depth)
            return
        one = condition(scope.content, stmt)
        parts = one.parts if one else bound(scope.content, stmt)
        values, others = self.prober.values(scope, parts, withs(scope.content, stmt))
        text = " ".join(statement(scope.content, stmt).split())
        why = list(self._callee(one, scope, depth)) if one and not one.negated else []
        told = f"`{text}` {'is not true' if one else 'gives nothing'}"
        yield _joined(told, list(zip(parts, values, strict=False)), why, "for example " if others else "")

    def _element(self, scope: Scope, every: Json, depth: int) -> Iterator[str]:
        """The first element of an `every` for which its body is not true, and why."""
        names = [_name(scope.content, every[key]) for key in ("key", "value") if every[key]]
        domain = scope.content[extent(every["domain"])[0] : every["query"]["span"]["start"]].decode()
        stmts = every["query"]["stmts"]
        body = "; ".join(statement(scope.content, one) for one in stmts)
        inside = scope.after(f"some {', '.join(names)} in {domain.strip()}", f"count([1 | {body}]) == 0")
        values, _ = self.prober.values(inside, names)
        told = list(self._failing(inside, stmts, depth)) if values else []
        for line in told:
            named = ", ".join(f"{name} = {value}" for name, value in zip(names, values, strict=True))
            yield f"{line} (where {named})"

    def _callee(self, one: Condition, scope: Scope, depth: int) -> Iterator[str]:
        """Why the rule or function that a condition asks is not true, for each place where it is defined."""
        rules = self.rules.called(one.called, file=scope.file, package=scope.package) if one.called and depth else ()
        if not rules or not all(one.arguments) or any(_unfollowable(rule, one) for rule in rules):
            return
        given = self._given(scope, one.arguments)
        if given is None:
            return
        for rule in rules[:CONDITIONS]:
            bindings = [
                f"{name} := {value}" for name, value in zip(rule.arguments or (), given, strict=False) if name != "_"
            ]
            inner = Scope(rule.file, rule.content, rule.package, tuple(bindings), scope.document)
            yield from self._failing(inner, rule.bodies[0], depth - 1)

    def _given(self, scope: Scope, arguments: Sequence[str]) -> list[str] | None:
        """The arguments written as JSON; None where one is undefined, or no JSON (a set)."""
        if not arguments:
            return []
        rows = self.prober.rows(scope, f"[{', '.join(arguments)}]")
        if not rows:
            return None
        given = [json.dumps(one) for one in rows[0]]
        same = [f"{written} == {value}" for written, value in zip(arguments, given, strict=True)]
        return given if self.prober.holds(scope, *same) else None


def _worth(one: Condition, mods: str) -> str:
    """The term for what a condition, and then each of its parts, is worth; its own text holds its `with` already."""
    return f"[{', '.join([collected(one.text), *(collected(part, mods) for part in one.parts)])}]"


def _unfollowable(rule: Rule, asked: Condition) -> bool:
    return len(rule.bodies) != 1 or rule.arguments is None or len(rule.arguments) != len(asked.arguments)


def _joined(told: str, values: Sequence[tuple[str, str]], why: Sequence[str], which: str = "") -> str:
    """The condition with why the rule that it asks is not true, or else with its values; `which` goes before them."""
    if why:
        return f"{told}, as {' and '.join(why)}"
    return f"{told}; {which}{', '.join(_valued(part, value) for part, value in values)}" if values else told


def _valued(part: str, value: str) -> str:
    return f"{part} is undefined" if value == "undefined" else f"{part} = {value}"


def _verdict(values: Sequence[Json]) -> str:
    return "false" if values else "undefined"


def _gone_through(rule: Rule, stmts: Sequence[Json]) -> Iterator[str]:
    """What a body without any condition goes through: being there was enough."""
    for stmt in stmts[:1]:
        yield f"`{' '.join(statement(rule.content, stmt).split())}` gave a value"


def _is(found: Json, finding: Finding) -> bool:
    """Whether what a rule gives is this finding; an imported one may be a text, or have no code and path."""
    if isinstance(found, str):
        return found == finding.msg
    if not isinstance(found, dict):
        return False
    same_path = found.get("path", []) == list(finding.path)
    return found.get("msg") == finding.msg and found.get("code", finding.code) == finding.code and same_path


def _plain(finding: Finding) -> bool:
    return finding.details is None and not finding.fix and not finding.related


def _written(finding: Finding) -> Mapping[str, Json]:
    return {"code": finding.code, "msg": finding.msg, "path": list(finding.path)}


def _name(content: bytes, span: Mapping[str, int]) -> str:
    return content[span["start"] : span["end"]].decode()
