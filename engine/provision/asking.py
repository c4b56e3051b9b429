"""How does an adapter ask another machine, without knowing how this installation goes out to the network?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol


class Answer(NamedTuple):
    """What came back: the status, the headers by lower-case name, and the whole body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Ask(Protocol):
    """One HTTP call to an allowed address, without redirects, by one deadline, with at most so many bytes of answer.

    Raises ProvisioningFailed: INVALID where the address may not be asked, TRANSIENT where nothing was reached,
    TIMEOUT where the answer of a reading call is late, and UNKNOWN_OUTCOME where a writing one may have been heard.
    """

    def __call__(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes, seconds: float, at_most: int
    ) -> Answer: ...
