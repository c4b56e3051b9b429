"""Does a rescan see what changes between its reasons: a moment of today, and what one policy reads of another?"""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import rego
from changing_mesh import OWNED, Mesh, rescanned, sent, states

from api.auth.permissions import LOCAL
from api.flows import rescan as flow
from api.flows.suspensions import suspend, unsuspend

FOREIGN = 'object.get(input, ["_context", "parameters", "mesh.tuned", "most"], 0) == {}'
TUNED = rego.ANNOTATIONS + "#   parameters: {{type: object, properties: {{most: {{type: integer}}}}}}\n"


def test_a_policy_that_changed_is_not_confirmed_without_what_it_reads_of_others(mesh: Mesh) -> None:
    mesh.policy("tuned", rego.violation("not input.info.name") + '\n\ndefaults := {"most": 0}', TUNED)
    mesh.govern("assignments", "- {policy: mesh.tuned, scope: mesh, enforcement: blocking, parameters: {most: 1}}\n")
    mesh.policy("second", rego.violation(FOREIGN.format(2)))
    house = mesh.house()
    sent(house)
    rescanned(house)
    assert states(house, "parcels") == ["compliant"]
    mesh.policy("second", rego.violation(FOREIGN.format(1)))
    changed = mesh.house()
    rescanned(changed)
    assert states(changed, "parcels") == ["non_compliant"]


def test_a_suspension_that_ended_today_excuses_nothing_when_a_rescan_is_asked_for(mesh: Mesh) -> None:
    mesh.policy("second", OWNED.replace("jo@", "nobody@"))
    sent(mesh.house())
    mesh.policy("second", OWNED)
    house = mesh.house()
    ends = mesh.now + timedelta(hours=1)
    suspend("mesh.second", reason="It is wrong.", until=ends.isoformat(), principal=LOCAL, house=house)
    rescanned(house)
    assert states(house, "parcels") == ["compliant"]
    mesh.later(hours=2)
    flow.request(principal=LOCAL, house=house)
    rescanned(house)
    assert states(house, "parcels") == ["non_compliant"]


def test_a_grace_that_ended_today_ends_for_the_standing_too(mesh: Mesh) -> None:
    sent(mesh.house())
    mesh.later(days=1)
    mesh.policy("second", OWNED)
    start, begins = mesh.now - timedelta(hours=3), "{:%Y-%m-%dT%H:%M:%SZ}"
    mesh.govern(
        "assignments",
        "- {policy: mesh.second, scope: mesh, enforcement: blocking, grace_for_existing: 1d,"
        f" effective_from: '{begins.format(start)}'}}\n",
    )
    mesh.later(hours=13)  # the next day, some hours before the grace ends
    house = mesh.house()
    rescanned(house)
    assert states(house, "parcels") == ["compliant"]
    mesh.later(hours=10)
    flow.request(principal=LOCAL, house=house)
    rescanned(house)
    assert states(house, "parcels") == ["non_compliant"]


def test_a_suspension_begins_and_ends_for_standings_by_an_opa_server_too(tmp_path: Path, opa_url: str) -> None:
    with ExitStack() as stack:
        mesh = Mesh(tmp_path, stack, {"opa_url": opa_url})
        mesh.policy("second", OWNED.replace("jo@", "nobody@"))
        sent(mesh.house())
        mesh.policy("second", OWNED)
        house = mesh.house()
        assert house.engine.name == "opa"
        rescanned(house)
        assert states(house, "parcels") == ["non_compliant"]
        until = (mesh.now + timedelta(days=3)).isoformat()
        for change, state in (
            (lambda: suspend("mesh.second", reason="Wrong.", until=until, principal=LOCAL, house=house), "compliant"),
            (lambda: unsuspend("mesh.second", principal=LOCAL, house=house), "non_compliant"),
            (lambda: suspend("mesh.second", reason="Wrong.", until=until, principal=LOCAL, house=house), "compliant"),
            (lambda: mesh.later(days=5), "non_compliant"),
        ):
            change()
            flow.request(principal=LOCAL, house=house)
            last = rescanned(house)
            assert (states(house, "parcels"), last.changed) == ([state], 1)
        assert last.by[3].endswith(f"opa {house.engine.version}")
