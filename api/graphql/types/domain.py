"""What does a consumer learn of a domain?"""

from __future__ import annotations

import graphene


class Domain(graphene.ObjectType):
    """A part of the organisation that owns data products."""

    name = graphene.String(required=True, description="Its name, as descriptors give it.")
    products = graphene.Int(required=True, description="How many data products (majors) it has in the mesh.")
