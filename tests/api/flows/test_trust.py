"""Are scores and histories kept up to date by everything that they depend on, on both stores?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from changing_mesh import LINE, OWNED, Mesh, reading, rescanned, sent
from doors import NOW, product

from api.auth.permissions import LOCAL
from api.flows import evaluate
from api.flows.observing import observe
from api.flows.scoring import keep_up
from api.flows.status import Standing, Status, change_status
from api.wiring import House
from catalog import chain
from catalog.evaluation.compliance import Turn
from catalog.evaluation.trust import Scored, Seen, Trust, TrustBook
from catalog.heads import head
from engine.errors import NotFound, PolicyEngineUnavailable
from engine.evaluation.budget import SloState
from engine.evaluation.formula import SHIPPED
from engine.model import Principal

PARCELS = LINE.format("parcels")
PROMISING = product().replace(
    b"    promises:\n",
    b'    promises:\n      slo: {name: slo, version: "1.0.0", specification: custom, definition: {freshness: PT1H}}\n',
)
WAIVER = f"""- id: W-1
  policy: mesh.second
  product: {PARCELS}
  reason: The owner moves.
  requested_by: jo@example.org
  approved_by: ann@example.org
  from: 2026-11-01
  until: 2027-01-31
"""
MINE = """package mesh.mine

import rego.v1

score := {"value": VALUE, "terms": [term]}

