"""What can happen to a deployment, as its stream of events tells it?"""

from __future__ import annotations

from enum import StrEnum


class EventKind(StrEnum):
    """The closed set of kinds; who reads a stream may rely on it."""

    REQUESTED = "requested"
    STATE = "state"
    PLANNED = "planned"
    BEGUN = "begun"
    RESOURCE = "resource"
    PROGRESS = "progress"
    WAITING = "waiting"


class Cause(StrEnum):
    """Why a deployment was begun: somebody asked for it, a version was accepted, or what was made had drifted."""

    REQUEST = "request"
    ACCEPTANCE = "on_accept"
    DRIFT = "drift"
