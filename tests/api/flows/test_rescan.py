"""Is the catalog decided again when rules, day or neighbours change, once and no more than that, on both stores?"""

from __future__ import annotations

import threading

import pytest
from changing_mesh import (
    CROWDED,
    DATED,
    LINE,
    MESH,
    OWNED,
    Mesh,
    feed,
    reading,
    rescanned,
    sent,
    statements,
    states,
    watched,
)
from doors import product

from api.auth.permissions import LOCAL
from api.flows import rescan as flow
from api.flows.rescanning.judging import IN_PART
from api.flows.status import Standing as Status
from api.flows.status import Status as VersionStatus
from api.flows.status import change_status
from api.worker.rescanner import Rescanner
from catalog import chain
from engine.errors import Forbidden, NotFound
from engine.model import Principal


def test_what_was_accepted_by_the_same_rules_stands_by_the_decision_that_accepted_it(mesh: Mesh) -> None:
    house = mesh.house()
    sent(house)
    before = feed(house)
    last = rescanned(house)
    assert (last.reason, last.state, last.products, last.confirmed, last.decided) == ("rules", "ended", 1, 0, 1)
    assert states(house, "parcels") == ["compliant"]
    line = house.products.find(LINE.format("parcels"), principal=LOCAL)
    assert line is not None
    assert house.standings.found([line.id], principal=LOCAL)[line.id].decision_id == line.decision_id
    assert feed(house) == before


def test_a_new_policy_makes_a_product_non_compliant_and_the_feed_says_so_once(mesh: Mesh) -> None:
    house = mesh.house()
    sent(house)
    sent(house, text=product("letters", owner="ann@example.org"))
    rescanned(house)
    mesh.policy("second", OWNED)
    stricter = mesh.house()
    assert states(stricter, "parcels", "letters") == ["compliant", "compliant"], "until the new one is known"
    last = rescanned(stricter)
    assert (last.reason, last.confirmed, last.decided, last.changed) == ("rules", 1, 1, 1)
    assert states(stricter, "parcels", "letters") == ["non_compliant", "compliant"]
    assert feed(stricter)[-2:] == ["decision.rejected", "product.standing-changed"]
    told = stricter.changes.after(0, principal=LOCAL)[-1]
    assert (told.subject, told.payload["before"], told.payload["state"]) == (
        LINE.format("parcels"),
        "compliant",
        "non_compliant",
    )
    length = len(feed(stricter))
    flow.request(principal=LOCAL, house=stricter)
    last = rescanned(stricter)
    assert (last.reason, last.confirmed, last.decided) == ("asked", 2, 0)
    assert len(feed(stricter)) == length
    assert chain.verify(stricter.database).holds


def test_after_one_policy_changed_a_hundred_products_cost_two_round_trips_and_as_many_statements_as_few(
    mesh: Mesh,
) -> None:
    mesh.policy("second", OWNED.replace("jo@", "nobody@"))
    counted = []
    for count in (3, 2 * IN_PART):
        house = mesh.house()
        for number in range(count):
            if house.products.find(LINE.format(f"p{number}"), principal=LOCAL) is None:
                sent(house, f"p{number}")
        rescanned(house)
        flow.request(principal=LOCAL, house=house)
        rescanned(house)  # now all are known to stand after the last change of a neighbour
        mesh.policy("second", OWNED.replace("jo@", f"none{count}@"))
        changed = mesh.house()
        changed.prepare()
        changed.rules_now()
        # looks for what is due after a while again, which would make a slow machine's statements others
        changed.__dict__["rescanner"] = Rescanner(changed, sole=False, seconds=3600)
        engine = watched(changed)
        with statements(changed.database) as sent_now:
            last = rescanned(changed)
        assert (last.products, last.confirmed, engine.asked) == (count, count, ["mesh.second"] * count)
        counted.append((engine.trips, len(sent_now)))
    assert [trips for trips, _ in counted] == [1, 2]
    assert counted[0][1] == counted[1][1]
    assert counted[1][1] <= 45, sent_now


def test_after_one_policy_changed_only_that_policy_is_asked(mesh: Mesh) -> None:
    mesh.policy("second", OWNED.replace("jo@", "nobody@"))
    house = mesh.house()
    sent(house)
    rescanned(house)
    mesh.policy("second", OWNED.replace("jo@", "none@"))
    changed = mesh.house()
    engine = watched(changed)
    last = rescanned(changed)
    assert (engine.asked, last.confirmed) == (["mesh.second"], 1)


def test_where_it_says_something_else_the_others_answers_are_reused(mesh: Mesh) -> None:
    mesh.policy("second", OWNED.replace("jo@", "nobody@"))
    house = mesh.house()
    sent(house)
    rescanned(house)
    mesh.policy("second", OWNED)
    changed = mesh.house()
    engine = watched(changed)
    assert rescanned(changed).decided == 1
    assert engine.asked == ["mesh.second", "mesh.second"]


