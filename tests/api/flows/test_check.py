"""Does `check` decide with what it is given, and load nothing that it does not need?"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from changing_mesh import LINE, Mesh, reading, statements
from changing_mesh import sent as submitted
from doors import ROOT, a_house, product
from sqlalchemy import event

from api.flows.check import check
from api.wiring import House
from engine.descriptor import Limits, Parts, Submission
from engine.descriptor.source import parse
from engine.errors import Forbidden, NotFound
from engine.model import Event, Outcome, PolicyState, Principal

HEAVY = {
    "alembic",
    "dbos",
    "fastapi",
    "graphene",
    "graphql",
    "jsonschema",
    "opa_client",
    "prometheus_client",
    "pydantic",
    "pydantic_settings",
    "sqlalchemy",
    "sqlmodel",
    "starlette",
    "structlog",
    "uvicorn",
}

SCRIPT = """
import json, sys
from pathlib import Path
from api.flows.check import check
from api.settings import read
from api.wiring import House
from engine.descriptor import Directory, Submission
from engine.report import record

path = Path(sys.argv[1])
with House(read({"data_dir": path.parent / "data"}, environ={}, folder=path.parent)) as house:
    _, decision = check(Submission(path.name, Directory(path.parent)), house=house)
report = record.report([record.document(decision, file=path.name)])
print(json.dumps({"summary": report["summary"], "modules": sorted({name.partition(".")[0] for name in sys.modules})}))
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with a_house(tmp_path_factory.mktemp("data")) as house:
        yield house


def sent(content: bytes) -> Submission:
    return Submission("product.yaml", Parts({"product.yaml": content}))


def test_a_check_loads_no_web_no_database_and_no_second_validator(tmp_path: Path) -> None:
    (tmp_path / "product.yaml").write_bytes(product())
    command = [sys.executable, "-c", SCRIPT, str(tmp_path / "product.yaml")]
    told = json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)
    assert told["summary"]["accepted"] == 1
    assert HEAVY & set(told["modules"]) == set()
    assert not (tmp_path / "data").exists()


READERS = ("engine.policy.bundle", "engine.policy.inspection", "engine.policy.lint", "engine.policy.reading")


def test_where_the_bundle_is_known_nobody_who_reads_policies_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "product.json").write_text(json.dumps(parse("product.yaml", product(), Limits()).value))
    script = SCRIPT.replace('name.partition(".")[0] for name', "name for name")
    script = script.replace("environ={}", f'environ={{"XDG_CACHE_HOME": {str(tmp_path / "cache")!r}}}')
    loaded = []
    for _ in range(2):
        command = [sys.executable, "-c", script, str(tmp_path / "product.json")]
        told = json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)
        assert told["summary"]["accepted"] == 1
        loaded.append(set(told["modules"]))
    assert set(READERS) <= loaded[0]
    assert not (set(READERS) | {"yaml"}) & loaded[1]


def test_a_check_with_a_catalog_reads_it_on_one_connection_in_six_statements(mesh: Mesh) -> None:
    house = mesh.house()
    submitted(house)
    content = reading("letters", LINE.format("parcels") + ":outputports:none")
    check(sent(content), house=house, catalog=True)
    taken: list[object] = []
    event.listen(house.database.bind, "checkout", lambda *told: taken.append(told))
    with statements(house.database) as seen:
        _, decision = check(sent(content), house=house, catalog=True)
    assert decision.outcome is Outcome.ACCEPTED
    assert (len(seen), len(taken)) == (6, 1), seen


def test_what_a_policy_needs_of_the_mesh_is_not_known_here(house: House) -> None:
    _, decision = check(sent(product()), house=house)
    assert decision.effective_input is not None
    context = decision.effective_input["_context"]
    assert (context["mesh"], context["previous"], context["event"]) == (None, None, "submit")


def test_a_previous_version_can_be_handed_in(house: House) -> None:
    first, _ = check(sent(product()), house=house)
    _, decision = check(sent(product(version="1.1.0")), house=house, previous=first.effective)
    assert decision.effective_input is not None
    assert decision.effective_input["_context"]["previous"] == first.effective


def test_a_previous_version_of_another_product_is_left_alone(house: House) -> None:
    other, _ = check(sent(product("other")), house=house)
    _, decision = check(sent(product(version="1.1.0")), house=house, previous=other.effective)
    assert decision.effective_input is not None
    assert decision.effective_input["_context"]["previous"] is None


def test_a_missing_owner_is_found_at_its_place(house: House) -> None:
    _, decision = check(sent(product(owner="")), house=house)
    assert decision.outcome is Outcome.REJECTED
    (finding,) = [one for one in decision.blocking if one.finding.policy == "mesh.ownership.owner_declared"]
    assert (finding.finding.code, finding.place.file, finding.place.line) == ("owner_missing", "product.yaml", 2)


def test_another_event_and_environment_are_taken_on_request(house: House) -> None:
    _, decision = check(sent(product()), house=house, event=Event.DEPLOY, environment="dev")
    assert (decision.event, decision.environment) == (Event.DEPLOY, "dev")
    assert all(run.state is not PolicyState.ERROR for run in decision.policies)


def test_an_environment_that_is_none_is_refused(house: House) -> None:
    with pytest.raises(NotFound, match="There is no environment `moon`; there are dev"):
        check(sent(product()), house=house, environment="moon")


def test_who_may_not_check_does_not(house: House) -> None:
    with pytest.raises(Forbidden):
        check(sent(product()), house=house, principal=Principal("nobody"))


def test_an_unreadable_document_is_undecided_and_not_an_error(house: House) -> None:
    descriptor, decision = check(sent(b"a: 1\na: 2\n"), house=house)
    assert (descriptor.effective, decision.outcome, decision.policies) == (None, Outcome.UNDECIDED, ())
