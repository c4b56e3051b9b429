"""What is there to tell of one statement of a body: is it a condition, and which of its parts have telling values?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.model import Json
from engine.policy import references, syntax
from engine.policy.trying.edits import extent, statement, written

PARTS = 3
"""How many values are shown for one condition."""
_LITERALS = frozenset({"String", "RawString", "Number", "Bool", "True", "False", "Null"})
_COLLECTIONS = frozenset({"Array", "Object", "Set", "ArrayCompr", "SetCompr", "ObjectCompr"})
_PRINT = "print"


@dataclass(frozen=True, slots=True)
class Condition:
    """A statement that can be true or not: its text without `not`, and its telling parts as text.

    `called` is the rule or function that it asks, as written, with the texts of its arguments.
    """

    text: str
    negated: bool
    parts: tuple[str, ...]
    called: str = ""
    arguments: tuple[str, ...] = ()


def condition(content: bytes, stmt: Json) -> Condition | None:
    """The condition that a statement is; None for one that only binds names or prints."""
    ((kind, body),) = stmt["literal"].items()
    if not is_condition(stmt) or kind == "Every":
        return None
    expression = body["expr"]
    called, arguments = _asked(content, expression)
    return Condition(
        text=_one_line(_without_not(statement(content, stmt)) if kind == "NotExpr" else statement(content, stmt)),
        negated=kind == "NotExpr",
        parts=tuple(dict.fromkeys(_parts(content, expression)))[:PARTS],
        called=called,
        arguments=arguments,
    )


def is_condition(stmt: Json) -> bool:
    """Whether a statement can be true or not, and does not only bind names or print."""
    ((kind, body),) = stmt["literal"].items()
    if kind in ("NotExpr", "Every"):
        return True
    if kind != "Expr":
        return False
    ((inner, node),) = body["expr"].items()
    binds = inner == "AssignExpr" and node["op"] == "ColEq"
    prints = inner == "Call" and syntax.name(node["fcn"]) == _PRINT
    return not binds and not prints


def bound(content: bytes, stmt: Json) -> tuple[str, ...]:
    """The parts that a statement binds names to: what it goes through, or what it takes the value of."""
    ((kind, body),) = stmt["literal"].items()
    if kind == "SomeIn":
        return tuple(_shown(content, body["collection"]))
    if kind == "Every":
        return tuple(_shown(content, body["domain"]))
    if kind == "Expr" and "AssignExpr" in body["expr"]:
        return tuple(_shown(content, body["expr"]["AssignExpr"]["rhs"]))
    return ()


def withs(content: bytes, stmt: Json) -> str:
    """The `with … as …` of a statement, as written."""
    mods: Sequence[Json] = stmt.get("with_mods") or []
    if not mods:
        return ""
    text: bytes = content[mods[0]["span"]["start"] : extent(stmt)[1]]
    return " " + text.decode(errors="replace")


def _asked(content: bytes, expression: Json) -> tuple[str, tuple[str, ...]]:
    """The name that a plain call or reference asks for."""
    ((kind, node),) = expression.items()
    if kind == "Call":
        return syntax.name(node["fcn"]), tuple(written(content, one) for one in node["params"])
    if kind in ("Var", "RefDot", "RefBrack"):
        return syntax.name(expression), ()
    return "", ()


def _parts(content: bytes, expression: Json) -> Iterator[str]:
    """The parts whose values explain the expression: what is compared, searched or handed over."""
    ((kind, node),) = expression.items()
    if kind in ("BoolExpr", "AssignExpr"):
        yield from _shown(content, node["lhs"])
        yield from _shown(content, node["rhs"])
    elif kind == "Membership":
        yield from _shown(content, node["value"])
        yield from _shown(content, node["collection"])
    elif kind == "Call":
        for one in node["params"]:
            yield from _shown(content, one)
    elif kind in ("Var", "RefDot", "RefBrack"):
        yield from _shown(content, expression)


def _shown(content: bytes, node: Json) -> Iterator[str]:
    kind = next(iter(node))
    if kind in _LITERALS or (kind in _COLLECTIONS and not any(one == "Var" for one, _ in references.nodes(node))):
        return
    if text := _one_line(written(content, node)):
        yield text


def _without_not(text: str) -> str:
    return text.removeprefix("not").lstrip()


def _one_line(text: str) -> str:
    return " ".join(text.split())
