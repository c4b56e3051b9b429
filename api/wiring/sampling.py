"""Which parts show data of the mesh?"""

from __future__ import annotations

from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from api.part import part
from api.wiring.telling import Telling

if TYPE_CHECKING:
    from catalog.samples import Samples
    from engine.sampling.contract import Caps
    from engine.sampling.rules import SamplingPolicy


class Sampling(Telling):
    """What samples are taken with."""

    sampling_at_once = 4
    """Samples that this process takes at once: each is a process of its own."""

    @part
    def sampling(self) -> BoundedSemaphore:
        """The places for samples that are under way."""
        return BoundedSemaphore(self.sampling_at_once)

    @part
    def sampling_caps(self) -> Caps:
        from engine.sampling.contract import Caps

        return Caps()

    @part
    def sampling_policy(self) -> SamplingPolicy:
        """What the governance folder says of sampled data, else what is shipped. Raises SamplingPolicyInvalid."""
        from engine.sampling import rules

        return rules.load(self.settings.governance, self.embedded.workers)

    def refuse_a_bad_sampling_policy(self) -> None:
        """Read now what the governance folder brings; what is shipped needs no look, and perhaps nobody samples."""
        from engine.sampling import rules

        if self.settings.governance is not None and (self.settings.governance / rules.FOLDER).exists():
            _ = self.sampling_policy

    @part
    def samples(self) -> Samples:
        from catalog.samples import Samples

        return Samples(self.database)

    def secrets(self, reference: str) -> str:
        """What a reference in environments.yaml stands for. Raises LookupError."""
        from api.secret_references import resolved

        return resolved(reference)
