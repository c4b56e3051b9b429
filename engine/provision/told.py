"""What did the other side say by itself about a resource, in a callback?"""

from __future__ import annotations

from typing import Protocol

from engine.provision.contract import Body


class Told(Protocol):
    """The content of the first callback that told an end, for this generation of a resource; None where none came.

    It came to an address that nobody can guess, and nothing else vouches for it: whoever can ask, asks.
    """

    def __call__(self, resource_id: str, generation: int) -> Body | None: ...


def nothing(resource_id: str, generation: int) -> Body | None:
    """Where no callback is taken."""
    return None
