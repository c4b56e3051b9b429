"""A catalog with a past: everything that can happen to one, by the flows that make it happen."""

from __future__ import annotations

from pathlib import Path

import rego
import released
from changing_mesh import ALWAYS, CROWDED, LINE, MESH, OWNED, Mesh, reading, rescanned, sent
from doors import behind, product

from api.auth.permissions import LOCAL
from api.flows import decisions
from api.flows.releases.release import release
from api.flows.releases.rollback import rollback
from api.flows.sampling.sample import Wish, sample
from api.flows.status import Standing, Status, change_status
from api.flows.submit import submit
from api.flows.suspensions import suspend, unsuspend
from api.flows.waivers import Step, request, take
from api.wiring import House
from catalog.standings import Standings
from engine.descriptor import Parts, Submission
from engine.descriptor.identity import line_id
from engine.errors import DescriptorRejected
from engine.model import Principal

APPROVER = Principal("berta", roles=frozenset({"approver"}))


def lived(mesh: Mesh) -> House:
    """A house on a catalog with a past; the house has the folder's policies, and no release is in force at its end."""
    mesh.policy("first", ALWAYS)
    mesh.policy("owned", OWNED)
    mesh.policy("alone", CROWDED, MESH)
    house = mesh.house()
    _accepted(mesh, house)
    _sampled(house)
    _waived(house)
    _rescanned(mesh, house)
    _erased(house)
    mesh.later(hours=1)
    _released(mesh)
    return house


def _accepted(mesh: Mesh, house: House) -> None:
    for version in ("1.0.0", "1.1.0", "1.0.5", "1.2.0-rc.1", "2.0.0"):
        mesh.later(minutes=1)
        sent(house, "parcels", version, product("parcels", version, owner="new@example.org"))
    for name in ("boxes", "crates", "lost"):
        sent(house, name, text=product(name, owner="new@example.org"))
    files = {path: text.replace(b"parcels", b"moves") for path, text in behind().items()}
    files["product.yaml"] = files["product.yaml"].replace(b"jo@example.org", b"new@example.org")
    submit(Submission("product.yaml", Parts(files)), principal=LOCAL, house=house)
    sent(house, text=reading("readers", f"{LINE.format('boxes')}:outputports:moved").replace(b"jo@", b"new@"))
    _refused(house, product("refused"))
    for version, status in (("1.1.0", Status.WITHDRAWN), ("1.0.0", Status.DEPRECATED), ("1.1.0", Status.ACTIVE)):
        standing = Standing(status, "as it is", successor=LINE.format("boxes") if status is Status.DEPRECATED else "")
        change_status(LINE.format("parcels"), version, standing, principal=LOCAL, house=house)


def _sampled(house: House) -> None:
    for who in (LOCAL, APPROVER):  # nothing can be shown to the one, and nothing may be shown to the other
        sample(LINE.format("parcels"), Wish("moved", purpose="to see"), principal=who, house=house)


def _refused(house: House, content: bytes) -> None:
    try:
        submit(Submission("p.yaml", Parts({"p.yaml": content})), principal=LOCAL, house=house)
    except DescriptorRejected:
        return
    raise AssertionError("it was to be refused")


def _waived(house: House) -> None:
    asked = {"policy": "mesh.owned", "product": LINE.format("refused"), "reason": "moving", "until": "2026-12-24"}
    for step in (Step.APPROVE, Step.REJECT, None):
        made = request(asked, principal=LOCAL, house=house)
        if step is not None:
            take(step, made.id, note="because", principal=APPROVER, house=house)
        if step is Step.APPROVE:
            sent(house, text=product("refused"))
            take(Step.REVOKE, made.id, note="moved", principal=LOCAL, house=house)
    for again in (1, 2):
        suspend("mesh.owned", reason=f"time {again}", until="2026-11-30", principal=LOCAL, house=house)
    unsuspend("mesh.owned", principal=LOCAL, house=house)


def _rescanned(mesh: Mesh, house: House) -> None:
    rescanned(house)
    change_status(LINE.format("lost"), "1.0.0", Standing(Status.WITHDRAWN, "gone"), principal=LOCAL, house=house)
    mesh.policy("first", rego.violation('input.info.name == "crates"'))
    mesh.later(days=1)
    rescanned(mesh.house())
    lost = house.products.versions(LINE.format("lost"), principal=LOCAL)
    with house.database.work(LOCAL, at=mesh.now) as work:  # as a rescan does that finds its line gone
        Standings(work).close([line_id(LINE.format("lost"))])
        work.commit()
    assert [one.status for one in lost] == ["withdrawn"]


def _erased(house: House) -> None:
    logged = house.log.after(None, principal=LOCAL, limit=100)
    for one, record in ((logged[0], False), (next(x for x in logged if x.decision.outcome == "rejected"), True)):
        decisions.erase(one.decision.id, reason="asked for", record=record, principal=LOCAL, house=house)


def _released(mesh: Mesh) -> None:
    house = mesh.house()
    house.follow_releases()
    for hours, policies in ((0, {"mesh.trial.owned": released.OWNED}), (1, released.STRICT)):
        release(released.bundle(Path(mesh.folder), policies, hours=hours), principal=LOCAL, house=house)
    rollback(reason="too early", principal=LOCAL, house=house)


def later(mesh: Mesh, house: House) -> None:
    """Some more of it."""
    mesh.later(hours=2)
    sent(house, "later", text=product("later", owner="new@example.org"))
    change_status(LINE.format("crates"), "1.0.0", Standing(Status.WITHDRAWN, "gone"), principal=LOCAL, house=house)
