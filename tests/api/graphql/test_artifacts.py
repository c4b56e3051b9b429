"""Is what was built of a version shown with it, as of the revision that is asked for, by one statement for all?"""

from __future__ import annotations

from typing import Any

import make
from remembered import ANNA

from catalog.builds import Claim
from catalog.database import Database
from catalog.deployable import deployable

ORDERS = "urn:dpds:org.example:dataproducts:orders:1"
QUERY = """query Q($fqn: String!, $revision: Int, $n: Int!) {
  catalog(revision: $revision) {
    dataProduct(fqn: $fqn) {
      versions(first: $n) { edges { node {
        version artifacts { name digest location mediaType component adapter deploymentId at }
      } } }
    }
  }
}"""


def built(database: Database, fqn: str, version: str, *names: str) -> None:
    """Let each of these have been built of a version, with an artifact of its name."""
    of = deployable(database, fqn, version, principal=ANNA)
    with database.work(ANNA, at=make.NOW) as work:
        for name in names:
            claim = Claim("d", f"{fqn}:tasks:build:{name}", 1, "", make.NOW)
            artifact = {"name": name, "digest": "sha256:" + "0" * 64, "location": f"file:///{name}"}
            seen = {"outputs": {}, "artifacts": [artifact]}
            work.deployments.builds.keep(of.version_id, of.digest, claim, adapter="builder", seen=seen)
        work.commit()


def shown(data: Any, **more: Any) -> dict[str, Any]:
    found = data(QUERY, fqn=ORDERS, **{"n": 5, **more})["catalog"]["dataProduct"]["versions"]["edges"]
    return {edge["node"]["version"]: edge["node"]["artifacts"] for edge in found}


def test_the_artifacts_of_each_version_are_shown_in_the_order_of_the_build(mesh: Database, data: Any) -> None:
    assert shown(data) == {"1.1.0": [], "1.0.0": []}
    built(mesh, ORDERS, "1.0.0", "compile", "pack")
    told = shown(data)
    assert told["1.1.0"] == []
    assert [one["name"] for one in told["1.0.0"]] == ["compile", "pack"]
    assert told["1.0.0"][0] == {
        "name": "compile",
        "digest": "sha256:" + "0" * 64,
        "location": "file:///compile",
        "mediaType": None,
        "component": f"{ORDERS}:tasks:build:compile",
        "adapter": "builder",
        "deploymentId": "d",
        "at": make.NOW.isoformat(),
    }


def test_before_it_was_built_there_was_nothing(mesh: Database, data: Any) -> None:
    before = data("{ catalog { revision } }")["catalog"]["revision"]
    built(mesh, ORDERS, "1.0.0", "pack")
    assert shown(data, revision=before) == {"1.1.0": [], "1.0.0": []}
    assert len(shown(data)["1.0.0"]) == 1


def test_statements_do_not_grow_with_the_versions(mesh: Database, data: Any, counted: Any) -> None:
    built(mesh, ORDERS, "1.0.0", "pack")
    built(mesh, ORDERS, "1.1.0", "pack")

    def sent(count: int) -> int:
        with counted() as statements:
            shown(data, n=count)
        return len(statements)

    assert sent(1) == sent(5)
