"""Do the rules of a policy and its annotations speak of the same codes, parameters and fields?

Seen in syntax trees; what a rule computes is not seen, and never told to be wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches

from engine.descriptor import fields
from engine.model import Json
from engine.policy import inputs, patterns, references
from engine.policy.flaws import Flaw
from engine.policy.inspection import Described
from engine.policy.syntax import Module

Tree = Mapping[str, Json]
_PATTERN_AT = {
    "regex.match": 0,
    "regex.is_valid": 0,
    "regex.split": 0,
    "regex.find_n": 0,
    "regex.find_all_string_submatch_n": 0,
    "regex.replace": 1,
}


def codes(policy: Described, trees: Sequence[tuple[Module, Tree]]) -> Iterator[Flaw]:
    """Codes that rules give and the annotations do not describe, and the reverse."""
    declared = policy.told.findings
    texts: set[str] = set()
    for module, tree in trees:
        texts.update(text for text, _ in _texts(tree["ast"]["rules"]))
        for code, start in _given(tree["ast"]["rules"]):
            if code not in declared:
                told = f"the finding code {code} is not described under custom.findings"
                yield Flaw(module.path, *module.place(start), "PL305", told, _meant(code, declared))
    for code in declared:
        if code not in texts:
            place = policy.block.place(("custom", "findings", code))
            told = f"custom.findings describes {code}, and no rule of {policy.package.id} gives it"
            yield Flaw(str(policy.source.file), *place, "PL351", told)


def parameters(policy: Described, module: Module, given: Mapping[str, Json]) -> Iterator[Flaw]:
    """Parameters that are those of another policy, or of none."""
    known = {*given, *policy.told.parameters.get("properties", {})}
    for rule in module.rules:
        for reference in rule.lookups:
            first, *rest = reference.steps
            full = (*module.imports.get(first, first).split("."), *rest)
            place = module.place(reference.start)
            if full[:3] == ("input", "_context", "parameters") and full[3:4] and full[3] != policy.package.id:
                told = f"reads the parameters of {full[3]}, and this is {policy.package.id}"
                yield Flaw(module.path, *place, "PL308", told)
            elif first == "params" and rest and rest[0] not in known:
                told = f"{policy.package.id} has no parameter {rest[0]}"
                yield Flaw(module.path, *place, "PL309", told, _meant(rest[0], known))


def unknown_fields(module: Module, tree: Tree) -> Iterator[Flaw]:
    """Fields of the input that DPDS does not have at their place."""
    seen = set()
    for read in inputs.reads(tree, module.imports):
        found = fields.unknown(read.steps)
        if found is None or found.is_item or found.at < read.given or (read.steps, read.start) in seen:
            continue
        seen.add((read.steps, read.start))
        written = fields.written(read.steps[: found.at + 1])
        hint = f"did you mean {' or '.join(f'`{one}`' for one in found.alike)}?" if found.alike else ""
        yield Flaw(module.path, *module.place(read.start), "PL501", f"no descriptor has {written}", hint)


def unportable_patterns(module: Module, tree: Tree) -> Iterator[Flaw]:
    """Patterns, written as texts, that not every engine reads alike."""
    for kind, body in references.nodes(tree["ast"]["rules"]):
        called = ".".join(map(str, references.whole(body["fcn"])[0])) if kind == "Call" else ""
        if called not in _PATTERN_AT or len(body["params"]) <= _PATTERN_AT[called]:
            continue
        for text, start in _texts([body["params"][_PATTERN_AT[called]]]):
            if reason := patterns.unportable(text):
                yield Flaw(module.path, *module.place(start - 1), "PL451", f"{called}: {reason}")


def _meant(name: str, known: Mapping[str, object] | set[str]) -> str:
    near = get_close_matches(name, sorted(known), 1, 0.7)
    return f"did you mean {near[0]}?" if near else ""


def _texts(tree: Json) -> Iterator[tuple[str, int]]:
    for kind, body in references.nodes(tree):
        if kind in ("String", "RawString"):
            yield body["value"], body["span"]["start"]


def _given(rules: Sequence[Mapping[str, Json]]) -> Iterator[tuple[str, int]]:
    """The codes that stand in findings as texts, or are handed to a function that makes a finding of them."""
    makers: dict[str, int] = {}
    for rule in (body for one in rules for body in one.values()):
        for value in _codes(rule):
            if "String" in value:
                yield value["String"]["value"], value["String"]["span"]["start"] - 1
            elif "Var" in value and (maker := _argument(rule, value["Var"]["value"])):
                makers[maker[0]] = maker[1]
    for kind, body in references.nodes(rules):
        name = ".".join(map(str, references.whole(body["fcn"])[0])) if kind == "Call" else ""
        if name in makers and "String" in body["params"][makers[name]]:
            told = body["params"][makers[name]]["String"]
            yield told["value"], told["span"]["start"] - 1


def _codes(rule: Json) -> Iterator[Mapping[str, Json]]:
    """The value of `code` in every object of the rule that looks like a finding."""
    for kind, body in references.nodes(rule):
        if kind == "Object":
            held = {key["String"]["value"]: value for _, key, value in body["fields"] if "String" in key}
            if {"code", "msg"} <= held.keys():
                yield held["code"]


def _argument(rule: Mapping[str, Json], variable: str) -> tuple[str, int] | None:
    """The name of the function that this rule is, and which of its arguments the variable is."""
    head = next(iter(rule["head"].values())) if "head" in rule else {}
    arguments = [one.get("Var", {}).get("value") for one in head.get("args", ())]
    if variable not in arguments or "Var" not in head["refr"]:
        return None
    return head["refr"]["Var"]["value"], arguments.index(variable)
