"""Who is shut out of a port before it is taken away?

Whoever was let in, or may have been: where the data of the port is kept, nobody may go on reading it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.flows.deploying.site import Site
from catalog.access_sets import forget, of_resource
from engine.provision.checked import CheckedAdapter, Pending
from engine.provision.contract import Body, failed


def shut(request: Body, maker: CheckedAdapter, policy: str, site: Site) -> None:
    """Give the resource the empty set of grants, once, if it may have had another and its data is kept.

    Raises ProvisioningFailed, DEPENDENCY_NOT_READY while its adapter goes on with it.
    """
    key = (request["container"]["id"], request["resource_id"])
    with site.database.reading() as connection:
        known = of_resource(connection, *key)
    if known is None:
        return
    may_be_in = known.given or known.state in ("setting", "failed")
    if may_be_in and policy == "retain" and maker.can("access") and _is_there(request, maker):
        _empty(request, maker)
    with site.writing() as book:
        forget(book.work.connection, *key)
        container: Mapping[str, Any] | None = book.container(key[0])
        if container is not None and known.given:
            book.tell("access.applied", container, port=request["component"]["name"], adapter=maker.name, subjects=[])


def _is_there(request: Body, maker: CheckedAdapter) -> bool:
    """An adapter that cannot look is asked all the same."""
    return not maker.can("observe") or bool(maker.observe(request)["state"] != "absent")


def _empty(request: Body, maker: CheckedAdapter) -> None:
    if isinstance(maker.set_access(request, []), Pending):
        told = f"{maker.name} still shuts out who could read {request['component']['fqn']}"
        raise failed("DEPENDENCY_NOT_READY", told)
