"""May these modules be evaluated by every engine, and do they do nothing but judge their input?

One list of built-ins says what is allowed, `capabilities.json` beside this file, in OPA's own format: what OPA and
regorus both know and answer alike, without network, clock, chance or environment (DESIGN §4, Engines).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import orjson

from engine.errors import BundleInvalid
from engine.policy.syntax import Call, Module, Replacement

CAPABILITIES = Path(__file__).with_name("capabilities.json")
DEEPEST = 10
"""How deep arrays, objects and bodies may stand inside one another: regorus' parser is exponential in this depth."""

_PIECE = re.compile(r'#[^\n]*|"(?:[^"\\\n]|\\.)*"|`[^`]*`|[\[\]{}]|\n')
_VARIADIC = 1 << 30


def refuse_nesting(path: str, text: str) -> None:
    """Refuse text that would keep a parser busy for ever; looked at before any parser sees it. Raises BundleInvalid."""
    depth, line = 0, 1
    for piece in _PIECE.findall(text):
        if piece in "[{":
            depth += 1
        elif piece in "]}":
            depth -= 1
        line += piece.count("\n")
        if depth > DEEPEST:
            raise BundleInvalid(f"{path}:{line}: brackets stand more than {DEEPEST} deep inside one another")


class Calls:
    """Which calls are allowed in these modules: the listed built-ins, and the functions that the modules define."""

    def __init__(self, modules: Sequence[Module]) -> None:
        self._builtins = _builtins()
        self._functions: dict[str, set[int]] = {}
        for module in modules:
            for one in module.definitions:
                if one.shape == "Func":
                    self._functions.setdefault(f"{module.package}.{one.name}", set()).add(one.arity)

    def check(self, module: Module) -> None:
        """Raise BundleInvalid for the first call or replacement in the module that is not allowed."""
        for problem in self._problems(module):
            raise BundleInvalid(problem)

    def _problems(self, module: Module) -> Iterator[str]:
        for call in module.calls:
            if reason := self._refusal(module, call):
                yield f"{module.path}:{call.line}: {reason}"
        for one in module.replacements:
            if reason := self._misuse(module, one):
                yield f"{module.path}:{one.line}: {reason}"

    def _refusal(self, module: Module, call: Call) -> str:
        full = _resolved(module, call.name)
        arities = self._functions.get(full.removeprefix("data.")) if full.startswith("data.") else None
        if arities is None:
            arities = self._functions.get(f"{module.package}.{call.name}")
        if arities is None:
            if full.startswith("data."):
                return f"no module defines the function {full}"
            arities = self._builtins.get(call.name)
        if arities is None:
            return f"{call.name or 'this call'} is not a function that policies may call (capabilities.json lists them)"
        return "" if _fits(call.arguments, arities) else f"{call.name} is called with {call.arguments} arguments"

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


def _builtins() -> Mapping[str, set[int]]:
    listed = orjson.loads(CAPABILITIES.read_bytes())["builtins"]
    return {one["name"]: {_arity(one["decl"])} for one in listed}


def _arity(declared: Mapping[str, object]) -> int:
    arguments = declared.get("args", [])
    assert isinstance(arguments, list)
    return _VARIADIC if "variadic" in declared else len(arguments)
