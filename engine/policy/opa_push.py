"""How does a bundle get into an OPA server that does not pull it?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress

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
    present = [id for id in await client.get_policies_list() if id.startswith(OURS) and id != _QUERY]
    with suppress(PolicyNotFoundError, DeletePolicyError):
        await client.delete_policy(_QUERY)
    # Old modules go first: an old policy may call an old function in a way that the new one does not know.
    kept = await _each(present, client.delete_policy)
    _refuse(await _each(sorted(wanted), lambda id: _put(client, id, wanted[id])), "take")
    _refuse(await _each([id for id in kept if id not in wanted], client.delete_policy), "let go of")
    _refuse(await _each([_QUERY], lambda id: _put(client, id, query.module(bundle))), "take")


async def _put(client: GuardedClient, id: str, text: str) -> None:
    await client.update_policy_from_string(text, id, rego_compat=False)


async def _each(ids: Sequence[str], act: Callable[[str], Awaitable[object]]) -> Mapping[str, str]:
    """Act on all, and say why OPA refuses the rest.

    OPA takes one module at a time and refuses it while a function that it calls is not there (or, to be deleted, while
    somebody calls a function of it), so this goes round as long as it gets on.
    """
    refused: dict[str, str] = {}
    while ids:
        refused = {}
        for id in ids:
            try:
                await act(id)
            except (RegoParseError, DeletePolicyError, PolicyNotFoundError) as reason:
                refused[id] = str(reason)
        if len(refused) == len(ids):
            break
        ids = list(refused)
    return refused


def _refuse(refused: Mapping[str, str], what: str) -> None:
    for id, reason in refused.items():
        raise PolicyEngineUnavailable(f"it does not {what} our module {id}: {reason}")
