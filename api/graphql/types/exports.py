"""Where does a consumer find a data product in forms that other tools understand?"""

from __future__ import annotations

import graphene


class Exports(graphene.ObjectType):
    """Paths of REST calls, below the address of this server, that export a data product."""

    dcat = graphene.String(required=True, description="DCAT 3 in JSON-LD, for data portals.")
    openlineage = graphene.String(required=True, description="An OpenLineage RunEvent of the version that is shown.")
    submitted = graphene.String(required=True, description="The root document, byte for byte as it was submitted.")
    effective = graphene.String(required=True, description="Its descriptor with references resolved and ids filled in.")
