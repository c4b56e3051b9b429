"""What should a bucket look like, and what is it called?

Pure: a record (what was asked for last) in, names, tags, policy, lifecycle and layout out.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import quote

from engine.provision.adapters.asked_tables import Unreadable, asked_tables, usable
from engine.provision.adapters.sql_names import Body, is_port, labels, specification

MADE, RETAINED, GONE = "made", "retained", "gone"
OURS = ("managed-by", "resource_id", "container_id", "environment", "generation", "specification", "retained")
LAYOUT = "_meshgate/layout.json"
"""The object of a port's bucket that tells its tables; with what stands beside it the only one that is ours."""

UNSAFE = re.compile(r"[^a-z0-9]+")
TAG = re.compile(r"[\w +\-=.:/@]{1,200}", re.ASCII)
LONGEST = 63


@dataclass(frozen=True, slots=True)
class Record:
    """The last word on a resource: the highest generation asked for, and what its bucket should look like."""

    highest: int
    bucket: str
    wish: str
    labels: Mapping[str, Any] = field(default_factory=dict)
    tables: Sequence[Mapping[str, Any]] | None = None
    days: Mapping[str, int] = field(default_factory=dict)
    members: Sequence[str] = ()

    def text(self) -> bytes:
        return json.dumps(asdict(self), sort_keys=True, indent=1).encode("utf-8", "surrogatepass")


def read(text: bytes) -> Record | None:
    """The record; None for a damaged one, which the next apply writes anew from the labels of the bucket."""
    try:
        told = Record(**json.loads(text))
    except (ValueError, TypeError):
        return None
    return told if isinstance(told.highest, int) and told.wish in (MADE, RETAINED, GONE) else None


def key_of(ref: Mapping[str, Any]) -> str:
    """Where the record of a resource stands."""
    return f"{place_of(ref['environment'])}{ref['resource_id']}.json"


def place_of(environment: str) -> str:
    return f"environments/{_short(environment)}/"


def bucket_of(ref: Mapping[str, Any], prefix: str) -> str:
    """Told apart by the resource's id, never by a version; only characters that a bucket's name may have."""
    container, component = ref["container"], ref["component"]
    usable(component["name"], "the component", "/component/name")
    spoken = f"{ref['environment']}-{container['name']}-v{container['major']}-{component['name']}"
    readable = f"{prefix}{UNSAFE.sub('-', spoken.lower())}"[: LONGEST - 11].strip("-")
    return f"{readable}-{_short(ref['resource_id'])}"


def asked(request: Mapping[str, Any], settings: Mapping[str, Any]) -> tuple[list[Body] | None, dict[str, int]]:
    """The tables of a port (None for a storage) and after how many days what is removed. Raises Unreadable."""
    return (_tables(request) if is_port(request) else None), _days(request, settings)


def wished(request: Mapping[str, Any], settings: Mapping[str, Any], before: Record | None, bucket: str) -> Record:
    """What is to be remembered of an apply: who was let in stays let in. Raises Unreadable."""
    tables, days = asked(request, settings)
    members = before.members if before and before.wish == MADE else ()
    told = labels(request, specification({**request, "resolved": {}}))
    return Record(request["generation"], bucket, MADE, told, tables, days, list(members))


def tags(record: Record) -> dict[str, str]:
    """The labels as tags; what a tag cannot hold stands as a hash."""
    told = {**record.labels, "retained": "true"} if record.wish == RETAINED else dict(record.labels)
    return {name: _tag(str(told[name])) for name in OURS if name in told}


def environment_tag(environment: str) -> str:
    return _tag(environment)


def policy(record: Record) -> Body | None:
    """Exactly these may read, and nobody else by this policy; none where nobody was let in."""
    if record.wish != MADE or not record.members:
        return None
    whole = f"arn:aws:s3:::{record.bucket}"
    who = {"AWS": sorted(record.members)}
    listing = {"Sid": "MeshgateList", "Effect": "Allow", "Principal": who, "Action": "s3:ListBucket", "Resource": whole}
    reading = {"Sid": "MeshgateRead", "Effect": "Allow", "Principal": who, "Action": "s3:GetObject"}
    return {"Version": "2012-10-17", "Statement": [listing, {**reading, "Resource": f"{whole}/*"}]}


def rules(record: Record) -> list[Body]:
    """The lifecycle; what is retained never expires."""
    if record.wish != MADE:
        return []
    bodies = {
        "expire_days": ("Expiration", "Days"),
        "abort_days": ("AbortIncompleteMultipartUpload", "DaysAfterInitiation"),
    }
    return [
        {"ID": f"meshgate-{name}", "Status": "Enabled", "Filter": {"Prefix": ""}, body: {key: record.days[name]}}
        for name, (body, key) in bodies.items()
        if name in record.days
    ]


def layout(record: Record) -> bytes | None:
    """The text of the layout object of a port; what is retained keeps it."""
    if record.tables is None or record.wish == GONE:
        return None
    return json.dumps({"tables": list(record.tables)}, sort_keys=True, indent=2).encode("utf-8", "surrogatepass")


def outputs(record: Record) -> Body:
    """What a consumer has to know of the bucket."""
    told: Body = {"bucket": record.bucket, "location": f"s3://{record.bucket}/"}
    if record.tables is not None:
        told["prefixes"] = {one["name"]: one["prefix"] for one in record.tables}
    return told


def _tables(request: Mapping[str, Any]) -> list[Body]:
    """A prefix for each table of the Data Store API; a port of another API has the bucket to itself."""
    try:
        found = asked_tables(request)
    except Unreadable:
        if request["component"].get("type") == "datastoreapi":
            raise
        return []
    return [
        {"name": one.name, "prefix": f"{quote(one.name, safe='')}/",
         "columns": [{"name": column.name, "type": column.kind, "required": column.required} for column in one.columns]}
        for one in found
    ]  # fmt: skip


def _days(request: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, int]:
    """`x-s3` of the component over the settings of the binding. Raises Unreadable."""
    own = request["definition"].get("x-s3", {})
    if not isinstance(own, Mapping):
        raise Unreadable("`x-s3` is no object", "/definition/x-s3")
    told = {**settings, **own}
    for name, days in told.items():
        if name not in ("expire_days", "abort_days") or type(days) is not int or not 0 < days <= 36500:
            raise Unreadable(f"`x-s3.{name}` has to be expire_days or abort_days, a number of days", "/definition/x-s3")
    return dict(told)


def _tag(text: str) -> str:
    return text if TAG.fullmatch(text) and text == text.strip() else f"hash-{_short(text)}"


def _short(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:10]
