"""Does `meshgate export` print what meshgate makes of a descriptor, and exactly what policies see?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from commands import MESH, Ended

from api.settings import read
from api.wiring import House
from engine.decide import decide, effective_input
from engine.descriptor import Directory, Submission, ingest
from engine.model import Event, Facts

Run = Callable[..., Ended]
SHIPMENTS = MESH / "logistics" / "shipments" / "data-product-descriptor.yaml"


def test_references_are_resolved_and_read_only_fields_filled(run: Run) -> None:
    ended = run("export", SHIPMENTS)
    ports = ended.json["interfaceComponents"]["outputPorts"]
    assert [port["name"] for port in ports] == ["shipmentEvents", "deliveryTimes"]
    assert all("$ref" not in port and port["entityType"] == "outputport" for port in ports)
    assert ended.json["info"]["id"] == ended.json["info"]["id"].lower() != ""
    assert ended.err == ""
    assert "_context" not in ended.json


def test_effective_is_the_input_of_the_decision(run: Run, tmp_path: Path) -> None:
    shown = run("export", "--effective", "--event", "deploy", "--environment", "dev", SHIPMENTS).json
    descriptor = ingest(Submission(SHIPMENTS.name, Directory(SHIPMENTS.parent)))
    facts = Facts(event=Event.DEPLOY, now=datetime.now(UTC), environment="dev")
    with House(read(environ={"HOME": str(tmp_path)}, folder=tmp_path)) as house:
        decision = decide(
            descriptor, facts=facts, bundle=house.bundle, governance=house.governance, engine=house.engine
        )
        assert shown == effective_input(descriptor, facts=facts, bundle=house.bundle, governance=house.governance)
    assert shown == decision.effective_input
    assert (shown["_context"]["event"], shown["_context"]["environment"]) == ("deploy", "dev")
    assert {key: value for key, value in shown.items() if key != "_context"} == run("export", SHIPMENTS).json


def test_the_governance_folder_shows_in_the_parameters(run: Run) -> None:
    folder = MESH.parent / "governance"
    shown = run("export", "--effective", "--governance", folder, MESH / "sales" / "orders.yaml").json
    assert shown["_context"]["parameters"]["mesh.documentation.descriptions_present"]["product_characters"] == 60
