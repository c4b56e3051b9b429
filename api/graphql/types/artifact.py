"""What was built of a version?"""

from __future__ import annotations

from typing import Any

import graphene


class Artifact(graphene.ObjectType):
    """A thing that was built of a version before it went anywhere: every environment gets the same."""

    name = graphene.String(required=True, description="What it is called; no two of a version have one name.")
    digest = graphene.String(required=True, description="Digest of its content, as `sha256:…`.")
    location = graphene.String(required=True, description="Where it is, as the adapter that built it says.")
    media_type = graphene.String(description="Of which kind it is; null where nobody said.")
    component = graphene.String(required=True, description="Fqn of the task or component that it was built by.")
    adapter = graphene.String(required=True, description="The adapter that built it.")
    deployment_id = graphene.String(required=True, description="Id of the deployment that had it built.")
    at = graphene.DateTime(required=True, description="When it was built, in UTC.")

    def resolve_media_type(self: Any, info: Any) -> str | None:
        return self.media_type or None
