"""What does somebody say was measured, and can it be meant?"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import orjson

from engine.evaluation.indicators import Indicator
from engine.evaluation.promises import LONGEST_WINDOW
from engine.evaluation.quantities import Dimension, Quantity, quantity
from engine.model import Json

AHEAD = timedelta(minutes=5)
"""How far the clock of whoever measures may be ahead of ours."""

_LONGEST = {"id": 200, "product": 1000, "port": 500, "indicator": 100, "unit": 50, "source": 500}
_REQUIRED = ("id", "product", "indicator", "value", "observedAt")
_KNOWN = frozenset({*_LONGEST, *_REQUIRED, "window"})


class Refusal(NamedTuple):
    """Why one observation is not taken: a stable code, and in words what is wrong and what would do."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Measurement:
    """One observation as it was sent, understood: `covers` are the seconds before `observed_at` that it speaks of."""

    id: str
    product: str
    port: str
    indicator: Indicator
    value: str
    amount: Quantity
    observed_at: datetime
    covers: float | None
    source: str

    @property
    def digest(self) -> str:
        """The same for the same content."""
        told = [self.product, self.port, self.indicator.name, self.value, self.amount.amount, self.amount.unit]
        told += [self.observed_at.astimezone(UTC).isoformat(), self.covers, self.source]
        return hashlib.sha256(orjson.dumps(told)).hexdigest()


class _Wrong(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.refusal = Refusal(code, message)


def measurement(sent: Json, *, now: datetime) -> Measurement | Refusal:
    """The measurement in `{id, product, port?, indicator, value, unit?, observedAt, window?, source?}`."""
    try:
        return _read(sent, now)
    except _Wrong as wrong:
        return wrong.refusal


def _read(sent: Json, now: datetime) -> Measurement:
    if not isinstance(sent, Mapping):
        raise _Wrong("field-invalid", "An observation is an object.")
    if unknown := sorted(set(sent) - _KNOWN):
        raise _Wrong("field-unknown", f"There is no field {_named(unknown)}; there are {_named(sorted(_KNOWN))}.")
    if missing := [name for name in _REQUIRED if sent.get(name) is None]:
        raise _Wrong("field-missing", f"The field {_named(missing)} is missing.")
    texts = {name: _text(sent.get(name), name) for name in _LONGEST}
    for name in ("id", "product"):
        if not texts[name]:
            raise _Wrong("field-invalid", f"`{name}` is empty.")
    indicator = Indicator(texts["indicator"])
    if not indicator.key:
        raise _Wrong("field-invalid", "`indicator` has neither letters nor digits.")
    amount = _amount(sent["value"], texts["unit"], indicator)
    moment = _moment(sent["observedAt"], now)
    value = str(sent["value"]).strip()
    covers = _covers(sent.get("window"))
    told = (texts["id"], texts["product"], texts["port"], indicator, value, amount, moment, covers, texts["source"])
    return Measurement(*told)


def _text(value: Json, name: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _Wrong("field-invalid", f"`{name}` is no text.")
    if len(value) > _LONGEST[name]:
        raise _Wrong("field-invalid", f"`{name}` is longer than {_LONGEST[name]} characters.")
    return value.strip()


def _amount(value: Json, unit: str, indicator: Indicator) -> Quantity:
    amount = quantity(value, unit)
    if amount is None:
        told = "`value` is no finite number; send a number with `unit`, or a text such as `99.5 %` or PT5M."
        raise _Wrong("value-invalid", told)
    return indicator.read(amount)


def _moment(value: Json, now: datetime) -> datetime:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        moment = moment.astimezone(UTC) if moment is not None and moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        moment = None
    if moment is None:
        raise _Wrong("field-invalid", "`observedAt` is no moment in ISO 8601 with its time zone.")
    if moment > now + AHEAD:
        raise _Wrong("observed-in-future", f"`observedAt` is after {(now + AHEAD).isoformat(timespec='seconds')}.")
    return moment


def _covers(value: Json) -> float | None:
    """A number of seconds or a period; None where it was not sent."""
    if value is None:
        return None
    amount = quantity(value, "s" if isinstance(value, int | float) else "")
    if amount is None or amount.dimension is not Dimension.TIME or not 0 < amount.amount <= LONGEST_WINDOW:
        raise _Wrong("field-invalid", "`window` is no period above nothing and up to 366 days, such as PT1H.")
    return amount.amount


def _named(names: list[str]) -> str:
    return ", ".join(f"`{name[:60]}`" for name in names[:12])
