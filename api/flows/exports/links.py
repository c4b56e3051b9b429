"""Where is a product found in forms that others understand?"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlencode


class Links(NamedTuple):
    """Paths below the address of the server."""

    dcat: str
    openlineage: str
    submitted: str
    effective: str


def links(fqn: str, version: str) -> Links:
    """The exports of one version of a line."""
    one = {"product": fqn, "version": version}
    return Links(
        dcat=f"/v1/exports/dcat?{urlencode({'product': fqn})}",
        openlineage=f"/v1/exports/openlineage?{urlencode(one)}",
        submitted=f"/v1/exports/dpds?{urlencode(one)}",
        effective=f"/v1/exports/dpds?{urlencode({**one, 'form': 'effective'})}",
    )
