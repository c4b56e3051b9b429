"""Does an adapter see the tasks of a descriptor as their author wrote them, with references resolved?"""

from __future__ import annotations

import make
import pytest

from engine.descriptor import Parts, Submission, ingest
from engine.provision.tasks import lifecycle

ROOT = b"""\
dataProductDescriptor: 1.0.0
info:
  fullyQualifiedName: urn:dpds:org.example:dataproducts:orders:1
  name: orders
  version: 1.0.0
  domain: sales
  owner: {id: jo}
interfaceComponents: {outputPorts: []}
internalComponents:
  lifecycleInfo:
    qa:
    - name: run
      service: {$href: "{azure-devops}"}
      template: {$ref: templates/pipeline.yaml}
      configurations: {params: {pool: linux}}
    - template: {$ref: "#/components/templates/other"}
      order: 1
    - {}
components:
  templates:
    other: {name: other, version: 1.0.0, specification: text, definition: {$href: "https://example.org/t"}}
"""
PIPELINE = b"name: pipeline\nversion: 1.0.0\nspecification: azure\ndefinition: {organization: o, pipelineId: '7'}\n"


def test_tasks_come_in_order_with_their_templates_resolved_and_links_left_alone() -> None:
    read = ingest(Submission("dp.yaml", Parts({"dp.yaml": ROOT, "templates/pipeline.yaml": PIPELINE})))
    assert read.effective is not None
    first, second, third = lifecycle(read.effective, make.identity(), "qa")
    assert (first.name, second.name, third.name) == ("task 1", "run", "task 3")
    assert first.definition["template"]["definition"] == {"$href": "https://example.org/t"}
    assert second.definition["template"]["definition"] == {"organization": "o", "pipelineId": "7"}
    assert second.definition["configurations"] == {"params": {"pool": "linux"}}
    assert (first.platform, second.platform) == ("", "azure-devops")


@pytest.mark.parametrize(
    "told", [None, {}, {"lifecycleInfo": None}, {"lifecycleInfo": {"qa": None}}, {"lifecycleInfo": []}]
)
def test_a_stage_without_tasks_has_none(told: object) -> None:
    assert lifecycle({"internalComponents": told}, make.identity(), "qa") == []
