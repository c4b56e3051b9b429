"""Is the catalog decided again when rules, day or neighbours change, once and no more than that, on both stores?"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import rego
from doors import NOW, a_house, product

from api.auth.permissions import LOCAL
from api.flows import rescan as flow
from api.flows.rescanning.batch import work_off
from api.flows.status import Standing as Status
from api.flows.status import Status as VersionStatus
from api.flows.status import change_status
from api.flows.submit import submit
from api.wiring import House
from catalog import chain
from catalog.rescans import LEASE, SIZE, RescanBook
from engine.descriptor import Parts, Submission
from engine.errors import Forbidden, NotFound, PolicyEngineUnavailable
from engine.model import Answer, Bundle, Json, Principal
from engine.policy.port import PolicyEngine

LINE = "urn:dpds:org.example:dataproducts:{}:1"
ALWAYS = rego.violation("not input.info.name")
OWNED = rego.violation('input.info.owner.id == "jo@example.org"')
CROWDED = rego.violation("count(input._context.mesh.consumers) > 0")
DATED = rego.violation('input._context.now >= "2026-11-25"')
MESH = rego.ANNOTATIONS.replace("category: test", "category: test\n#   needs: [mesh]")


class Mesh:
    """A catalog with houses on it, each with the policies that its folder holds when it is built."""

    def __init__(self, folder: Path, stack: ExitStack, flags: dict[str, str]) -> None:
        self.folder, self._stack, self._flags = folder, stack, flags
        self.now = NOW
        (folder / "policies").mkdir()
        (folder / "governance").mkdir()
        self.policy("first", ALWAYS)

    def policy(self, name: str, rules: str, annotations: str = rego.ANNOTATIONS) -> None:
        file = self.folder / "policies" / "trial" / name / f"{name}.rego"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(rego.policy(f"trial.{name}", rules, annotations=annotations))

    def govern(self, kind: str, text: str) -> None:
        (self.folder / "governance" / f"{kind}.yaml").write_text(text)

    def house(self) -> House:
        folders = {"policies": [str(self.folder / "policies")], "governance": str(self.folder / "governance")}
        house = self._stack.enter_context(a_house(self.folder, **folders, **self._flags))
        house.clock = lambda: self.now
        house.database.upgrade()
        return house

    def later(self, **passed: int) -> None:
        self.now += timedelta(**passed)


@pytest.fixture(params=["sqlite", "postgresql"])
def mesh(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Mesh]:
    flags = {}
    if request.param == "postgresql":
        flags["database_url"] = request.getfixturevalue("postgresql_url")
    with ExitStack() as stack:
        yield Mesh(tmp_path, stack, flags)


def sent(house: House, name: str = "parcels", version: str = "1.0.0", text: bytes | None = None) -> None:
    content = text if text is not None else product(name, version)
    submit(Submission("product.yaml", Parts({"product.yaml": content})), principal=LOCAL, house=house)


def reading(name: str, target: str) -> bytes:
    port = f"  inputPorts:\n  - {{name: in, version: 1.0.0, dependsOn: '{target}'}}\n  outputPorts:\n"
    return product(name).replace(b"  outputPorts:\n", port.encode())


def rescanned(house: House) -> Any:
    """Whatever is due is opened and worked off; gives the last rescan."""
    while house.rescanner.once():
        pass
    return house.rescans.last()


def states(house: House, *names: str) -> list[str | None]:
    lines = [one.id for name in names if (one := house.products.find(LINE.format(name), principal=LOCAL))]
    found = house.standings.found(lines, principal=LOCAL)
    return [found[line].state if line in found else None for line in lines]


def feed(house: House) -> list[str]:
    return [one.kind for one in house.changes.after(0, principal=LOCAL, limit=1000)]


class Watched:
    """An engine that notes which policies it is asked, and may be down."""

    def __init__(self, engine: PolicyEngine) -> None:
        self._engine, self.asked, self.down = engine, [], False

    @property
    def name(self) -> str:
        return self._engine.name

    @property
    def version(self) -> str:
        return self._engine.version

    def evaluate(self, bundle: Bundle, policies: Sequence[str], document: Mapping[str, Json]) -> dict[str, Answer]:
        if self.down:
            raise PolicyEngineUnavailable("it is down")
        self.asked += policies
        return self._engine.evaluate(bundle, policies, document)

    def close(self) -> None:
        self._engine.close()


def watched(house: House) -> Watched:
    engine = Watched(house.engine)
    house.__dict__["engine"] = engine
    return engine


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


def test_after_one_policy_changed_only_that_policy_is_asked(mesh: Mesh) -> None:
    mesh.policy("second", OWNED.replace("jo@", "nobody@"))
    house = mesh.house()
    sent(house)
    rescanned(house)
    mesh.policy("second", OWNED.replace("jo@", "none@"))
    changed = mesh.house()
    engine = watched(changed)
    last = rescanned(changed)
    assert (engine.asked, last.confirmed) == (["trial.second"], 1)


def test_where_it_says_something_else_the_others_answers_are_reused(mesh: Mesh) -> None:
    mesh.policy("second", OWNED.replace("jo@", "nobody@"))
    house = mesh.house()
    sent(house)
    rescanned(house)
    mesh.policy("second", OWNED)
    changed = mesh.house()
    engine = watched(changed)
    assert rescanned(changed).decided == 1
    assert engine.asked == ["trial.second", "trial.second"]


def test_a_waiver_is_heard_without_asking_any_policy(mesh: Mesh) -> None:
    mesh.policy("second", OWNED)
    mesh.govern("assignments", "- {policy: trial.second, scope: mesh, enforcement: advisory}\n")
    house = mesh.house()
    sent(house)
    rescanned(house)
    mesh.govern("assignments", "- {policy: trial.second, scope: mesh, enforcement: blocking}\n")
    assert rescanned(mesh.house()).changed == 1
    mesh.govern(
        "waivers",
        "- {id: w1, policy: trial.second, product: 'urn:dpds:org.example:dataproducts:parcels:1', reason: It is so.,"
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
        ["trial.second"],
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


class Crash(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("moment", ["claimed", "decided", "written"])
def test_a_worker_that_dies_at_any_moment_loses_nothing_and_nothing_is_done_twice(
    mesh: Mesh, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from api.flows.rescanning import batch as module

    mesh.policy("second", OWNED)
    mesh.govern("assignments", "- {policy: trial.second, scope: mesh, enforcement: advisory}\n")
    sent(mesh.house())
    mesh.govern("assignments", "- {policy: trial.second, scope: mesh, enforcement: blocking}\n")
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
    mesh.govern("assignments", "- {policy: trial.second, scope: mesh, enforcement: advisory}\n")
    sent(mesh.house())
    mesh.govern("assignments", "- {policy: trial.second, scope: mesh, enforcement: blocking}\n")
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
