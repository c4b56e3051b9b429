"""What was asked for last of each resource, and who may still change that?

A record is an object of the bucket of records, written only on condition that it is still the one that was read. Its
highest generation is the fence. Whoever changed a bucket reads the record again and goes on until bucket and record
agree, so that a worker which slept through a newer generation mends with its last step what it spoilt with the one
before.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from engine.provision.adapters import s3_wish as wish
from engine.provision.adapters.s3_trouble import code
from engine.provision.adapters.s3_wish import Record

TRIED = "meshgate-tries-conditions"
LOST = ("PreconditionFailed", "ConditionalRequestConflict", "412", "409")


class Unconditional(Exception):
    """The server writes whatever the condition says; nothing would hold back a zombie."""


class Kept(NamedTuple):
    """A record and the tag of the object that holds it; both empty where there is none."""

    record: Record | None
    etag: str


class Records:
    """The bucket of records; made when it is first needed."""

    def __init__(self, client: Any, bucket: str, region: str) -> None:
        self._client, self._bucket, self._region = client, bucket, region

    def read(self, key: str) -> Kept:
        from botocore.exceptions import ClientError

        try:
            told = self._client.get_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if code(error) in ("NoSuchKey", "NoSuchBucket", "404"):
                return Kept(None, "")
            raise
        return Kept(wish.read(told["Body"].read()), str(told["ETag"]))

    def write(self, key: str, record: Record, before: Kept) -> bool:
        """Whether it was written: not where somebody else did since `before` was read."""
        return self._put(key, record.text(), before.etag)

    def of(self, environment: str) -> Iterator[Record]:
        """The records of an environment."""
        from botocore.exceptions import ClientError

        pages = self._client.get_paginator("list_objects_v2")
        try:
            for page in pages.paginate(Bucket=self._bucket, Prefix=wish.place_of(environment)):
                found = [self.read(one["Key"]).record for one in page.get("Contents", [])]
                yield from (one for one in found if one is not None)
        except ClientError as error:
            if code(error) != "NoSuchBucket":
                raise

    def make_sure(self) -> None:
        """That there is a bucket of records, and that the server keeps to conditions. Raises Unconditional."""
        from engine.provision.adapters.s3_bucket import Bucket

        bucket = Bucket(self._client, self._bucket, self._region)
        if not bucket.exists():
            bucket.make()
        if self._put(TRIED, b"{}", "") and self._put(TRIED, b"{}", ""):
            raise Unconditional("the server ignores If-None-Match: without it nothing holds back an older worker")

    def _put(self, key: str, text: bytes, etag: str) -> bool:
        from botocore.exceptions import ClientError

        condition = {"IfMatch": etag} if etag else {"IfNoneMatch": "*"}
        try:
            self._client.put_object(Bucket=self._bucket, Key=key, Body=text, **condition)
        except ClientError as error:
            if code(error) in LOST:
                return False
            raise
        return True
