"""Which lines can be reached from some lines, up or down, and how is that asked in one recursive statement?

A walk that counts its steps keeps (line, depth), which ends in every circle because it is bounded; a walk to the end
keeps the line alone, so that a circle of a thousand is read once and not a thousand times. Both stores take the lines
level by level, so that a bound on rows cuts the farthest.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import Integer, Select, and_, bindparam, literal, not_, select, union_all

from catalog.among import among
from catalog.edges import READER, READING, SOURCE, live, resolved
from catalog.lineage.readings import FACTS, moment
from catalog.lines import LINE, meant
from catalog.products import LISTING
from catalog.visible import visible
from engine.model import Principal

COUNTED = 10
"""The most steps that a walk counts in the store; a longer one is read to its end and measured afterwards."""


class Side(StrEnum):
    """Towards what a line reads, or towards who reads it."""

    UP = "up"
    DOWN = "down"


def reached(principal: Principal, side: Side, counted: bool, past: bool) -> Select[Any]:
    """The lines in reach of those with the fqns in `begun`, these included: depth (0 in a walk to the end) and facts.

    Parameters: `begun`, `rows` (the bound), `depth` where it is counted, `at` where it is about the past.
    """
    at = moment(past)
    start = LISTING.alias("start")
    # mostly one, which a plan for a list of any length would take for many
    wanted = start.c.fqn.in_(bindparam("begun", expanding=True))
    begun = select(start.c.line_id, literal(0, Integer).label("depth"))
    walk = begun.where(wanted, live(start, at), visible(principal, start.c.domain)).cte("walk", recursive=True)
    near, far = (READER, SOURCE) if side is Side.UP else (SOURCE, READER)
    depth = walk.c.depth + 1 if counted else literal(0, Integer)
    step = resolved(far.c.line_id, depth, at=at).join(walk, walk.c.line_id == near.c.line_id)
    step = step.where(visible(principal, far.c.domain))
    if counted:
        step = step.where(walk.c.depth < bindparam("depth"))
    whole = walk.union(step)
    first = select(whole.c.line_id, whole.c.depth).limit(bindparam("rows")).subquery("first")
    listed = and_(LISTING.c.line_id == first.c.line_id, live(LISTING, at))
    return select(first.c.depth, *(LISTING.c[name] for name in FACTS)).join_from(first, LISTING, listed)


def meaning(references: tuple[str, ...], principal: Principal, past: bool) -> Select[Any]:
    """Which line each reference of any kind means: its place among them, and its fqn."""
    allowed = (live(LISTING, moment(past)), visible(principal, LISTING.c.domain))
    each = [
        select(literal(place, Integer).label("place"), LISTING.c.fqn)
        .join(LINE, LINE.c.id == LISTING.c.line_id)
        .where(meant(reference), *allowed)
        for place, reference in enumerate(references)
    ]
    return select(union_all(*each).subquery("meant"))


def beyond(principal: Principal, past: bool) -> Select[Any]:
    """Which output ports of the lines in `edge` are read by lines that are not in `lines`."""
    statement = resolved(SOURCE.c.line_id, READING.c.port_name, at=moment(past)).distinct()
    inside, edge = among(READER.c.line_id, "lines"), among(SOURCE.c.line_id, "edge")
    both = (visible(principal, listing.c.domain) for listing in (READER, SOURCE))
    return statement.where(edge, not_(inside), *both)
