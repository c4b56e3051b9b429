"""Which indicator does a name mean, and which way is better?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from engine.evaluation.quantities import Dimension, Quantity, divided

_WORD = re.compile(r"[^\W_]+")
_RATIO_WORDS = ("availability", "uptime", "completeness", "accuracy", "validity", "uniqueness", "errorrate", "coverage")
_LESS = re.compile(
    r"error|fail|loss|lost|missing|duplicate|null|late|latency|lag|delay|age$|staleness|freshness|responsetime|downtime"
)
_LONGER = re.compile(r"retention|history|uptime|mtbf|timebetweenfailures")


class Comparator(StrEnum):
    """How an observed value has to stand to the threshold of a promise."""

    LESS = "<"
    AT_MOST = "<="
    EQUAL = "=="
    AT_LEAST = ">="
    MORE = ">"

    @property
    def wants_less(self) -> bool:
        return self in (Comparator.LESS, Comparator.AT_MOST)

    def holds(self, observed: float, threshold: float) -> bool:
        """Whether the observed amount keeps the threshold."""
        return {
            Comparator.LESS: observed < threshold,
            Comparator.AT_MOST: observed <= threshold,
            Comparator.EQUAL: observed == threshold,
            Comparator.AT_LEAST: observed >= threshold,
            Comparator.MORE: observed > threshold,
        }[self]


SPELLINGS: Mapping[str, Comparator] = {
    **{str(one): one for one in Comparator},
    **{"≤": Comparator.AT_MOST, "≥": Comparator.AT_LEAST, "=": Comparator.EQUAL},
    **{"lt": Comparator.LESS, "lte": Comparator.AT_MOST, "eq": Comparator.EQUAL},
    **{"gte": Comparator.AT_LEAST, "gt": Comparator.MORE},
}


@dataclass(frozen=True, slots=True)
class Indicator:
    """A name as it is written, and the key under which its spellings (`responseTime`, `response_time`) are one."""

    name: str

    @property
    def key(self) -> str:
        return key_of(self.name)

    def read(self, amount: Quantity) -> Quantity:
        """A number without a unit of an indicator that is a share: 99.5 is taken for per cent, 0.995 for the share."""
        if amount.dimension is not Dimension.NUMBER or amount.unit or not self.key.endswith(_RATIO_WORDS):
            return amount
        share = amount.amount if abs(amount.amount) <= 1 else divided(amount.amount, 100)
        return Quantity(share, Dimension.RATIO, "ratio")

    def better(self, dimension: Dimension) -> Comparator:
        """The comparator of a promise that names none: errors, delays and times are to be few and short."""
        if _LONGER.search(self.key):
            return Comparator.AT_LEAST
        less = dimension is Dimension.TIME or _LESS.search(self.key) is not None
        return Comparator.AT_MOST if less else Comparator.AT_LEAST


def key_of(name: str) -> str:
    """The letters and digits of a name, in one case."""
    return "".join(_WORD.findall(name)).casefold()