term := {"name": "all", "weight": 1, "value": null, "evidence": [], "as_of": null}
"""


def kept(house: House) -> int:
    """Everything that is due is worked off; gives in how many rounds."""
    rounds = 0
    while keep_up(house):
        rounds += 1
    return rounds


def trust(house: House, name: str = "parcels", at: int | None = None) -> Trust | None:
    line = house.products.find(LINE.format(name), principal=LOCAL)
    assert line is not None
    return house.trusts.found([line.id], principal=LOCAL, at=at).get(line.id)


def scored(house: House, name: str = "parcels", at: int | None = None) -> Trust:
    found = trust(house, name, at)
    assert found is not None
    return found


def measured(house: House, id: str = "1", value: str = "PT5M") -> None:
    told = {"id": id, "product": PARCELS, "indicator": "freshness", "value": value}
    (taken,) = observe([{**told, "observedAt": house.clock().isoformat()}], principal=LOCAL, house=house)
    assert taken.state == "stored"


def term(of: Trust, name: str) -> Any:
    return next(one for one in of.terms if one["name"] == name)


def revision(house: House) -> int:
    return head(house.database, at=house.clock()).revision


def formula(mesh: Mesh, value: str) -> None:
    file = mesh.folder / "policies" / "mesh" / "mine" / "mine.rego"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(MINE.replace("VALUE", value))


def test_what_was_accepted_is_scored_once_with_every_term_and_its_evidence(mesh: Mesh) -> None:
    house = mesh.house()
    assert not keep_up(house)
    sent(house)
    assert (kept(house), kept(house)) == (1, 0)
    found = scored(house)
    assert (found.version, found.formula, found.reason, found.since) == ("1.0.0", SHIPPED, "", NOW)
    assert found.value is not None
    decided = house.products.find(PARCELS, principal=LOCAL)
    assert decided is not None
    assert term(found, "policies")["evidence"] == [{"kind": "decision", "ref": decided.decision_id}]
    assert [one["name"] for one in found.terms] == [
        "policies",
        "objectives",
        "documentation",
        "freshness",
        "consumers",
    ]
    assert chain.verify(house.database).holds


def test_what_is_told_of_now_is_what_is_kept(mesh: Mesh) -> None:
    house = mesh.house()
    sent(house)
    kept(house)
    now = evaluate.trust(PARCELS, principal=LOCAL, house=house)
    assert now.score is not None
    assert (now.score.value, now.formula) == (scored(house).value, SHIPPED)


def test_an_observation_changes_the_score_of_its_product_and_the_past_stays(mesh: Mesh) -> None:
    house = mesh.house()
    sent(house, text=PROMISING)
    sent(house, "letters")
    kept(house)
    before, then = scored(house), revision(house)
    measured(house, value="PT5H")
    assert kept(house) == 1
    after = scored(house)
    assert (before.value, after.value) == (before.value, pytest.approx(before.value * 8 / 11, abs=1e-4))
    assert term(after, "objectives")["evidence"] == [{"kind": "observation", "ref": "1"}]
    assert scored(house, at=then) == before
    assert scored(house, "letters").computed_at == NOW


def test_another_day_confirms_a_score_without_a_new_revision(mesh: Mesh) -> None:
    house = mesh.house()
    sent(house)
    kept(house)
    before, then = scored(house), revision(house)
    mesh.later(hours=20)
    assert kept(house) == 1
    after = scored(house)
    assert (after.value, after.since, after.computed_at) == (before.value, before.since, NOW + timedelta(hours=20))
    assert revision(house) == then
    mesh.later(days=200)
    kept(house)
    assert (term(scored(house), "freshness")["value"], revision(house)) == (0.75, then + 1)


def test_a_new_reader_makes_what_it_reads_more_trusted(mesh: Mesh) -> None:
    house = mesh.house()
    sent(house)
    kept(house)
    assert term(scored(house), "consumers")["value"] == 0
    sent(house, text=reading("letters", f"{PARCELS}:outputports:moved"))
    kept(house)
    consumers = term(scored(house), "consumers")
    assert (consumers["value"], consumers["evidence"]) == (0.5, [{"kind": "product", "ref": LINE.format("letters")}])


def test_a_rescan_that_decides_otherwise_changes_the_score(mesh: Mesh) -> None:
    house = mesh.house()
    sent(house)
    rescanned(house)
    kept(house)
    assert term(scored(house), "policies")["value"] == 1
    mesh.policy("second", OWNED)
    stricter = mesh.house()
    rescanned(stricter)
    kept(stricter)
    found = scored(stricter)
    assert term(found, "policies")["value"] == 0.5
    standing = stricter.standings.found([found.line_id], principal=LOCAL)[found.line_id]
    assert term(found, "policies")["evidence"] == [{"kind": "decision", "ref": standing.decision_id}]


def test_a_formula_of_ones_own_takes_the_place_of_the_shipped_one(mesh: Mesh) -> None:
    house = mesh.house()
    sent(house)
    kept(house)
    formula(mesh, "0.25")
    mesh.flags["trust_formula"] = "mesh.mine"
    other = mesh.house()
    assert kept(other) == 1
    assert (scored(other).value, scored(other).formula, scored(other).grade) == (0.25, "mesh.mine", "")


@pytest.mark.parametrize(
    ("value", "reason"), [("7", "not from 0 to 1"), ("1 / 0", "mesh.mine"), ("input.nowhere", "undefined")]
)
def test_a_formula_that_errs_makes_the_score_unknown_with_the_reason(mesh: Mesh, value: str, reason: str) -> None:
    formula(mesh, value)
    mesh.flags["trust_formula"] = "mesh.mine"
    house = mesh.house()
    sent(house)
    kept(house)
    found = scored(house)
    assert (found.value, found.terms) == (None, [])
    assert reason in found.reason
    assert reason in evaluate.trust(PARCELS, principal=LOCAL, house=house).reason


def test_a_formula_that_is_not_there_makes_every_score_unknown(mesh: Mesh) -> None:
    mesh.flags["trust_formula"] = "mesh.nowhere"
    house = mesh.house()
    sent(house)
    assert kept(house) == 1
    assert (scored(house).value, scored(house).reason) == (
        None,
        "There is no package `mesh.nowhere` among the policies.",
    )
    assert evaluate.trust(PARCELS, principal=LOCAL, house=house).score is None


def test_while_the_engine_is_gone_everything_stays_due(mesh: Mesh) -> None:
    house = mesh.house()
    sent(house)
    embedded = house.embedded

    class Gone:
        def evaluate(self, *_: Any) -> Any:
            raise PolicyEngineUnavailable("it is down")

    house.__dict__["embedded"] = Gone()
    with pytest.raises(PolicyEngineUnavailable):
        keep_up(house)
    assert trust(house) is None
    assert evaluate.trust(PARCELS, principal=LOCAL, house=house).reason == "it is down"
    house.__dict__["embedded"] = embedded
    assert kept(house) == 1
    assert scored(house).value is not None


def test_a_withdrawn_product_has_no_score_but_its_past_has(mesh: Mesh) -> None:
    house = mesh.house()
    sent(house)
    kept(house)
    line, then = scored(house).line_id, revision(house)
    change_status(PARCELS, "1.0.0", Standing(Status.WITHDRAWN, "wrong"), principal=LOCAL, house=house)
    kept(house)
    assert house.trusts.found([line], principal=LOCAL) == {}
    assert line in house.trusts.found([line], principal=LOCAL, at=then)


def test_what_was_computed_from_earlier_facts_gives_way(mesh: Mesh) -> None:
    house = mesh.house()
    sent(house)
    kept(house)
    before = scored(house)
    stale = Scored(before.line_id, "logistics", "1.0.0", None, "stale", "", "")
    with house.database.work(LOCAL, at=NOW) as work:
        TrustBook(work).keep([stale], [before.line_id], Seen(0, 0))
        work.commit()
    assert scored(house) == before


def test_a_line_that_became_due_meanwhile_stays_due(mesh: Mesh) -> None:
    house = mesh.house()
    sent(house, text=PROMISING)
    kept(house)
    measured(house)
    (first,) = house.trusts.due(10)
    measured(house, "2")
    with house.database.work(LOCAL, at=NOW) as work:
        TrustBook(work).done([first[0]])
        work.commit()
    assert [line for _, line in house.trusts.due(10)] == [first[1]]


def test_a_product_promises_what_its_current_version_does(mesh: Mesh) -> None:
    house = mesh.house()
    sent(house, text=PROMISING)
    measured(house)
    (kept_promise,) = evaluate.slos(PARCELS, principal=LOCAL, house=house)
    assert kept_promise.state is SloState.MET
    sent(house, version="1.1.0")
    assert evaluate.slos(PARCELS, principal=LOCAL, house=house) == ()


def test_what_was_known_at_an_earlier_revision_can_be_asked(mesh: Mesh) -> None:
    house = mesh.house()
    sent(house, text=PROMISING)
    measured(house)
    sent(house, "letters")
    then = revision(house)
    measured(house, "2")
    line = house.products.find(PARCELS, principal=LOCAL)
    assert line is not None
    counts = {
        at: house.slos.of_versions([line.version_id], now=mesh.now, principal=LOCAL, at=at)[line.version_id][0]
        for at in (1, then, None)
    }
    assert [one.observations for one in counts.values()] == [0, 1, 2]


def test_the_history_tells_when_what_became_otherwise_and_by_which_decision(mesh: Mesh) -> None:
    house = mesh.house()
    sent(house)
    rescanned(house)
    mesh.policy("second", OWNED)
    mesh.later(days=1)
    stricter = mesh.house()
    rescanned(stricter)
    (mesh.folder / "governance" / "waivers").mkdir()
    (mesh.folder / "governance" / "waivers" / "one.yaml").write_text(WAIVER)
    mesh.later(hours=1)
    excused = mesh.house()
    rescanned(excused)
    newest, middle, first = evaluate.history(PARCELS, principal=LOCAL, house=excused)
    assert [one.entry.state for one in (first, middle, newest)] == ["compliant", "non_compliant", "compliant"]
    assert [one.entry.why for one in (first, middle, newest)] == ["accepted", "rules", "rules"]
    assert first.turns == (Turn("mesh.first", None, "pass"),)
    assert middle.turns == (Turn("mesh.second", None, "fail"),)
    assert newest.turns == (Turn("mesh.second", "fail", "waived"),)
    assert (first.entry.at, middle.entry.at) == (NOW, NOW + timedelta(days=1))
    assert middle.entry.before_id == first.entry.decision_id
    assert middle.entry.bundle_revision == stricter.rules.bundle.revision
    past = excused.compliance_history.found([first.entry.line_id], principal=LOCAL, at=middle.entry.revision)
    assert [one.decision_id for one in past[first.entry.line_id]] == [
        middle.entry.decision_id,
        first.entry.decision_id,
    ]


def test_who_may_not_read_learns_nothing_and_a_product_that_is_not_there_is_told(mesh: Mesh) -> None:
    house = mesh.house()
    for flow in (evaluate.slos, evaluate.trust, evaluate.facts, evaluate.history):
        with pytest.raises(NotFound):
            flow(PARCELS, principal=LOCAL, house=house)
        with pytest.raises(Exception, match="may not read"):
            flow(PARCELS, principal=Principal("nobody"), house=house)


def test_a_formula_is_no_policy(mesh: Mesh) -> None:
    formula(mesh, "0.5")
    house = mesh.house()
    assert sorted(house.bundle.policies) == ["mesh.first"]
