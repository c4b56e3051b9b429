"""What do the events of a deployment add up to, for somebody who watches?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from api.cli.board import Board, line

STORE = "urn:dpds:org.example:dataproducts:orders:1:infrastructure:store"
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ACTION = {"action": "create", "adapter": "s3", "reason": "nothing is there", "resource": STORE, "destructive": False}


def event(kind: str, **told: Any) -> dict[str, Any]:
    empty = {"state": "", "resource": "", "reason": "", "error_class": "", "details": {}}
    return {"kind": kind, "at": "2026-11-23T12:00:00+00:00", **empty, **told}


ASKED = event(
    "requested",
    state="queued",
    details={
        "action": "deploy",
        "fqn": STORE.removesuffix(":infrastructure:store"),
        "version": "1.0.0",
        "environment": "dev",
        "cause": "drift",
    },
)
WAITS = event(
    "waiting",
    resource=STORE,
    reason="TRANSIENT: s3: busy (try 1 of 6)",
    error_class="TRANSIENT",
    details={"for": "retry", "until": "2026-11-23T12:00:09+00:00"},
)


def board(*events: dict[str, Any]) -> Board:
    made = Board()
    for one in events:
        made.hear(one)
    return made


def test_each_resource_has_its_state_and_how_far_its_adapter_is() -> None:
    planned = event("planned", details={"leg": "forward", "actions": [ACTION]})
    going = event("progress", resource=STORE, reason="copying", details={"for": "operation", "until": NOW.isoformat()})
    going["details"]["percent"] = 40
    seen = board(ASKED, planned, event("begun", resource=STORE, state="intent", details={}), going)
    part = seen.parts[STORE]
    assert (seen.what, seen.state) == ("orders:1 1.0.0 to dev", "queued")
    assert (part.state, part.action, part.adapter, part.percent, part.says) == ("intent", "create", "s3", 40, "copying")


def test_what_blocks_is_said_with_the_seconds_until_the_next_try_and_not_after_it() -> None:
    assert list(board(ASKED, WAITS).waiting(NOW)) == [
        "waits for retry infrastructure:store; looked at again in 9 s",
        "  TRANSIENT: s3: busy (try 1 of 6)",
    ]
    again = event("begun", resource=STORE, state="intent", details={"try": 2})
    assert list(board(ASKED, WAITS, again).waiting(NOW)) == []


def test_each_event_is_one_line_and_commands_no_terminal() -> None:
    assert line(ASKED) == "12:00:00Z  deploy of 1.0.0 to dev is asked for because it drifted"
    assert line(WAITS) == (
        "12:00:00Z  infrastructure:store: waits for retry until 12:00:09Z: TRANSIENT: s3: busy (try 1 of 6)"
    )
    hostile = event("resource", resource=STORE, state="failed", reason="\x1b[31mred\nline", error_class="INVALID")
    assert line(hostile) == "12:00:00Z  infrastructure:store: failed: INVALID \\x1b[31mred\\nline"
    begun = event("begun", resource=STORE, state="intent", details={"action": "create", "adapter": "s3", "try": 2})
    assert line(begun) == "12:00:00Z  infrastructure:store: create by s3, try 2"
