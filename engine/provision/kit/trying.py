"""Which promises does this adapter keep?"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from engine.errors import ProvisioningFailed
from engine.provision.kit.adopting import PROMISES as OF_ADOPTING
from engine.provision.kit.building import PROMISES as OF_BUILDING
from engine.provision.kit.case import Broken, Case, Skipped
from engine.provision.kit.promises import PROMISES

EVERY = {**PROMISES, **OF_ADOPTING, **OF_BUILDING}
"""Each promise by the sentence that it keeps, in order."""


class Kept(StrEnum):
    """How a promise ended; `skipped` is no promise kept, its reason says why it could not be tried."""

    KEPT = "kept"
    BROKEN = "broken"
    SKIPPED = "skipped"


class Result(NamedTuple):
    """One promise, and how it ended."""

    promise: str
    kept: Kept
    reason: str


def tried(case: Case) -> Iterator[Result]:
    """Every promise in order, as soon as it was tried."""
    for says in EVERY:
        yield one(says, case)


def one(says: str, case: Case) -> Result:
    """How one promise ended; whatever else is raised breaks it too."""
    try:
        EVERY[says](case)
    except Skipped as reason:
        return Result(says, Kept.SKIPPED, str(reason))
    except Broken as reason:
        return Result(says, Kept.BROKEN, str(reason))
    except ProvisioningFailed as error:
        return Result(says, Kept.BROKEN, f"{error.context.get('error_class')}: {error.detail}")
    except (Exception, SystemExit) as error:  # one that ends the process keeps no promise
        return Result(says, Kept.BROKEN, f"{type(error).__name__}: {error}")
    return Result(says, Kept.KEPT, "")
