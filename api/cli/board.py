"""What do the events of a deployment add up to, for who watches: one line each, or one picture of all?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from engine.report.terminal import harmless

Told = dict[str, Any]


def named(fqn: str) -> str:
    """The kind and name of a resource, of which the whole fqn would fill the line."""
    return harmless(":".join(fqn.split(":")[-2:]))


def line(event: Told) -> str:
    """One event in words, behind the time of day in UTC at which it happened."""
    moment = datetime.fromisoformat(event["at"]).astimezone(UTC)
    return f"{moment:%H:%M:%S}Z  {harmless(_words(event))}"


def _words(event: Told) -> str:
    kind, details, reason = event["kind"], event["details"], event["reason"]
    about = f"{named(event['resource'])}: " if event["resource"] else ""
    match kind:
        case "requested":
            why = " because it drifted" if details["cause"] == "drift" else ""
            return f"{details['action']} of {details['version']} to {details['environment']} is asked for{why}"
        case "planned":
            found = ", ".join(f"{one['action']} {named(one['resource'])}" for one in details["actions"]) or "nothing"
            return f"to undo it: {found}" if details["leg"] == "back" else f"to be done: {found}"
        case "begun":
            again = f", try {details['try']}" if details["try"] > 1 else ""
            return f"{about}{details['action']} by {details['adapter']}{again}"
        case "progress":
            percent = f"{details['percent']} % " if "percent" in details else ""
            return f"{about}{percent}{reason}".rstrip()
        case "waiting":
            return f"{about}waits for {details['for']} until {_time(details['until'])}: {reason}"
    why = f": {event['error_class']} {reason}".rstrip() if reason or event["error_class"] else ""
    return f"{about}{event['state']}{why}"


def _time(moment: str) -> str:
    return f"{datetime.fromisoformat(moment).astimezone(UTC):%H:%M:%S}Z"


@dataclass(slots=True)
class Part:
    """One resource: what its adapter is asked for, its state, and what there is to say of it."""

    action: str = ""
    adapter: str = ""
    state: str = "planned"
    says: str = ""
    percent: int | None = None


@dataclass(slots=True)
class Board:
    """A deployment as its events tell it, one after the other."""

    what: str = ""
    state: str = ""
    reason: str = ""
    parts: dict[str, Part] = field(default_factory=dict)
    waits: Told | None = None

    def hear(self, event: Told) -> None:
        """Take in the next event."""
        details = event["details"]
        self.waits = event if event["kind"] in ("waiting", "progress") else None
        match event["kind"]:
            case "requested":
                name = ":".join(details["fqn"].split(":")[-2:])
                self.what = harmless(f"{name} {details['version']} to {details['environment']}")
                self.state = event["state"]
            case "state":
                self.state, self.reason = event["state"], harmless(event["reason"])
            case "planned":
                for one in details["actions"]:
                    kept = "ready" if one["action"] == "noop" else "planned"
                    self.parts[one["resource"]] = Part(one["action"], one["adapter"], kept, harmless(one["reason"]))
        if event["resource"]:
            self._part(event, details)

    def _part(self, event: Told, details: Told) -> None:
        part = self.parts.setdefault(event["resource"], Part())
        part.state = event["state"] or part.state
        part.says = part.says if event["kind"] == "waiting" else harmless(event["reason"])
        part.percent = details.get("percent", part.percent if event["kind"] == "waiting" else None)

    def waiting(self, now: datetime) -> Iterator[str]:
        """What blocks, why, and in how many seconds it is tried again."""
        if self.waits is None:
            return
        seconds = max(0, round((datetime.fromisoformat(self.waits["details"]["until"]) - now).total_seconds()))
        about = f" {named(self.waits['resource'])}" if self.waits["resource"] else ""
        yield f"waits for {self.waits['details']['for']}{about}; looked at again in {seconds} s"
        if self.waits["reason"]:
            yield f"  {harmless(self.waits['reason'])}"
