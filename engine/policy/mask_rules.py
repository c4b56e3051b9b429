"""What is left of a decision record when the rules of a mask policy were applied to it?

The rules are OPA's (`data.system.log.mask`): a path such as `/input/info/owner`, or `{"op": "remove" or "upsert",
"path": …, "value": …}`. What OPA does where a rule fits nothing is done here too: nothing. In two ways this is
stricter, so that no value stays that the policy named: several items of a list are all removed as they stood when the
policy looked (OPA counts anew after each), and a step may be written as RFC 6901 escapes it as well as plainly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass

from engine.errors import MaskInvalid
from engine.model import Json

ROOTS = ("input", "result")
DEEPEST = 128
"""Levels at which a rule may place something, twice as many as a descriptor may have: beyond it would be no JSON."""
_SHOWN = 200
_DIGITS = 18
"""Digits of a step that may count items of a list; Python itself refuses to read numbers of thousands of digits."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what stands at `steps` goes, or `value` comes there (in a tuple, so that null can be told)."""

    path: str
    steps: tuple[str, ...]
    value: tuple[Json, ...] = ()


def understood(rules: Json) -> tuple[Rule, ...]:
    """The rules in what the mask policy answered. Raises MaskInvalid for anything that OPA would refuse too."""
    if not isinstance(rules, list):
        raise MaskInvalid("The mask policy gives no set of rules: `mask` is undefined or of another type.")
    return tuple(_rule(one) for one in rules)


def applied(record: Mapping[str, Json], rules: Sequence[Rule]) -> dict[str, Json]:
    """The record without what the rules name; `erased` and `masked` list the paths that were found, as OPA does."""
    left: dict[str, Json] = deepcopy(dict(record))
    masked = [one.path for one in rules if one.value and _placed(left, one.steps, one.value[0])]
    erased = [one.path for one in sorted(rules, key=_last_item_first) if not one.value and _removed(left, one.steps)]
    told = {"erased": _with(left.get("erased"), erased), "masked": _with(left.get("masked"), masked)}
    return {**left, **{name: paths for name, paths in told.items() if paths}}


def _with(before: Json, paths: Sequence[str]) -> list[str]:
    """These paths with those that were hidden before: an OPA server masks its own log entries."""
    known = [one for one in before if isinstance(one, str)] if isinstance(before, list) else []
    return sorted({*known, *paths})


def _rule(told: Json) -> Rule:
    if isinstance(told, str):
        return Rule(told, _steps(told))
    if not isinstance(told, Mapping) or not isinstance(told.get("path"), str):
        raise MaskInvalid("A rule of the mask policy is neither a path nor an object with a `path`.")
    path, op = told["path"], told.get("op", "remove")
    if op not in ("remove", "upsert"):
        raise MaskInvalid(f"The mask policy asks to `{_short(str(op))}` {_short(path)}; it may `remove` or `upsert`.")
    steps = _steps(path)
    if op == "remove":
        return Rule(path, steps)
    value = told.get("value")
    if len(steps) + _depth(value) > DEEPEST:
        raise MaskInvalid(f"The mask policy places something deeper than {DEEPEST} levels: `{_short(path)}`.")
    return Rule(path, steps, (value,))


def _steps(path: str) -> tuple[str, ...]:
    first, *steps = path.split("/")
    if first or not steps or steps[0] not in ROOTS:
        raise MaskInvalid(f"The mask policy names `{_short(path)}`; a path begins with /input or /result.")
    return tuple(steps)


def _short(told: str) -> str:
    return told if len(told) <= _SHOWN else f"{told[:_SHOWN]}…"


def _depth(value: Json) -> int:
    """The levels of lists and objects in the value, up to one more than may be placed; without recursion."""
    level, depth = [value], 0
    while depth <= DEEPEST:
        level = [
            item
            for node in level
            if isinstance(node, (dict, list))
            for item in (node.values() if isinstance(node, dict) else node)
        ]
        if not level:
            break
        depth += 1
    return depth


def _last_item_first(rule: Rule) -> tuple[tuple[int, str], ...]:
    """Deeper places and later items come first: a removal must not move what another one still has to find."""
    return (*((-int(step), "") if _is_index(step) else (0, step) for step in rule.steps), (1, ""))


def _removed(node: Json, steps: tuple[str, ...]) -> bool:
    found = [_removed_at(node, key, steps[1:]) for key in _keys(node, steps[0])]
    return any(found)


def _removed_at(node: Json, key: str | int, rest: tuple[str, ...]) -> bool:
    if rest:
        return _removed(node[key], rest)
    del node[key]
    return True


def _placed(node: Json, steps: tuple[str, ...], value: Json) -> bool:
    """Whether the value stands there now; missing objects on the way are made, and nothing else is replaced by one."""
    step, *rest = steps
    keys = _keys(node, step)
    if not keys and isinstance(node, dict):
        node[_plain(step)] = {} if rest else value
        keys = [_plain(step)]
    placed = [_placed_at(node, key, tuple(rest), value) for key in keys]
    return any(placed)


def _placed_at(node: Json, key: str | int, rest: tuple[str, ...], value: Json) -> bool:
    if rest:
        return _placed(node[key], rest, value)
    node[key] = deepcopy(value)
    return True


def _keys(node: Json, step: str) -> list[str | int]:
    """What of this node the step means: keys as written or unescaped, or one item of a list."""
    if isinstance(node, dict):
        return [key for key in dict.fromkeys((step, _plain(step))) if key in node]
    if isinstance(node, list) and _is_index(step) and int(step) < len(node):
        return [int(step)]
    return []


def _is_index(step: str) -> bool:
    return len(step) <= _DIGITS and step.isascii() and step.isdecimal()


def _plain(step: str) -> str:
    return step.replace("~1", "/").replace("~0", "~")
