"""Does a request's address hold only query parameters that its route understands?"""

from __future__ import annotations

from collections.abc import Iterator

from fastapi.dependencies.models import Dependant
from starlette.requests import Request

from api.http.errors import RequestInvalid


async def only_known(request: Request) -> None:
    """RequestInvalid that names each parameter unknown to the route: one that is misspelt would change the answer."""
    if not request.scope["query_string"]:
        return
    known = sorted(set(_names(request.scope["route"].dependant)))
    unknown = [name for name in dict.fromkeys(request.query_params) if name not in known]
    if not unknown:
        return
    there = f"there are {', '.join(known)}" if known else "this call takes none"
    told = [{"at": f"query/{name}", "msg": f"unknown parameter; {there}"} for name in unknown]
    raise RequestInvalid("; ".join(f"{one['at']}: {one['msg']}" for one in told), errors=told)


def _names(dependant: Dependant) -> Iterator[str]:
    yield from (parameter.alias for parameter in dependant.query_params)
    for one in dependant.dependencies:
        yield from _names(one)
