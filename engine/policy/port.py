"""What does every policy engine owe to whoever asks it?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from engine.model import Answer, Bundle, Json


@dataclass(frozen=True, slots=True)
class Question:
    """What do these policies say about this document, the effective input?"""

    policies: Sequence[str]
    document: Mapping[str, Json]


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

    @property
    def holds_several(self) -> bool:
        """Whether it keeps several bundles at hand, so that it may be asked about another one in between for little."""
        ...

    def evaluate(self, bundle: Bundle, policies: Sequence[str], document: Mapping[str, Json]) -> dict[str, Answer]:
        """Ask `policies` of `bundle` about `document`, the effective input with `_context.policies` filled.

        An id that the bundle does not hold is answered by a `PolicyFailure`. Raises PolicyEngineUnavailable.
        """
        ...

    def evaluate_each(self, bundle: Bundle, questions: Sequence[Question]) -> list[dict[str, Answer] | None]:
        """What `evaluate` answers to each question, had for less than one call each; None where it must be asked alone.

        That is what this is for: whatever does not go well at once (an error, an answer of another shape, a worker or
        server that is lost, time that is over) is left to `evaluate`, which keeps its promises one document at a time.
        It never raises, and takes about the time that one question may take, however many there are.
        """
        ...

    def close(self) -> None:
        """Leave no process and no thread behind; closing twice is fine."""
        ...
