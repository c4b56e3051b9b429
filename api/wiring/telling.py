"""What is told of decisions and changes, and to whom?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.part import part
from api.wiring.deciding import Deciding
from api.wiring.remembering import Remembering

if TYPE_CHECKING:
    from api.flows.decisions import Seen
    from api.flows.replay import PastRules
    from catalog.log import Log
    from engine.policy.mask import Mask


class Telling(Deciding, Remembering):
    """The parts through which what was recorded leaves the house."""

    @part
    def mask(self) -> Mask | None:
        """What the governance folder hides of decisions that leave; None where it says nothing. Raises MaskInvalid."""
        from engine.policy import mask

        return mask.load(self.settings.governance, self._embedded.workers) if self.settings.governance else None

    @part
    def log(self) -> Log:
        """The whole log of decisions, as it is kept; only flows that mask or audit read it."""
        from catalog.log import Log

        return Log(self.database)

    @property
    def past_rules(self) -> PastRules:
        """Where the rules of an earlier bundle revision are found."""
        from api.flows.replay import OnlyThoseInForce

        return OnlyThoseInForce(self.rules)

    @part
    def seen(self) -> Seen:
        """Decisions as whoever asks may see them."""
        from api.flows.decisions import Seen

        return Seen(self.decisions, self.log, mask=lambda: self.mask)
