"""What does it cost to ask a thousand products whether they fit, beside the bare engine on the same inputs?

A requirement as a consumer writes it: region, columns by name, a classification, a promise, and how the product stands.
The search, the reads of the catalog, the making of inputs and the work of the sandbox are all in it; the bare engine is
one regorus in this process that is handed the same inputs as text. On two cores two workers are asked at once.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson

from api.auth.permissions import LOCAL
from api.flows.fitness import Wish, fitting, pages, sights
from api.settings import read
from api.wiring import House
from benchmarks import catalogs
from benchmarks.meshes import TYPICAL
from benchmarks.timing import Row, timed
from engine.fitness.asking import document
from engine.fitness.requirement import Requirement
from engine.fitness.requirement import read as understood
from engine.policy import query

CANDIDATES = 1_000
NEED = """
package need.analysis

import rego.v1

defaults := {"platforms": ["aws:s3", "azure:kafka", "onprem:postgresql"], "columns": 4}

params := object.union(defaults, object.get(input, ["_context", "parameters", "need.analysis"], {}))

violation contains finding if {
	not _somewhere
	finding := {
		"code": "elsewhere",
		"msg": "no output port is on a platform that we can read",
		"path": ["interfaceComponents", "outputPorts"],
	}
}

violation contains finding if {
	some i, port in input.interfaceComponents.outputPorts
	not port.promises.slo
	finding := {
		"code": "no_objectives",
		"msg": sprintf("output port %s promises no objectives", [port.name]),
		"path": ["interfaceComponents", "outputPorts", i],
	}
}

violation contains finding if {
	some i, port in input.interfaceComponents.outputPorts
	columns := [column | some table in port.promises.api.definition.schema.tables; some column in table.columns]
	some column in columns
	not column.description
	finding := {
		"code": "undescribed",
		"msg": sprintf("column %s of %s is not described", [column.name, port.name]),
		"path": ["interfaceComponents", "outputPorts", i],
	}
}

violation contains finding if {
	input._context.evaluation.compliance.state != "compliant"
	finding := {"code": "not_compliant", "msg": "it breaks a policy of the mesh", "path": []}
}

_somewhere if {
	some port in input.interfaceComponents.outputPorts
	port.promises.platform in params.platforms
}
"""


def rows() -> Iterator[Row]:
    """One row: the whole call over the bare engine."""
    with tempfile.TemporaryDirectory() as name, catalogs.sqlite() as url:
        with catalogs.opened(url) as database:
            catalogs.filled(database, CANDIDATES, size=TYPICAL)
        flags: dict[str, object] = {"database_url": url}
        with House(read(flags, environ={}, folder=Path(name))) as house:
            yield _row(house)


def _row(house: House) -> Row:
    need = understood(house.fitness.workers, NEED)
    inputs = [orjson.dumps(one).decode() for one in _inputs(house, need)]
    bare = _bare(need, inputs)
    if (found := fitting(Wish(NEED), principal=LOCAL, house=house).counts) != bare():
        raise AssertionError(f"the bare engine finds something else than {found}")
    times = timed(
        {"fitness": lambda: fitting(Wish(NEED), principal=LOCAL, house=house), "bare": bare},
        rounds=7,
        runs=1,
        warm_up=1,
    )
    seconds = f"{times.median('fitness'):.2f} s against {times.median('bare'):.2f} s"
    note = f"{seconds}, {house.fitness_workers} workers; {', '.join(f'{n} {said}' for said, n in found.items())}"
    return Row(f"fitness of {CANDIDATES} candidates, SQLite / bare regorus", times.ratio("fitness", "bare"), note=note)


def _inputs(house: House, need: Requirement) -> Iterator[Any]:
    hits = house.search.page("", principal=LOCAL, first=CANDIDATES).items
    now = house.clock()
    for page in pages([hit.product.version_id for hit in hits]):
        for _, shown in sights(need, page, principal=LOCAL, house=house):
            yield document(shown, need, now)


def _bare(need: Requirement, inputs: list[str]) -> Callable[[], dict[str, int]]:
    import regorus

    engine = regorus.Engine()
    for path, module in need.bundle.modules.items():
        engine.add_policy(path, module)

    def asked() -> dict[str, int]:
        counts = {"fit": 0, "unfit": 0, "undecided": 0}
        for one in inputs:
            engine.set_input_json(one)
            answer = orjson.loads(engine.eval_query_as_json(query.REFERENCE))
            found = answer["result"][0]["expressions"][0]["value"]["results"][need.policy.id]
            counts["unfit" if found else "fit"] += 1
        return counts

    return asked
