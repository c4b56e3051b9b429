"""Is whoever retires a container told who still reads it?"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from deploy_stage import DEPLOYER, Stage, document

from api.flows.readers import readers
from catalog.access_sets import AccessSets
from catalog.lineage import Lineage
from catalog.together import Together


def test_those_who_run_there_and_read_it_are_told_and_nobody_else(tmp_path: Path) -> None:
    stage = Stage(f"sqlite:///{tmp_path / 'meshgate.db'}", tmp_path / "containers")
    house: Any = SimpleNamespace(
        containers=stage.containers,
        lineage=Lineage(stage.database),
        together=Together(stage.database),
        access_sets=AccessSets(stage.database),
    )
    stage.accept(document())
    for name in ("report", "idle"):
        content = document(name=name)
        source = "urn:dpds:org.example:dataproducts:orders:1:outputports:placed"
        port = {"name": "in", "version": "1.0.0", "dependsOn": source}
        content["interfaceComponents"]["inputPorts"] = [port]
        stage.accept(content)
    try:
        with stage.working():
            orders, report = stage.ask(), stage.ask(name="report")
            for one in (orders, report):
                assert stage.ended(one.deployment_id)["state"] == "succeeded"
        told = readers(orders.container_id, principal=DEPLOYER, house=house)
        assert told == {"consumers": ["urn:dpds:org.example:dataproducts:report:1"], "subjects": []}
        nobody = {"consumers": [], "subjects": []}
        assert readers(report.container_id, principal=DEPLOYER, house=house) == nobody
        assert readers("none", principal=DEPLOYER, house=house) == nobody
    finally:
        stage.close()