def test_a_waiver_is_heard_without_asking_any_policy(mesh: Mesh) -> None:
    mesh.policy("second", OWNED)
    mesh.govern("assignments", "- {policy: mesh.second, scope: mesh, enforcement: advisory}\n")
    house = mesh.house()
    sent(house)
    rescanned(house)
    mesh.govern("assignments", "- {policy: mesh.second, scope: mesh, enforcement: blocking}\n")
    assert rescanned(mesh.house()).changed == 1
    mesh.govern(
        "waivers",
        "- {id: w1, policy: mesh.second, product: 'urn:dpds:org.example:dataproducts:parcels:1', reason: It is so.,"
        " requested_by: jo, approved_by: ann, from: 2026-11-01, until: 2026-11-24}\n",
    )
    excused = mesh.house()
    last = rescanned(excused)
    assert (last.changed, states(excused, "parcels")) == (1, ["compliant"])
    mesh.later(days=1)
    assert rescanned(excused).changed == 0
    mesh.later(days=1)
    last = rescanned(excused)
    assert (last.reason, last.changed, states(excused, "parcels")) == ("day", 1, ["non_compliant"])


def test_a_new_day_asks_again_who_reads_the_day_and_nobody_else(mesh: Mesh) -> None:
    mesh.policy("second", DATED)
    house = mesh.house()
    sent(house)
    rescanned(house)
    engine = watched(house)
    mesh.later(days=1)
    assert (rescanned(house).reason, engine.asked, states(house, "parcels")) == (
        "day",
        ["mesh.second"],
        ["compliant"],
    )
    mesh.later(days=1)
    assert rescanned(house).changed == 1
    assert states(house, "parcels") == ["non_compliant"]
    opened = house.rescans.last()
    assert rescanned(house) == opened, "one rescan a day"


def test_a_new_neighbour_has_only_its_neighbours_decided_again(mesh: Mesh) -> None:
    mesh.policy("second", CROWDED, MESH)
    house = mesh.house()
    sent(house)
    sent(house, "letters")
    rescanned(house)
    sent(house, text=reading("stamps", LINE.format("parcels") + ":outputports:moved"))
    last = rescanned(house)
    assert (last.scope, last.reason, last.products, last.changed) == ("neighbours", "neighbours", 2, 1)
    assert states(house, "parcels", "letters", "stamps") == ["non_compliant", "compliant", "compliant"]


def test_when_the_reader_goes_its_source_is_decided_again_and_it_stands_no_more(mesh: Mesh) -> None:
    mesh.policy("second", CROWDED, MESH)
    house = mesh.house()
    sent(house)
    sent(house, text=reading("stamps", LINE.format("parcels") + ":outputports:moved"))
    rescanned(house)
    stamps = house.products.find(LINE.format("stamps"), principal=LOCAL)
    assert stamps is not None
    withdrawn = Status(VersionStatus.WITHDRAWN, "It is gone.")
    change_status(LINE.format("stamps"), "1.0.0", withdrawn, principal=LOCAL, house=house)
    last = rescanned(house)
    assert (last.scope, last.state, last.done) == ("neighbours", "ended", 2)
    assert states(house, "parcels") == ["compliant"]
    assert house.standings.found([stamps.id], principal=LOCAL) == {}


def test_a_new_version_stands_for_itself(mesh: Mesh) -> None:
    house = mesh.house()
    sent(house)
    rescanned(house)
    sent(house, version="1.1.0")
    line = house.products.find(LINE.format("parcels"), principal=LOCAL)
    assert line is not None
    assert house.standings.found([line.id], principal=LOCAL)[line.id].version == "1.0.0"
    rescanned(house)
    assert house.standings.found([line.id], principal=LOCAL)[line.id].version == "1.1.0"


def test_while_the_engine_is_down_products_keep_their_standing_and_the_rescan_goes_on_later(mesh: Mesh) -> None:
    house = mesh.house()
    sent(house)
    rescanned(house)
    mesh.policy("second", OWNED)
    stricter = mesh.house()
    engine = watched(stricter)
    engine.down = True
    last = rescanned(stricter)
    assert (last.state, last.done, states(stricter, "parcels")) == ("open", 0, ["compliant"])
    engine.down = False
    assert not stricter.rescanner.once(), "it rests for a while"
    mesh.later(seconds=11)
    assert rescanned(stricter).state == "ended"
    assert states(stricter, "parcels") == ["non_compliant"]


def test_a_policy_that_errs_leaves_the_product_undecided_and_its_error_is_asked_again(mesh: Mesh) -> None:
    sent(mesh.house())
    mesh.policy("second", "violation contains 1 if { input.info.name }")
    house = mesh.house()
    last = rescanned(house)
    assert (last.changed, states(house, "parcels")) == (1, ["undecided"])
    flow.request(principal=LOCAL, house=house)
    assert rescanned(house).decided == 0


def test_only_an_operator_opens_a_rescan_and_a_strange_one_is_not_found(mesh: Mesh) -> None:
    house = mesh.house()
    with pytest.raises(Forbidden):
        flow.request(principal=Principal("reader", frozenset({"reader"})), house=house)
    with pytest.raises(NotFound):
        flow.rescan("none", principal=LOCAL, house=house)
    assert flow.request(principal=LOCAL, house=house)["state"] == "ended", "an empty catalog is decided at once"


def test_the_thread_works_until_it_is_stopped(mesh: Mesh) -> None:
    house = mesh.house()
    sent(house)
    ended = threading.Event()
    rescanner = house.rescanner
    once = rescanner.once

    def observed() -> bool:
        worked = once()
        if not worked:
            ended.set()
        return worked

    rescanner.once = observed  # type: ignore[method-assign]
    rescanner.start()
    assert ended.wait(30)
    rescanner.stop()
    assert states(house, "parcels") == ["compliant"]
    assert not [one for one in threading.enumerate() if one.name == "meshgate-rescanner"]
