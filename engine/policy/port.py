"""What does every policy engine owe to whoever asks it?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from engine.model import Answer, Bundle, Json


class PolicyEngine(Protocol):
    """What does each of these policies say about this document? (DESIGN §4, Engines)

    Every engine owes the same, and one contract suite asks it of all of them:

    - it answers for exactly the policies asked, or it raises `PolicyEngineUnavailable`: no policy passes because an
      engine said nothing, something unreadable, or something about another bundle;
    - what goes wrong inside one policy is a `PolicyFailure` of that policy and leaves the other answers as they are;
    - findings come in one order, whatever the order in which the engine found them;
    - it ends by its deadline, may be called from several threads at once, and is synchronous on the outside;
    - after `close()` neither a process nor a thread of it is left, and it answers no more.
    """

    @property
    def name(self) -> str:
        """`embedded`, `opa` or `in_memory`, as decisions record it."""
        ...

    @property
    def version(self) -> str:
        """The version of what evaluates; empty where nobody has told yet."""
        ...

    def evaluate(self, bundle: Bundle, policies: Sequence[str], document: Mapping[str, Json]) -> dict[str, Answer]:
        """Ask `policies` of `bundle` about `document`, the effective input with `_context.policies` filled.

        An id that the bundle does not hold is answered by a `PolicyFailure`. Raises PolicyEngineUnavailable.
        """
        ...

    def close(self) -> None:
        """Leave no process and no thread behind; closing twice is fine."""
        ...
