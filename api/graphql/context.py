"""What may a resolver use? The catalog's query objects, and who asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.model import Principal

if TYPE_CHECKING:
    from api.wiring import House


@dataclass(frozen=True, slots=True)
class Context:
    """One request: the parts of the house, and the principal that every read is filtered for."""

    house: House
    principal: Principal
