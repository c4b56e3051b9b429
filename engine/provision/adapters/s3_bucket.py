"""How does a bucket look, and how is it brought to look as its record wishes?

Every step looks first and may be repeated. Policies and rules are compared by what they mean: servers tell one member
of a list as the member itself, and in another order.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.provision.adapters import s3_wish as wish
from engine.provision.adapters.s3_trouble import code, status
from engine.provision.adapters.s3_wish import GONE, LAYOUT, Record
from engine.provision.adapters.sql_names import Body, digest

RULE = ("ID", "Status", "Filter", "Prefix", "Expiration", "AbortIncompleteMultipartUpload", "Transitions",
        "NoncurrentVersionExpiration", "NoncurrentVersionTransitions")  # fmt: skip


PATIENCE = 180.0
"""Seconds for which objects are removed in one call."""


class Stuck(Exception):
    """An object cannot be removed; the message says which."""


class Unfinished(Exception):
    """There are more objects than can be removed in one call: the next one goes on."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a bucket looks; `layout` is a hash of the layout object, empty where there is none."""

    tags: Mapping[str, str]
    policy: Body | None
    rules: list[Body]
    layout: str

    @property
    def ours(self) -> dict[str, str]:
        return {name: text for name, text in self.tags.items() if name in wish.OURS}

    def fingerprint(self) -> str:
        return digest([self.ours, _plain(self.policy), _sorted(self.rules), self.layout])

    def is_as(self, record: Record) -> bool:
        return self.fingerprint() == wished_look(record).fingerprint()


def wished_look(record: Record) -> Look:
    """How the bucket looks once everything is as wished."""
    return Look(wish.tags(record), wish.policy(record), wish.rules(record), _hash(wish.layout(record)))


