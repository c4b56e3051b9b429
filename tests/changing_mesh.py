"""A catalog on either store, houses on it with policies that change between them, and an engine that is watched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import rego
from doors import NOW, a_house, product
from sqlalchemy import event

from api.auth.permissions import LOCAL
from api.flows.submit import submit
from api.wiring import House
from catalog.database import Database
from engine.descriptor import Parts, Submission
from engine.errors import PolicyEngineUnavailable
from engine.model import Answer, Bundle, Json
from engine.policy.port import PolicyEngine, Question

LINE = "urn:dpds:org.example:dataproducts:{}:1"
ALWAYS = rego.violation("not input.info.name")
OWNED = rego.violation('input.info.owner.id == "jo@example.org"')
CROWDED = rego.violation("count(input._context.mesh.consumers) > 0")
DATED = rego.violation('input._context.now >= "2026-11-25"')
MESH = rego.ANNOTATIONS.replace("category: test", "category: test\n#   needs: [mesh]")


class Mesh:
    """A catalog with houses on it, each with the policies that its folder holds when it is built."""

    def __init__(self, folder: Path, stack: ExitStack, flags: dict[str, str]) -> None:
        self.folder, self._stack, self.flags = folder, stack, flags
        self.now = NOW
        (folder / "policies").mkdir()
        (folder / "governance").mkdir()
        self.policy("first", ALWAYS)

    def policy(self, name: str, rules: str, annotations: str = rego.ANNOTATIONS) -> None:
        file = self.folder / "policies" / "mesh" / name / f"{name}.rego"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(rego.policy(f"mesh.{name}", rules, annotations=annotations))

    def govern(self, kind: str, text: str) -> None:
        (self.folder / "governance" / f"{kind}.yaml").write_text(text)

    def house(self) -> House:
        folders = {"policies": [str(self.folder / "policies")], "governance": str(self.folder / "governance")}
        house = self._stack.enter_context(a_house(self.folder, **folders, **self.flags))
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


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """The statements that are sent to the store meanwhile."""
    told: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if not statement.startswith("BEGIN"):
            told.append(statement)

    event.listen(database.bind, "before_cursor_execute", note)
    try:
        yield told
    finally:
        event.remove(database.bind, "before_cursor_execute", note)


class Watched:
    """An engine that notes which policies it is asked, in how many round trips, and may be down."""

    def __init__(self, engine: PolicyEngine) -> None:
        self._engine, self.asked, self.trips, self.down = engine, [], 0, False

    @property
    def name(self) -> str:
        return self._engine.name

    @property
    def version(self) -> str:
        return self._engine.version

    def evaluate(self, bundle: Bundle, policies: Sequence[str], document: Mapping[str, Json]) -> dict[str, Answer]:
        if self.down:
            raise PolicyEngineUnavailable("it is down")
        self.trips += 1
        self.asked += policies
        return self._engine.evaluate(bundle, policies, document)

    @property
    def holds_several(self) -> bool:
        return self._engine.holds_several

    def evaluate_each(self, bundle: Bundle, questions: Sequence[Question]) -> list[dict[str, Answer] | None]:
        if self.down:
            return [None] * len(questions)
        self.trips += 1
        self.asked += [policy for one in questions for policy in one.policies]
        return self._engine.evaluate_each(bundle, questions)

    def close(self) -> None:
        self._engine.close()


def watched(house: House) -> Watched:
    engine = Watched(house.engine)
    house.__dict__["engine"] = engine
    return engine
