"""Which id does a resource have, before anything was made?"""

from __future__ import annotations

import hashlib
import json
import uuid

from engine.model import Json

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "meshgate.resources")


def resource_id(environment: str, component_fqn: str) -> str:
    """The platform-chosen id: the same for every minor redeploy, another per major version and environment."""
    return str(uuid.uuid5(NAMESPACE, f"{environment}|{component_fqn}"))


def digest_of(value: Json) -> str:
    """A digest of plans and resource specifications (sorted keys); descriptors have their own canonical form."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
