"""How does a bundle get into an OPA server that does not pull it?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from opa_client.errors import DeletePolicyError, PolicyNotFoundError, RegoParseError

from engine.errors import PolicyEngineUnavailable
from engine.model import Bundle
from engine.policy import query
from engine.policy.opa_transport import GuardedClient

OURS = "meshgate/"
"""What the ids of our modules start with; all others belong to somebody else and are left alone."""

_QUERY = OURS + query.PATH


async def push(client: GuardedClient, bundle: Bundle) -> None:
    """Put every module of the bundle there, and remove modules of ours that it does not hold.

    The question is taken away first and put back last: a half-pushed bundle answers nothing, instead of answering
    under a revision that it is not. Raises PolicyEngineUnavailable where OPA does not take the modules.
    """
    wanted = {OURS + path: text for path, text in bundle.modules.items() if path != query.PATH}
    present = [id for id in await client.get_policies_list() if id.startswith(OURS)]
    if _QUERY in present:
        await client.delete_policy(_QUERY)
    await _each([id for id in present if id not in wanted and id != _QUERY], client.delete_policy)
    await _each(sorted(wanted), lambda id: _put(client, id, wanted))
    await _put(client, _QUERY, {_QUERY: query.module(bundle)})


async def _put(client: GuardedClient, id: str, texts: Mapping[str, str]) -> None:
    await client.update_policy_from_string(texts[id], id, rego_compat=False)


async def _each(ids: Sequence[str], act: Callable[[str], Awaitable[object]]) -> None:
    """Act on all; OPA takes one module at a time and refuses it while one that it calls is not there, so go round."""
    while ids:
        refused: dict[str, str] = {}
        for id in ids:
            try:
                await act(id)
            except (RegoParseError, DeletePolicyError, PolicyNotFoundError) as reason:
                refused[id] = str(reason)
        if len(refused) == len(ids):
            first = ids[0]
            raise PolicyEngineUnavailable(f"it does not take our module {first}: {refused[first]}")
        ids = list(refused)
