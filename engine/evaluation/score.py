"""Is what a trust formula said a score, and which?

Anything else is no score: a formula that errs makes the score unknown, with the reason, and never a number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.model import Json

MOST_TERMS = 20
MOST_EVIDENCE = 50
LONGEST = 500
HEAVIEST = 1e6
"""The largest weight of a term: shown beside the others, it should mean something."""

_TERM = frozenset({"name", "weight", "value", "evidence", "as_of"})


class ScoreInvalid(ValueError):
    """What the formula said is no score; the message says why."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a term rests on: `ref` is a decision's, observation's or product's id or a JSON Pointer, as `kind` says."""

    kind: str
    ref: str


@dataclass(frozen=True, slots=True)
class Term:
    """One part of a score; `value` is None where nothing is known, `as_of` since when it is so."""

    name: str
    weight: float
    value: float | None
    evidence: tuple[Evidence, ...]
    as_of: datetime | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """How far a product may be trusted, from 0 to 1, with every term that the formula weighed."""

    value: float
    terms: tuple[Term, ...]
    grade: str = ""


def score(said: Json) -> Score:
    """The score in `{value, terms: [{name, weight, value, evidence, as_of, note?}], grade?}`. Raises ScoreInvalid."""
    told = _object(said, "the formula's word", {"value", "terms"}, {"grade"})
    terms = _list(told["terms"], "terms", MOST_TERMS)
    if not terms:
        raise ScoreInvalid("`terms` is empty: a score shows what it is made of")
    read = tuple(_term(one) for one in terms)
    names = [one.name for one in read]
    if len(set(names)) != len(names):
        raise ScoreInvalid("two terms have one name")
    return Score(_number(told["value"], "`value`", 1), read, _text(told.get("grade", ""), "grade", empty=True))


def _term(one: Json) -> Term:
    told = _object(one, "a term", _TERM, {"note"})
    name = _text(told["name"], "the name of a term")
    value = told["value"]
    evidence = _list(told["evidence"], f"the evidence of `{name}`", MOST_EVIDENCE)
    return Term(
        name,
        _number(told["weight"], f"the weight of `{name}`", HEAVIEST),
        None if value is None else _number(value, f"the value of `{name}`", 1),
        tuple(_evidence(each, name) for each in evidence),
        _moment(told["as_of"], name),
        _text(told.get("note", ""), f"the note of `{name}`", empty=True),
    )


def _evidence(one: Json, name: str) -> Evidence:
    told = _object(one, f"evidence of `{name}`", {"kind", "ref"}, set())
    return Evidence(_text(told["kind"], "the kind of evidence"), _text(told["ref"], "the ref of evidence", empty=True))


def _object(value: Json, what: str, required: set[str] | frozenset[str], more: set[str]) -> Mapping[str, Json]:
    if not isinstance(value, Mapping):
        raise ScoreInvalid(f"{what} is no object")
    if wrong := (required - set(value)) | (set(value) - required - more):
        raise ScoreInvalid(f"{what} lacks or does not know {', '.join(f'`{key}`' for key in sorted(wrong))}")
    return value


def _list(value: Json, what: str, most: int) -> Sequence[Json]:
    if not isinstance(value, list):
        raise ScoreInvalid(f"{what} is no array")
    if len(value) > most:
        raise ScoreInvalid(f"{what} holds {len(value)} entries, more than {most}")
    return value


def _number(value: Json, what: str, most: float) -> float:
    """A finite number from 0 to `most`."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ScoreInvalid(f"{what} is no number")
    if not 0 <= value <= most:  # neither does NaN
        raise ScoreInvalid(f"{what} is not from 0 to {most:g}")
    return float(value)


def _text(value: Json, what: str, *, empty: bool = False) -> str:
    if not isinstance(value, str) or not (value or empty):
        raise ScoreInvalid(f"{what} is no text")
    if len(value) > LONGEST:
        raise ScoreInvalid(f"{what} is longer than {LONGEST} characters")
    return value


def _moment(value: Json, name: str) -> datetime | None:
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(_text(value, f"as_of of `{name}`"))
    except ValueError as reason:
        if isinstance(reason, ScoreInvalid):
            raise
        raise ScoreInvalid(f"as_of of `{name}` is no moment in ISO 8601") from None
    if moment.tzinfo is None:
        raise ScoreInvalid(f"as_of of `{name}` has no time zone")
    return moment
