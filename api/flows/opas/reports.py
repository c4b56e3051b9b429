"""What does an OPA server's status or decision log say, and how is it kept?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import orjson

from api.auth.permissions import Action, may, require
from api.flows.bundles import NAME
from engine.errors import NotFound, UsageError
from engine.model import Json, Principal

if TYPE_CHECKING:
    from api.wiring import House
    from catalog.opas import Opa, OpaDecision

LARGEST = 256 << 10
"""Bytes of one log entry; a larger one is kept without what was asked and answered, and says so."""
LARGEST_LIST = 10_000
QUOTING = ("nd_builtin_cache", "intermediate_results")
"""Parts of an entry that may hold pieces of the input in places that no mask policy can name."""
TEXT = 2_000
"""Characters of one text that an OPA tells of itself."""


@dataclass(frozen=True, slots=True)
class Logged:
    """What became of the entries of one upload."""

    stored: int
    known: int
    unreadable: int


def status(report: Json, *, principal: Principal, house: House) -> Opa:
    """Keep what an OPA says of itself (OPA's status API). Raises Forbidden, UsageError for what is no status."""
    from catalog import opas

    require(principal, Action.REPORT)
    opa = _opa(report, house.clock())
    with house.database.work(principal, at=opa.at) as work:
        opas.heard(work, opa)
        work.commit()
    return opa


def log(events: Json, *, principal: Principal, house: House) -> Logged:
    """Keep the entries of a decision log (OPA's decision log API), each once, with what OPA masked in them.

    An entry without `decision_id` is counted and left out: OPA would send the whole batch again for ever. Raises
    Forbidden, UsageError for what is no list of entries.
    """
    from catalog import opas

    require(principal, Action.REPORT)
    if not isinstance(events, list) or len(events) > LARGEST_LIST:
        raise UsageError(f"A decision log is a list of at most {LARGEST_LIST} entries.")
    entries = list(_entries(events))
    with house.database.work(principal, at=house.clock()) as work:
        stored = opas.logged(work, entries)
        work.commit()
    return Logged(stored, len(entries) - stored, len(events) - len(entries))


def entry(decision_id: str, *, principal: Principal, house: House) -> bytes:
    """The JSON of this log entry: as it came for auditors, masked for everybody else as every decision is.

    What an OPA may log beside question and answer quotes them, so it is hidden too where there is a mask policy.
    Raises NotFound, Forbidden, MaskInvalid.
    """
    require(principal, Action.READ)
    found = house.opas.decision(decision_id)
    if found is None:
        raise NotFound(f"No OPA server logged a decision `{decision_id}` lately.")
    if (mask := house.mask) is None or may(principal, Action.AUDIT):
        return found.event
    told = {name: value for name, value in orjson.loads(found.event).items() if name not in QUOTING}
    return orjson.dumps(mask.masked(told))


def known(*, principal: Principal, house: House, first: int = 100, after: str = "") -> tuple[Opa, ...]:
    """The OPA servers that reported lately, by id. Raises Forbidden."""
    require(principal, Action.READ)
    return house.opas.page(first=first, after=after)


def _entries(events: Sequence[Json]) -> Iterator[OpaDecision]:
    from catalog.opas import OpaDecision

    for event in events:
        told = event.get("decision_id") if isinstance(event, dict) else None
        if not isinstance(told, str) or not told:
            continue
        content = orjson.dumps(event)
        if len(content) > LARGEST:
            content = orjson.dumps(_cut(event))
        yield OpaDecision(
            decision_id=_text(told),
            opa=_text(_object(event, "labels").get("id")),
            revision=_text(_bundle(event).get("revision") or event.get("revision")),
            path=_text(event.get("path")),
            timestamp=_text(event.get("timestamp")),
            event=content,
        )


def _cut(event: Mapping[str, Json]) -> dict[str, Json]:
    """The entry without its large parts; `meshgate_cut` names them."""
    small = ("decision_id", "trace_id", "timestamp", "path", "requested_by", "erased", "masked")
    kept = {name: event[name] for name in small if name in event and len(orjson.dumps(event[name])) < TEXT}
    return {**kept, "meshgate_cut": sorted(event.keys() - kept.keys())}


def _opa(report: Json, now: datetime) -> Opa:
    from catalog.opas import Opa

    labels = _object(report, "labels")
    told = labels.get("id")
    if not isinstance(told, str) or not told:
        raise UsageError("A status names its OPA in `labels.id`.")
    bundle = _bundle(report)
    errors = bundle.get("errors")
    return Opa(
        id=_text(told),
        labels={_text(key): _text(value) for key, value in list(labels.items())[:50]},
        revision=_text(bundle.get("active_revision")),
        activated=_text(bundle.get("last_successful_activation")),
        requested=_text(bundle.get("last_successful_request")),
        code=_text(bundle.get("code")),
        message=_text(bundle.get("message")),
        errors=[_text(one) for one in errors[:20]] if isinstance(errors, list) else [],
        at=now,
    )


def _bundle(report: Json) -> Mapping[str, Json]:
    """What is told of our bundle: the one of its name, else the only one, which an OPA may call as it likes."""
    bundles = _object(report, "bundles")
    return _object(bundles, NAME) or (_object(bundles, next(iter(bundles))) if len(bundles) == 1 else {})


def _object(value: Json, key: str) -> Mapping[str, Json]:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def _text(value: Json) -> str:
    """The value as one bounded text: an OPA tells texts, and anything else is shown as JSON."""
    told = "" if value is None else value if isinstance(value, str) else orjson.dumps(value).decode()
    return told[:TEXT]
