"""Does a rescan that dies, is overtaken or is shared by several workers have its effect once, on both stores?"""

from __future__ import annotations

import threading
from typing import Any

import pytest
from changing_mesh import OWNED, Mesh, feed, rescanned, sent, states

from api.auth.permissions import LOCAL
from api.flows import rescan as flow
from api.flows.rescanning.batch import work_off
from catalog import chain
from catalog.rescans import LEASE, SIZE, RescanBook


class Crash(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("moment", ["claimed", "decided", "written"])
def test_a_worker_that_dies_at_any_moment_loses_nothing_and_nothing_is_done_twice(
    mesh: Mesh, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from api.flows.rescanning import batch as module

    mesh.policy("second", OWNED)
    mesh.govern("assignments", "- {policy: mesh.second, scope: mesh, enforcement: advisory}\n")
    sent(mesh.house())
    mesh.govern("assignments", "- {policy: mesh.second, scope: mesh, enforcement: blocking}\n")
    house = mesh.house()

    def dies(*_: Any, **__: Any) -> Any:
        raise Crash

    with monkeypatch.context() as patched:
        if moment == "written":
            patched.setattr(RescanBook, "finish", dies)
        else:
            patched.setattr(module, "_found" if moment == "claimed" else "_write", dies)
        with pytest.raises(Crash):
            house.rescanner.once()
    assert states(house, "parcels") == [None]
    assert not work_off(house, "another"), "the dead worker's claim still holds"
    mesh.later(seconds=int(LEASE.total_seconds()) + 1)
    last = rescanned(house)
    assert (last.state, last.decided, last.changed) == ("ended", 1, 1)
    assert feed(house).count("product.standing-changed") == 1


def test_who_was_overtaken_writes_nothing(mesh: Mesh, monkeypatch: pytest.MonkeyPatch) -> None:
    from api.flows.rescanning import batch as module

    mesh.policy("second", OWNED)
    mesh.govern("assignments", "- {policy: mesh.second, scope: mesh, enforcement: advisory}\n")
    sent(mesh.house())
    mesh.govern("assignments", "- {policy: mesh.second, scope: mesh, enforcement: blocking}\n")
    house = mesh.house()
    found = module._found

    def slowly(*told: Any) -> Any:
        result = found(*told)
        with monkeypatch.context() as patched:
            patched.setattr(module, "_found", found)
            mesh.later(seconds=int(LEASE.total_seconds()) + 1)
            assert work_off(house, "another")
        return result

    with monkeypatch.context() as patched:
        patched.setattr(module, "_found", slowly)
        house.rescanner.once()
    assert feed(house).count("product.standing-changed") == 1
    assert chain.verify(house.database).holds


def test_what_was_decided_by_older_rules_never_has_the_last_word(mesh: Mesh, monkeypatch: pytest.MonkeyPatch) -> None:
    from api.flows.rescanning import batch as module

    house = mesh.house()
    sent(house)
    mesh.policy("second", OWNED)
    stricter = mesh.house()
    found = module._found

    def slowly(*told: Any) -> Any:
        result = found(*told)
        with monkeypatch.context() as patched:
            patched.setattr(module, "_found", found)
            mesh.later(seconds=1)
            rescanned(stricter)
        return result

    with monkeypatch.context() as patched:
        patched.setattr(module, "_found", slowly)
        house.rescanner.once()
    assert states(house, "parcels") == ["non_compliant"]
    last = rescanned(house)
    assert last.bundle_revision == stricter.bundle.revision, "the older process opens nothing of its own"


def test_a_version_accepted_meanwhile_is_not_given_the_standing_of_the_one_before(
    mesh: Mesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    from api.flows.rescanning import batch as module

    house = mesh.house()
    sent(house)
    found = module._found

    def slowly(*told: Any) -> Any:
        result = found(*told)
        sent(house, version="1.1.0")
        return result

    with monkeypatch.context() as patched:
        patched.setattr(module, "_found", slowly)
        house.rescanner.once()
    assert states(house, "parcels") == [None]
    rescanned(house)
    assert states(house, "parcels") == ["compliant"]


def test_workers_share_the_batches_of_a_rescan(mesh: Mesh, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalog.rescans.SIZE", 1)
    house = mesh.house()
    names = [f"parcels{number}" for number in range(6)]
    for name in names:
        sent(house, name)
    flow.request(principal=LOCAL, house=house)
    faults: list[BaseException] = []

    def work(holder: str) -> None:
        try:
            while work_off(house, holder):
                pass
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=work, args=(f"worker {number}",)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    last = house.rescans.last()
    assert last is not None
    assert (last.state, last.done, last.products) == ("ended", 6, 6)
    assert states(house, *names) == ["compliant"] * 6
    assert SIZE > 1
