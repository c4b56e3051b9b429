"""How is a plan shown to who may want it, and does it say that it could be carried out?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import typer

from api.cli.printing import note, show, show_json

Told = Mapping[str, Any]


def shown(told: Told, *, expected: str | None, as_json: bool) -> NoReturn:
    """Show a previewed plan; raises typer.Exit with 0 where it is cleared, 1 where it is rejected or another plan than
    the expected one, 2 where that could not be decided."""
    if as_json:
        show_json("plan", told)
    else:
        show(_lines(told))
    moved = expected not in (None, told["plan"]["digest"])
    if moved:
        note(f"the plan is not {expected}")
    if told["decision"]["outcome"] == "undecided":
        raise typer.Exit(2)
    raise typer.Exit(1 if moved or not told["cleared"] else 0)


def table(actions: Sequence[Told]) -> list[str]:
    """One line for each action of a plan, as it is judged; what removes or makes anew is marked with `!`."""
    rows = [(_mark(one), one["action"], one["component"]["kind"], one["component"]["name"], one["adapter"], _why(one))
            for one in actions]  # fmt: skip
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(5)]
    return ["  " + "  ".join(text.ljust(width) for text, width in zip(row, [*widths, 0], strict=True)) for row in rows]


def _lines(told: Told) -> list[str]:
    plan = told["plan"]
    where = f"{told['product']} {told['version']} in {told['environment']}, generation {told['generation']}"
    lines = [f"plan of {where}", *table(plan["actions"]), *(f"  note: {one}" for one in plan["notes"])]
    lines.append(f"digest: {plan['digest']}")
    if told["standing"] != "new":
        lines.append(f"a deployment of it is {told['standing']} already")
    lines.append(f"decision: {told['decision']['outcome']}" + ("" if told["cleared"] else ", not cleared"))
    lines += [f"  {one['code']}: {one['msg']}" for one in told["reasons"]]
    return [*lines, *_asks(told)]


def _asks(told: Told) -> list[str]:
    if told["asks"] == "approval":
        return ["needs approval by somebody else than who deploys it"]
    if told["asks"] == "consent":
        return [f"needs consent (--consent): {', '.join(told['destroys'])}"]
    return []


def _mark(action: Told) -> str:
    return "!" if action["destructive"] else " "


def _why(action: Told) -> str:
    kept = {"retain": " (its data is kept)", "delete": " (with its data)"}
    return f"{action['reason']}{kept.get(action.get('data', ''), '')}"
