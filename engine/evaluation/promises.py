"""Which service levels do the output ports of a descriptor promise, in numbers?

DPDS leaves the definition of `promises.slo` open, so its usual shapes are read: an indicator as key with a value
(`freshness: PT1H`, at any depth, below `x-operationalSlo` or not), and objects or list items that name a threshold
with unit, operator, target and window. What is no quantity (prose, nested texts) promises nothing that can be measured.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.evaluation.indicators import SPELLINGS, Comparator, Indicator
from engine.evaluation.quantities import Dimension, Quantity, quantity
from engine.model import Json, Path, pointer

TARGET = 0.99
"""The share of observations that has to keep a threshold where the promise does not say."""

WINDOW = 30 * 86400.0
"""The seconds over which a promise is looked at where it does not say."""

LONGEST_WINDOW = 366 * 86400.0
MOST = 200
"""Promises of one descriptor that are read; the rest is left out."""
_DEEPEST = 8
_THRESHOLDS: Mapping[str, Comparator | None] = {
    **dict.fromkeys(("threshold", "value", "objective"), None),
    **dict.fromkeys(("max", "maximum", "mustbelessorequalto"), Comparator.AT_MOST),
    **dict.fromkeys(("min", "minimum", "mustbegreaterorequalto"), Comparator.AT_LEAST),
    **{"lessthan": Comparator.LESS, "mustbelessthan": Comparator.LESS},
    **{"greaterthan": Comparator.MORE, "mustbegreaterthan": Comparator.MORE},
}
_NAMES = ("indicator", "property", "metric", "sli", "name")
_TARGETS = ("target", "attainment")
_WINDOWS = ("window", "timewindow", "period")


@dataclass(frozen=True, slots=True)
class Promise:
    """One objective of an output port: the amount of `indicator` has to stand so to `threshold`.

    `target` is the share of observations that has to keep it over `window` seconds; `stated` says whether the author
    wrote the target. Of a ratio the threshold itself is the target: 99.5 % available may be down for 0.5 %.
    `pointer` leads to it in the effective descriptor, `written` is what stands there.
    """

    port: str
    indicator: Indicator
    comparator: Comparator
    threshold: Quantity
    target: float
    stated: bool
    window: float
    pointer: str
    written: str

    @property
    def of_shares(self) -> bool:
        """Whether observations are shares of one, so that each counts by how good it was."""
        return is_share(self.threshold, self.comparator)


def is_share(threshold: Quantity, comparator: Comparator) -> bool:
    """Whether a threshold is a share of one that may be kept more or less, so that it is its own target."""
    proper = threshold.dimension is Dimension.RATIO and 0 <= threshold.amount <= 1
    return proper and comparator is not Comparator.EQUAL


def promises(effective: Mapping[str, Json]) -> tuple[Promise, ...]:
    """The promises of all output ports, in the order of the descriptor; at most `MOST`."""
    found: list[Promise] = []
    for number, port in enumerate(_ports(effective)):
        definition = _object(_object(_object(port).get("promises")).get("slo")).get("definition")
        name = _object(port).get("name")
        at: Path = ("interfaceComponents", "outputPorts", number, "promises", "slo", "definition")
        for one in _within(definition, name if isinstance(name, str) else "", "", at, 0):
            found.append(one)
            if len(found) == MOST:
                return tuple(found)
    return tuple(found)


def _ports(effective: Mapping[str, Json]) -> list[Json]:
    listed = _object(effective.get("interfaceComponents")).get("outputPorts")
    return listed if isinstance(listed, list) else []


def _within(value: Json, port: str, name: str, at: Path, depth: int) -> Iterator[Promise]:
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for number, one in enumerate(value):
            if isinstance(one, Mapping | list):
                yield from _within(one, port, name, (*at, number), depth + 1)
    elif isinstance(value, Mapping):
        told = _told(value, port, name, at)
        if told is not None:
            yield told
            return
        for key, one in value.items():
            yield from _within(one, port, key, (*at, key), depth + 1)
    elif (made := _plain(value, port, name, at)) is not None:
        yield made


def _plain(value: Json, port: str, name: str, at: Path) -> Promise | None:
    """A key with a value: `availability: ">= 99.5 %"`."""
    operator, rest = _operator(value)
    return _made(port, name, operator, quantity(rest), at, written=str(value))


def _told(value: Mapping[str, Json], port: str, name: str, at: Path) -> Promise | None:
    """An object that names a threshold; None where it names none and so only groups others."""
    keys = {_plain_key(key): one for key, one in value.items()}
    where = next((key for key in (*_THRESHOLDS, "target") if _scalar(keys.get(key))), None)
    if where is None:
        return None
    unit = keys.get("unit")
    operator, rest = _operator(keys[where])
    named = keys.get("operator", keys.get("comparator"))
    comparator = operator or (SPELLINGS.get(named.strip().lower()) if isinstance(named, str) else None)
    named_so = next((keys[one] for one in _NAMES if isinstance(keys.get(one), str)), name)
    return _made(
        port,
        str(named_so),
        comparator or _THRESHOLDS.get(where),
        quantity(rest, unit.strip() if isinstance(unit, str) else ""),
        at,
        written=f"{keys[where]}{f' {unit}' if isinstance(unit, str) else ''}",
        target=_share([keys.get(one) for one in _TARGETS if one != where]),
        window=_window([keys.get(one) for one in _WINDOWS]),
    )


def _made(
    port: str,
    name: str,
    comparator: Comparator | None,
    amount: Quantity | None,
    at: Path,
    *,
    written: str,
    target: float | None = None,
    window: float = WINDOW,
) -> Promise | None:
    indicator = Indicator(name.removeprefix("x-"))
    if amount is None or not indicator.key:
        return None
    threshold = indicator.read(amount)
    better = comparator or indicator.better(threshold.dimension)
    if is_share(threshold, better):
        target, stated = (round(1 - threshold.amount, 12) if better.wants_less else threshold.amount), True
    else:
        target, stated = (TARGET, False) if target is None else (target, True)
    place = pointer(at)
    return Promise(port, indicator, better, threshold, target, stated, window, place, written)


def _operator(value: Json) -> tuple[Comparator | None, Json]:
    """The comparator that a text begins with, and the rest of it."""
    if isinstance(value, str):
        text = value.strip()
        for sign in ("<=", ">=", "==", "≤", "≥", "<", ">", "="):
            if text.startswith(sign):
                return SPELLINGS[sign], text[len(sign) :].strip()
    return None, value


def _share(values: list[Json]) -> float | None:
    """A target between nothing and all, as `99 %`, 99 or 0.99."""
    for value in values:
        amount = quantity(value)
        read = Indicator("coverage").read(amount) if amount is not None else None
        if read is not None and read.dimension is Dimension.RATIO and 0 <= read.amount <= 1:
            return read.amount
    return None


def _window(values: list[Json]) -> float:
    for value in values:
        amount = quantity(value) if isinstance(value, str) else None
        if amount is not None and amount.dimension is Dimension.TIME and 0 < amount.amount <= LONGEST_WINDOW:
            return amount.amount
    return WINDOW


def _plain_key(key: str) -> str:
    return key.removeprefix("x-").replace("_", "").replace("-", "").lower()


def _scalar(value: Any) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _object(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}
