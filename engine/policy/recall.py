"""How is a bundle that was loaded written down, so that it can be had again without being parsed and judged anew?

The modules themselves are not written: whoever recalls a bundle has them at hand, and they give its revision again.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from engine.errors import BundleInvalid
from engine.model import Bundle, Enforcement, Event, FindingCode, InputShape, Json, Policy, Severity
from engine.policy import query
from engine.policy.embedded import installed
from engine.policy.modules import Source

_HERE = Path(__file__).parent


def key(found: Mapping[str, Source]) -> str:
    """The name of what loading these modules gives: other texts, other places or another meshgate have another."""
    digest = hashlib.sha256(_judges())
    for path, source in found.items():
        for piece in (path, str(source.file), str(source.archived), source.text):
            digest.update(len(piece).to_bytes(8, "big") + piece.encode())
    return digest.hexdigest()


def written(bundle: Bundle) -> bytes:
    """What of the bundle its modules do not say by themselves."""
    policies = [
        {field.name: getattr(one, field.name) for field in dataclasses.fields(Policy)}
        for one in bundle.policies.values()
    ]
    kept = {"revision": bundle.revision, "question": bundle.modules[query.PATH], "policies": policies}
    return orjson.dumps(kept, default=_plain)


def recalled(content: bytes, found: Mapping[str, Source]) -> Bundle:
    """The bundle of these modules. Raises BundleInvalid for anything but what `written` wrote of them."""
    try:
        told = orjson.loads(content)
        texts = {path: source.text for path, source in found.items()}
        if query.revision(texts, told["question"], named=told["revision"]) != told["revision"]:
            raise BundleInvalid("what is kept of this bundle is of another one")
        policies = {one["id"]: _policy(one) for one in told["policies"]}
        return Bundle(told["revision"], policies, {**texts, query.PATH: told["question"]})
    except (ValueError, KeyError, TypeError) as reason:
        raise BundleInvalid(f"what is kept of this bundle cannot be read: {reason}") from None


@cache
def _judges() -> bytes:
    """What decides how modules are read: the content of this room's files, which takes a millisecond, and the wheel."""
    digest = hashlib.sha256(installed().encode())
    for path in sorted(path for path in _HERE.iterdir() if path.suffix in (".py", ".json")):
        content = path.read_bytes()
        digest.update(f"\0{path.name} {len(content)}\0".encode() + content)
    return digest.digest()


def _plain(value: object) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, FindingCode):
        return {"title": value.title, "remediation": value.remediation}
    raise TypeError(f"{type(value).__name__} is no part of a policy")


def _policy(told: dict[str, Json]) -> Policy:
    since = told["effective_on"]
    return Policy(
        **{
            **told,
            "severity": Severity(told["severity"]),
            "enforcement": Enforcement(told["enforcement"]),
            "events": frozenset(map(Event, told["events"])),
            "needs": frozenset(told["needs"]),
            "effective_on": None if since is None else datetime.fromisoformat(since),
            "findings": {code: FindingCode(**one) for code, one in told["findings"].items()},
            "related": tuple(told["related"]),
            "input": InputShape(told["input"]),
        }
    )