class Bucket:
    """One bucket of a server, by a client of boto3."""

    def __init__(self, client: Any, name: str, region: str) -> None:
        self._client, self.name, self._region = client, name, region

    def look(self) -> Look | None:
        """None where there is no such bucket."""
        if not self.exists():
            return None
        c, name = self._client, self.name
        policy = _or_none(lambda: json.loads(c.get_bucket_policy(Bucket=name)["Policy"]), "NoSuchBucketPolicy")
        rules = _or_none(
            lambda: c.get_bucket_lifecycle_configuration(Bucket=name)["Rules"], "NoSuchLifecycleConfiguration"
        )
        layout = _or_none(lambda: c.get_object(Bucket=name, Key=LAYOUT)["Body"].read(1 << 24), "NoSuchKey")
        return Look(tags_of(c, name), policy, _known(rules or []), _hash(layout))

    def exists(self) -> bool:
        """Raises ClientError where the server does not say, or says that it is somebody else's."""
        return _or_none(lambda: self._client.head_bucket(Bucket=self.name), "404", "NoSuchBucket") is not None

    def holds_nothing(self) -> bool:
        return not self._client.list_objects_v2(Bucket=self.name, MaxKeys=1).get("Contents")

    def bring(self, record: Record, *, goes_on: Callable[[], bool]) -> None:
        """Bring it to what the record wishes; `goes_on` is asked before each page of objects is removed."""
        if record.wish == GONE:
            self._remove(goes_on)
            return
        seen = self.look()
        if seen is None:
            self.make()
            seen = self.look() or Look({}, None, [], "")
        if wish.tags(record) != seen.ours:
            self._tag(seen, wish.tags(record))
        if _plain(seen.policy) != _plain(wish.policy(record)):
            self._let_in(wish.policy(record))
        if _sorted(seen.rules) != _sorted(wish.rules(record)):
            self._rule(wish.rules(record))
        if seen.layout != _hash(wish.layout(record)):
            self._lay_out(wish.layout(record))

    def make(self) -> None:
        where = {} if self._region in ("", "us-east-1") else {"LocationConstraint": self._region}
        more = {"CreateBucketConfiguration": where} if where else {}
        _or_none(lambda: self._client.create_bucket(Bucket=self.name, **more), "BucketAlreadyOwnedByYou")

    def _tag(self, seen: Look, tags: Mapping[str, str]) -> None:
        """Tags of others stay."""
        others = {name: text for name, text in seen.tags.items() if name not in wish.OURS}
        told = [{"Key": name, "Value": text} for name, text in {**others, **tags}.items()]
        self._client.put_bucket_tagging(Bucket=self.name, Tagging={"TagSet": told})

    def _let_in(self, policy: Body | None) -> None:
        if policy is None:
            _or_none(lambda: self._client.delete_bucket_policy(Bucket=self.name), "NoSuchBucketPolicy")
        else:
            self._client.put_bucket_policy(Bucket=self.name, Policy=json.dumps(policy))

    def _rule(self, rules: list[Body]) -> None:
        if rules:
            told = {"Rules": rules}
            self._client.put_bucket_lifecycle_configuration(Bucket=self.name, LifecycleConfiguration=told)
        else:
            self._client.delete_bucket_lifecycle(Bucket=self.name)

    def _lay_out(self, text: bytes | None) -> None:
        if text is None:
            self._client.delete_object(Bucket=self.name, Key=LAYOUT)
        else:
            self._client.put_object(Bucket=self.name, Key=LAYOUT, Body=text, ContentType="application/json")

    def _remove(self, goes_on: Callable[[], bool]) -> None:
        """Everything in it, old versions and unfinished uploads included, and then itself."""
        if not self.exists():
            return
        for page in self._pages():
            if not goes_on():
                return
            told = self._client.delete_objects(Bucket=self.name, Delete={"Objects": page, "Quiet": True})
            if told.get("Errors"):
                raise Stuck(f"{told['Errors'][0].get('Key')}: {told['Errors'][0].get('Message')}")
        for one in self._client.list_multipart_uploads(Bucket=self.name).get("Uploads", []):
            self._client.abort_multipart_upload(Bucket=self.name, Key=one["Key"], UploadId=one["UploadId"])
        if goes_on():
            _or_none(lambda: self._client.delete_bucket(Bucket=self.name), "NoSuchBucket", "404")

    def _pages(self) -> Iterator[list[Body]]:
        until = time.monotonic() + PATIENCE
        for page in self._client.get_paginator("list_object_versions").paginate(Bucket=self.name):
            found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
            if found:
                yield [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in found]
            if time.monotonic() > until:
                raise Unfinished


def tags_of(client: Any, bucket: str) -> dict[str, str]:
    """The tags of a bucket; none where it is gone or has none."""
    told = _or_none(lambda: client.get_bucket_tagging(Bucket=bucket)["TagSet"], "NoSuchTagSet", "NoSuchBucket")
    return {one["Key"]: one["Value"] for one in told or []}


def _or_none(ask: Callable[[], Any], *codes: str) -> Any:
    """The answer, or None where the server refuses with one of these codes."""
    from botocore.exceptions import ClientError

    try:
        return ask()
    except ClientError as error:
        if code(error) in codes or ("404" in codes and status(error) == 404):
            return None
        raise


def _known(rules: list[Body]) -> list[Body]:
    return [{key: value for key, value in one.items() if key in RULE} for one in rules]


def _sorted(rules: list[Body]) -> list[Body]:
    return sorted(rules, key=lambda one: json.dumps(one, sort_keys=True, default=str))


def _plain(policy: Any) -> Any:
    """The policy with every text as a sorted list, so that two spellings of one policy are equal."""
    if isinstance(policy, Mapping):
        return {key: _plain(value) for key, value in policy.items()}
    if isinstance(policy, list):
        return sorted((_plain(one) for one in policy), key=lambda one: json.dumps(one, sort_keys=True))
    return [policy] if isinstance(policy, str) else policy


def _hash(text: bytes | None) -> str:
    return "" if text is None else hashlib.sha256(text).hexdigest()
