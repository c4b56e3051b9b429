"""Does every published descriptor get a sensible verdict?

The table names the codes of every problem, warnings included, so that no verdict changes unseen.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from sample_descriptors import DATA, SAMPLES

from engine.descriptor import Directory, Submission, ingest
from engine.model import ProblemSeverity

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"the sample data is not at {DATA}")

REG = "odm-platform-pp-registry-server/src/test/resources/test-data"
PLAT = "odm-platform/product-plane-services/registry-server/src/test/resources/testcases/dpd"
SPEC = "odm-specification-dpdescriptor/examples/tripexecution"
PARSER = "odm-specification-dpdescriptor-parser/src/test/resources/org/opendatamesh/dpds/extensions"

VERDICTS: dict[str, dict[str, int]] = {
    "odm-platform/product-plane-services/devops-server/src/test/resources/dpd-core-canonical.json": {},
    # names of another product, and ids made from them
    f"{PLAT}/allinone/dpd-core-props-readonly.json": {"DP406": 2},
    f"{PLAT}/allinone/dpd-core.json": {},
    # written for the draft: agreements that are no standard definitions, names with the domain in between
    f"{PLAT}/allinone/dpd-full.json": {"DP301": 42, "DP354": 4, "DP406": 1, "DP451": 2, "DP452": 2, "DP453": 6},
    f"{PLAT}/lifecycle/dpd-lifecycle-iref.json": {"DP251": 3, "DP354": 3},
    f"{PLAT}/lifecycle/dpd-lifecycle.json": {"DP354": 2},
    f"{PLAT}/references/dpd-core-external/dpd-core.json": {"DP253": 2},
    # an OpenAPI definition without a single field of OpenAPI
    f"{REG}/dpds-minimal-for-enrichment-v1.0.0.json": {"DP456": 1},
    f"{REG}/dpds-minimal-v1.0.0.json": {},
    f"{REG}/dpds-v1.0.0.json": {"DP351": 1, "DP354": 3},
    # its OpenAPI file writes `200:` without quotes, which is no string key
    f"{SPEC}/data-product-descriptor.json": {"DP109": 1},
    # `serviceType` and `expectatctions`
    f"{SPEC}/ports/trip-events-oport.json": {"DP358": 2, "DP451": 1, "DP452": 2},
    # ports of another product
    f"{PARSER}/data_product_descriptor_with_custom_definitions.json": {"DP354": 2, "DP406": 2},
}


def codes(path: Path) -> dict[str, int]:
    found = ingest(Submission(path.name, Directory(path.parent)), namespace="org.opendatamesh")
    return dict(sorted(Counter(one.code for one in found.problems).items()))


def test_every_published_descriptor_is_in_the_table() -> None:
    assert sorted(str(path.relative_to(DATA)) for path in SAMPLES) == sorted(VERDICTS)


@pytest.mark.parametrize("name", VERDICTS)
def test_a_published_descriptor_gets_its_verdict(name: str) -> None:
    assert codes(DATA / name) == VERDICTS[name]


def test_the_official_example_is_refused_for_its_one_wrong_port_once_its_keys_are_strings(tmp_path: Path) -> None:
    source = DATA / SPEC
    for path in source.rglob("*.*"):
        copy = tmp_path / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(re.sub(r"^( +)(\d{3}):", r"\1'\2':", path.read_text("utf-8"), flags=re.MULTILINE), "utf-8")
    found = ingest(Submission("data-product-descriptor.json", Directory(tmp_path)))
    errors = [(one.code, one.path, one.place.file) for one in found.problems if one.severity is ProblemSeverity.ERROR]
    wrong = "/interfaceComponents/outputPorts/1"
    assert errors == [
        ("DP301", f"{wrong}/name", "ports/trip-events-oport.json"),
        ("DP301", f"{wrong}/version", "ports/trip-events-oport.json"),
    ]


def test_no_other_published_file_makes_ingestion_raise() -> None:
    others = [path for path in DATA.rglob("*") if path.suffix in (".json", ".yaml") and path not in SAMPLES]
    assert len(others) > 30
    for path in others:
        assert ingest(Submission(path.name, Directory(path.parent))).has_errors


def test_json_and_yaml_of_a_published_descriptor_have_one_digest(tmp_path: Path) -> None:
    import yaml

    path = DATA / REG / "dpds-v1.0.0.json"
    (tmp_path / "dp.yaml").write_text(yaml.dump(json.loads(path.read_bytes()), Dumper=yaml.CSafeDumper))
    as_yaml = ingest(Submission("dp.yaml", Directory(tmp_path)))
    assert as_yaml.digest == ingest(Submission(path.name, Directory(path.parent))).digest
