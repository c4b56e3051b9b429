"""May these modules be evaluated by every engine, and do they do nothing but judge their input?

One list of built-ins says what is allowed, `capabilities.json` beside this file, in OPA's own format: what OPA and
regorus both know and answer alike, without network, clock, chance or environment (DESIGN §4, Engines).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import orjson

from engine.policy.flaws import Flaw
from engine.policy.syntax import Call, Module, Replacement

CAPABILITIES = Path(__file__).with_name("capabilities.json")
DEEPEST = 10
"""How deep arrays, objects and bodies may stand inside one another: regorus' parser is exponential in this depth."""

_PIECE = re.compile(r'#[^\n]*|"(?:[^"\\\n]|\\.)*"|`[^`]*`|[\[\]{}]|\n')
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Embeddings, overrides and isolates of direction: with them a policy reads otherwise than it decides."""
_VARIADIC = 1 << 30


def at_sight(path: str, text: str) -> Flaw | None:
    """What stands against a text before any parser sees it: one that would keep it busy for ever, or fool readers."""
    return _nesting(path, text) or _turned(path, text) or _unread(path, text)


def _unread(path: str, text: str) -> Flaw | None:
    """A character that one parser passes over and the other refuses."""
    if text.startswith("\ufeff"):
        return Flaw(path, 1, 1, "PL102", "it begins with a byte order mark: save it as UTF-8 without one")
    if (at := text.find("\0")) >= 0:
        return Flaw(path, *_place(text, at), "PL102", "the character U+0000 may not stand in a module: take it out")
    return None


def _turned(path: str, text: str) -> Flaw | None:
    found = _TURNS.search(text)
    if found is None:
        return None
    told = f"the character U+{ord(found.group()):04X} shows what follows in another order than it stands in"
    return Flaw(path, *_place(text, found.start()), "PL104", told)


def _place(text: str, at: int) -> tuple[int, int]:
    before = text[:at]
    return before.count("\n") + 1, at - before.rfind("\n")


def _nesting(path: str, text: str) -> Flaw | None:
    depth = 0
    for piece in _PIECE.finditer(text):
        if (found := piece.group()) in "[{":
            depth += 1
        elif found in "]}":
            depth -= 1
        if depth > DEEPEST:
            told = f"brackets stand more than {DEEPEST} deep inside one another"
            return Flaw(path, *_place(text, piece.start()), "PL101", told)
    return None


class Calls:
    """Which calls are allowed in these modules: the listed built-ins, and the functions that the modules define."""

    def __init__(self, modules: Sequence[Module]) -> None:
        self._builtins = builtins()
        self._functions: dict[str, set[int]] = {}
        for module in modules:
            for one in module.definitions:
                if one.shape == "Func":
                    self._functions.setdefault(f"{module.package}.{one.name}", set()).add(one.arity)

    def flaws(self, module: Module) -> Iterator[Flaw]:
        """Every call and replacement in the module that is not allowed."""
        for call in module.calls:
            if told := self._refusal(module, call):
                yield Flaw(module.path, *module.place(call.start), *told)
        for one in module.replacements:
            if reason := self._misuse(module, one):
                yield Flaw(module.path, *module.place(one.start), "PL404", reason)

    def _refusal(self, module: Module, call: Call) -> tuple[str, str] | None:
        full = _resolved(module, call.name)
        arities = self._functions.get(full.removeprefix("data.")) if full.startswith("data.") else None
        if arities is None:
            arities = self._functions.get(f"{module.package}.{call.name}")
        if arities is None:
            if full.startswith("data."):
                return "PL403", f"no module defines the function {full}"
            arities = self._builtins.get(call.name)
        if arities is None:
            named = call.name or "this call"
            return "PL401", f"{named} is not a function that policies may call (capabilities.json lists them)"
        if _fits(call.arguments, arities):
            return None
        return "PL402", f"{call.name} is called with {call.arguments} arguments"

    def _misuse(self, module: Module, one: Replacement) -> str:
        """Functions are neither replaced nor used as replacement: `with f as http.send` would open the door again."""
        full = _resolved(module, one.target)
        if full.partition(".")[0] not in ("input", "data") or full.removeprefix("data.") in self._functions:
            return f"`with` may replace only input and data, not {one.target or 'this'}"
        return ""


def _fits(arguments: int, arities: Iterable[int]) -> bool:
    """One argument more than declared takes the result, as in `f(x, result)`."""
    return any(arguments in (arity, arity + 1) or arity == _VARIADIC for arity in arities)


def _resolved(module: Module, written: str) -> str:
    head, dot, rest = written.partition(".")
    return module.imports.get(head, head) + dot + rest


def builtins() -> Mapping[str, set[int]]:
    listed = orjson.loads(CAPABILITIES.read_bytes())["builtins"]
    return {one["name"]: {_arity(one["decl"])} for one in listed}


def _arity(declared: Mapping[str, object]) -> int:
    arguments = declared.get("args", [])
    assert isinstance(arguments, list)
    return _VARIADIC if "variadic" in declared else len(arguments)
