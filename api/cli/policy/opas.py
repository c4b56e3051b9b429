"""meshgate policy opas: which OPA servers are there, and which revision does each hold?"""

from __future__ import annotations

from api.cli.options import AsJson
from api.cli.reaching import CATALOG, Told, answer, reaching
from api.settings import Settings


@reaching(*CATALOG)
def opas(settings: Settings, as_json: AsJson = False) -> None:
    """List the OPA servers that reported lately: which revision each holds, and what went wrong."""
    from api.cli.talk import talking

    with talking(settings) as talk:
        found = talk.told("GET", "/v1/opas").body
    answer("opas", found, _lines, as_json=as_json)


def _lines(found: Told) -> list[str]:
    return [line for one in found["opas"] for line in _opa(one)] or ["no OPA server reported"]


def _opa(one: Told) -> list[str]:
    head = f"{one['id']}  {one['revision'] or 'no bundle'}"
    facts = f"  activated {one['activated'] or 'never'}, reported {one['at']}"
    wrong = [f"  {one['code']}: {one['message']}"] if one["code"] else []
    return [head, facts, *wrong, *(f"    {error}" for error in one["errors"])]
