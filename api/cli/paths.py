"""At which path does the server answer about a deployment or a container, whatever somebody typed for its id?"""

from __future__ import annotations

import re

from engine.errors import NotFound

_ID = re.compile(r"[0-9A-Za-z-]+", re.ASCII)


def deployment(id: str) -> str:
    """Of a deployment. Raises NotFound for what can be no id: it must not lead to another place."""
    return f"/v1/deployments/{_known('deployment', id)}"


def container(id: str) -> str:
    """Of a container. Raises NotFound."""
    return f"/v1/containers/{_known('container', id)}"


def resource(container_id: str, id: str) -> str:
    """Of a resource of a container. Raises NotFound."""
    return f"{container(container_id)}/resources/{_known('resource', id)}"


def _known(kind: str, id: str) -> str:
    if not _ID.fullmatch(id):
        raise NotFound(f"There is no {kind} `{id}`.")
    return id
