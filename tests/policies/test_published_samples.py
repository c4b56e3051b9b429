"""Does the starter pack say of the published descriptors only what a governance team would say of them, too?

The table counts every finding, so that a policy that becomes too eager is seen. None of them blocks: the documents are
examples and test data, most of them without descriptions, contacts, sources or objectives, on platforms of nobody.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

import pytest
from policy_cases import POLICIES, document
from sample_descriptors import DATA, SAMPLES

from engine.descriptor import Directory, Submission, ingest
from engine.model import Bundle, Enforcement, PolicyFailure
from engine.policy.bundle import load
from engine.policy.embedded import EmbeddedEngine

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"the sample data is not at {DATA}")

SAID = {
    # the example of a customer's payments: a column without a description, and customer_email without a tag
    "mesh.contracts.columns_described": {"column_undescribed": 1},
    "mesh.privacy.personal_columns_marked": {"personal_data_untagged": 1},
    "mesh.documentation.descriptions_present": {"product_undescribed": 6, "entity_undescribed": 7},
    # dpd-full.json links its pages by relative paths
    "mesh.documentation.external_docs_linked": {"docs_missing": 12, "docs_unusable": 3},
    # dpd-core-canonical.json has stages such as stage-notemplate, to test an executor
    "mesh.lifecycle.stages_known": {"stage_unknown": 5},
    "mesh.lineage.inputs_declared": {"source_undeclared": 7},
    "mesh.naming.names_follow_convention": {"entity_name": 2, "product_name": 1},
    "mesh.ownership.contact_reachable": {"contact_missing": 11},
    "mesh.platforms.platform_allowed": {"platform_unsupported": 17, "platform_missing": 3},
    "mesh.slo.output_ports_promise_slo": {"slo_missing": 8, "slo_empty": 1},
}


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return load([POLICIES])


@pytest.fixture(scope="module")
def said(bundle: Bundle) -> Iterator[dict[str, Counter[str]]]:
    """How often the pack has said each code of all published descriptors that can be read."""
    engine, policies, found = EmbeddedEngine(), sorted(bundle.policies), defaultdict(Counter[str])
    for path in SAMPLES:
        effective = ingest(Submission(path.name, Directory(path.parent))).effective
        if effective is None:
            continue
        for policy, answer in engine.evaluate(bundle, policies, document(effective, policies)).items():
            assert not isinstance(answer, PolicyFailure), (path, answer)
            found[policy].update(finding.code for finding in answer)
    yield {policy: codes for policy, codes in found.items() if codes}
    engine.close()


def test_the_pack_says_what_stands_in_the_table_and_no_more(said: dict[str, Counter[str]]) -> None:
    assert said == SAID


def test_nothing_that_it_says_blocks(said: dict[str, Counter[str]], bundle: Bundle) -> None:
    assert {bundle.policies[policy].enforcement for policy in said} == {Enforcement.ADVISORY}
