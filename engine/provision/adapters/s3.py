"""How does a component become a bucket of an S3 server?

A plain `upp/1` adapter: dicts in, dicts out, nothing of meshgate imported but its own neighbours. A bucket per storage
and per output port: tags are its labels, its policy is the full set of who may read it, its lifecycle says when things
expire, and an object tells the layout of a port. What was asked for last stands in a bucket of records.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib.util import find_spec
from typing import Any

from engine.provision.adapters import s3_wish as wish
from engine.provision.adapters.asked_tables import Unreadable
from engine.provision.adapters.s3_bucket import Stuck, Unfinished, tags_of
from engine.provision.adapters.s3_records import Unconditional
from engine.provision.adapters.s3_settings import CONFIGURATION, Settings, connected
from engine.provision.adapters.s3_trouble import told
from engine.provision.adapters.s3_wish import GONE, MADE, RETAINED, Record
from engine.provision.adapters.s3_work import Seen, Work
from engine.provision.adapters.sql_names import Body, is_port, issue, labels, refused


class Foreign(Exception):
    """What is there belongs to somebody else; the message says what."""


class Unsupported(Exception):
    """Access of a kind that this adapter cannot give; the message says which."""


class S3:
    """The adapter `s3`; the keys come with each call, or from where boto3 looks for them."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        if find_spec("boto3") is None:
            raise RuntimeError("the package boto3 is not installed here; it comes with the extra `meshgate[s3]`")
        self._settings = Settings.of(config)
        self._sure = False

    def info(self) -> Body:
        able = {"plan": True, "observe": True, "adopt": True, "inventory": True}
        return {
            "name": "s3",
            "version": "1.0.0",
            "contract": "upp/1",
            "description": "A bucket per storage and per output port, with tags, policy, lifecycle and layout.",
            "config_schema": CONFIGURATION,
            "capabilities": {"access": bool(self._settings.principals), "cancel": False, "async": False, **able},
            "matches": [{"platform": "*:s3"}],
            "limits": {"max_seconds": 300},
        }

    def validate(self, request: Body) -> Body:
        try:
            wish.asked(request, self._settings.days)
            wish.bucket_of(request, self._settings.bucket_prefix)
        except Unreadable as error:
            return {"issues": [issue(str(error), error.path)]}
        return {"issues": []}

    def plan(self, request: Body, seen: Body | None) -> Body:
        if seen is None or seen["state"] != "present":
            return {"action": "create", "destructive": False, "reason": "nothing is there"}
        found = self._work(request).seen()
        wanted = self._wished(request, found)
        if found.record == wanted and found.look is not None and found.look.is_as(wanted):
            return {"action": "noop", "destructive": False, "reason": "already as asked"}
        return {"action": "update", "destructive": False, "reason": "the component or what was made of it changed"}

    def apply(self, request: Body) -> Body:
        return self._changed(request, lambda seen: self._wished(request, seen))

    def destroy(self, ref: Body, policy: str) -> Body:
        try:
            wish.bucket_of(ref, self._settings.bucket_prefix)
        except Unreadable:  # apply refuses such a name, so nothing can be there
            return {"state": "done", "changed": False, "observation": {"state": "absent"}}
        return self._changed(ref, lambda seen: _unwished(ref, policy, seen))

    def set_access(self, ref: Body, grants: list[Body]) -> Body:
        return self._changed(ref, lambda seen: self._let_in(ref, grants, seen))

    def adopt(self, request: Body, external: str) -> Body:
        return self._changed(request, lambda seen: self._adopted(request, external, seen))

    def observe(self, ref: Body) -> Body:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            work = self._work(ref)
            return work.observation(work.seen())
        except Unreadable:
            return {"state": "absent"}
        except (BotoCoreError, ClientError, ValueError) as error:
            return {"state": "unknown", "reason": told(error, ref).message}

    def poll(self, operation: str) -> Body:
        return {"state": "failed", "error": {"class": "INVALID", "message": "s3 has no pending operations"}}

    def cancel(self, operation: str) -> Body:
        return self.poll(operation)

    def inventory(self, environment: str) -> Body:
        """Every bucket with our tags in this environment, and those that a record knows although they lost theirs."""
        client = connected(self._settings, {})
        work = Work(client, self._settings, {"environment": environment, "resource_id": ""})
        known = {one.bucket: one.labels for one in work.records.of(environment) if one.wish != GONE}
        mine, found = wish.environment_tag(environment), []
        for page in client.get_paginator("list_buckets").paginate():
            for name in [one["Name"] for one in page.get("Buckets", [])]:
                tags = tags_of(client, name) if name.startswith(self._settings.bucket_prefix) or name in known else {}
                labelled = tags.get("managed-by") == "meshgate" and tags.get("environment") == mine
                if labelled or name in known:
                    found.append(_listed(name, tags if labelled else known[name]))
        return {"resources": found}

    def _wished(self, request: Body, seen: Seen) -> Record:
        if seen.look is not None and not seen.ours:
            raise Foreign(f"the bucket {seen.bucket.name} is there, and bears none of the labels of this resource")
        return wish.wished(request, self._settings.days, seen.record, seen.bucket.name)

    def _let_in(self, ref: Body, grants: list[Body], seen: Seen) -> Record:
        if not self._settings.principals:
            raise Unsupported("nothing says what a principal is called here (`principals`)")
        if not is_port(ref):
            raise Unsupported("access is given to output ports, and this component is none")
        if any(one["privilege"] != "read" for one in grants):
            raise Unsupported("an output port is read; nobody can be given the right to write to it")
        if seen.record is None or seen.record.wish != MADE or not seen.ours:
            raise Foreign("the port is not there: it has to be made before anybody is let in")
        members = sorted({self._settings.arn(one["principal"]) for one in grants})
        return replace(seen.record, highest=ref["generation"], members=members)

    def _adopted(self, request: Body, external: str, seen: Seen) -> Record:
        if seen.record is not None and seen.record.wish != GONE and seen.record.bucket != external:
            raise Foreign(f"the resource has a bucket already: {seen.record.bucket}")
        look = self._work(request).bucket(external).look()
        if look is None:
            raise Unreadable(f"there is no bucket {external}")
        if look.ours.get("managed-by") and look.ours.get("resource_id") != request["resource_id"]:
            raise Foreign(f"{external} is managed by {look.ours['managed-by']} for another resource")
        if not look.ours and (look.policy is not None or look.rules):
            raise Foreign(f"{external} has a policy or lifecycle of its own, which would be replaced: remove it first")
        return wish.wished(request, self._settings.days, seen.record, external)

    def _changed(self, ref: Body, change: Callable[[Seen], Record]) -> Body:
        """The outcome of a change, unless a newer generation was asked for before."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            work = self._work(ref)
            if not self._sure:
                work.records.make_sure()
                self._sure = True
            return work.settle(change)
        except (Unreadable, Unconditional) as error:
            return refused("INVALID", str(error))
        except Unsupported as error:
            return refused("UNSUPPORTED", str(error))
        except (Foreign, Stuck) as error:
            return refused("CONFLICT", str(error))
        except Unfinished:
            return refused("TRANSIENT", "there are more objects than one call removes; the next one goes on")
        except (BotoCoreError, ClientError, ValueError) as error:
            return refused(*told(error, ref))

    def _work(self, ref: Mapping[str, Any]) -> Work:
        return Work(connected(self._settings, ref.get("secrets") or {}), self._settings, ref)


def _unwished(ref: Body, policy: str, seen: Seen) -> Record:
    """What is to be remembered of a removal; under `retain` the bucket stays, whatever is in it."""
    if seen.look is not None and not seen.ours:
        return Record(ref["generation"], "", GONE)
    if policy != "retain" or seen.look is None:
        return Record(ref["generation"], seen.bucket.name, GONE)
    before = seen.record.labels.get("specification", "") if seen.record else ""
    tables = seen.record.tables if seen.record else None
    return Record(ref["generation"], seen.bucket.name, RETAINED, labels(ref, before, retained=True), tables)


def _listed(name: str, told_labels: Mapping[str, Any]) -> Body:
    generation = str(told_labels.get("generation", ""))
    more = {"generation": int(generation)} if generation.isascii() and generation.isdigit() else {}
    return {"name": name, **{one: told_labels[one] for one in ("resource_id", "container_id")}, **more}
