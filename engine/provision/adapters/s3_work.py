"""How is what was asked for brought about, whoever else asks at the same moment?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from engine.provision.adapters import s3_wish as wish
from engine.provision.adapters.s3_bucket import Bucket, Look
from engine.provision.adapters.s3_records import Kept, Records
from engine.provision.adapters.s3_settings import Settings
from engine.provision.adapters.s3_wish import GONE, MADE, Record
from engine.provision.adapters.sql_names import Body, refused, stale

ROUNDS = 20
"""How often a record that others change is read again before somebody else has to go on."""


class Seen(NamedTuple):
    """A resource: what is remembered of it, its bucket, how that looks, and whether it is this resource's."""

    kept: Kept
    bucket: Bucket
    look: Look | None
    ours: bool

    @property
    def record(self) -> Record | None:
        return self.kept.record

    @property
    def highest(self) -> int:
        """The highest generation asked for; by the tags where the record is lost."""
        if self.record is not None:
            return self.record.highest
        return _generation(self.look) if self.look is not None and self.ours else 0


class Work:
    """One call about one resource, with a client of its own."""

    def __init__(self, client: Any, settings: Settings, ref: Mapping[str, Any]) -> None:
        self._client, self._settings, self._ref = client, settings, ref
        self.records = Records(client, settings.records, settings.region)
        self._key = wish.key_of(ref)

    def bucket(self, name: str) -> Bucket:
        return Bucket(self._client, name, self._settings.region)

    def seen(self) -> Seen:
        """Raises Unreadable where no bucket can bear the name, and what botocore raises."""
        kept = self.records.read(self._key)
        there = kept.record is not None and kept.record.wish != GONE and kept.record.bucket
        bucket = self.bucket(there or wish.bucket_of(self._ref, self._settings.bucket_prefix))
        look = bucket.look()
        return Seen(kept, bucket, look, look is not None and self._is_ours(kept.record, look, bucket))

    def observation(self, seen: Seen) -> Body:
        """What is there, by its tags and not by what is remembered; a lost label shows as generation 0."""
        if seen.look is None or not seen.ours:
            return {"state": "absent"}
        record = seen.record or Record(0, seen.bucket.name, MADE)
        return {
            "state": "present",
            "generation": _generation(seen.look),
            "fingerprint": seen.look.fingerprint(),
            "outputs": {**wish.outputs(record), **self._settings.outputs()},
            "retained": seen.look.ours.get("retained") == "true",
        }

    def settle(self, change: Callable[[Seen], Record]) -> Body:
        """Write the record, then bring the bucket to what the record wishes by then, whoever wrote it last.

        Raises what `change` raises and what botocore raises.
        """
        first = self.seen()
        refusal = self._recorded(first, change) or self._brought()
        if refusal:
            return refusal
        last = self.seen()
        before, after = self.observation(first), self.observation(last)
        return self._stale(last) or {"state": "done", "changed": before != after, "observation": after}

    def _recorded(self, seen: Seen, change: Callable[[Seen], Record]) -> Body | None:
        """A refusal where a newer generation was there, or others were always faster."""
        for _ in range(ROUNDS):
            if refusal := self._stale(seen):
                return refusal
            record = change(seen)
            if record == seen.record or self.records.write(self._key, record, seen.kept):
                return None
            seen = self.seen()
        return refused("CONFLICT", "others keep changing what is asked for")

    def _brought(self) -> Body | None:
        """A refusal where others keep changing the record."""
        for _ in range(ROUNDS):
            kept = self.records.read(self._key)
            if kept.record is None:
                return refused("UNKNOWN_OUTCOME", "its record is gone or damaged")
            if kept.record.bucket:
                goes_on = lambda etag=kept.etag: self.records.read(self._key).etag == etag  # noqa: E731
                self.bucket(kept.record.bucket).bring(kept.record, goes_on=goes_on)
            if self.records.read(self._key).etag == kept.etag:
                return None
        return refused("CONFLICT", "others keep changing what is asked for")

    def _stale(self, seen: Seen) -> Body | None:
        return stale(self._ref["generation"], seen.highest)

    def _is_ours(self, record: Record | None, look: Look, bucket: Bucket) -> bool:
        """By its tags, or because it was made for a record and not labelled yet."""
        if look.ours.get("resource_id") == self._ref["resource_id"]:
            return True
        if record is None:
            return False
        return record.wish != GONE or (not look.tags and look.policy is None and bucket.holds_nothing())


def _generation(look: Look) -> int:
    told = look.ours.get("generation", "")
    return int(told) if told.isascii() and told.isdigit() else 0
