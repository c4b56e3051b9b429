"""What does a consumer see of rows whose columns are masked?

Nothing of a masked column is told besides its name: not its type, not how long its values are, which are missing, or
how they are ordered.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.sampling.cells import Cell
from engine.sampling.rules import Treatment

HIDDEN = "***"
SHORTEST = 4
"""Characters of a value of which the first may be told."""
READ = (Treatment.SHOW, Treatment.HASH, Treatment.PARTIAL)


@dataclass(frozen=True, slots=True)
class Masking:
    """How each of the columns of an answer is shown, in their order.

    The key of the hashes is thrown away with the answer: nobody can try values, or join what was shown at other times.
    """

    treatments: Mapping[str, Treatment]
    key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    @property
    def read(self) -> tuple[str, ...]:
        """The columns whose values are needed."""
        return tuple(name for name, one in self.treatments.items() if one in READ)

    @property
    def hides(self) -> bool:
        return any(one is not Treatment.SHOW for one in self.treatments.values())

    def shown(self, values: Sequence[Cell]) -> list[Cell]:
        """The row, of the values of the columns in `read`."""
        given = iter(values)
        return [self._one(one, next(given) if one in READ else None) for one in self.treatments.values()]

    def _one(self, treatment: Treatment, value: Cell) -> Cell:
        if treatment is Treatment.HASH:
            return hmac.new(self.key, json.dumps(value).encode(), hashlib.sha256).hexdigest()[:16]
        if treatment is Treatment.PARTIAL:
            return value[0] + HIDDEN if isinstance(value, str) and len(value) >= SHORTEST else HIDDEN
        return value if treatment is Treatment.SHOW else None


def ordered(rows: Sequence[list[Cell]]) -> list[list[Cell]]:
    """The rows by what is shown of them: their order in the source may tell of what is not."""
    return sorted(rows, key=lambda row: json.dumps(row, ensure_ascii=False))
