"""Is a released bundle the same policies and governance at the other end, or refused?"""

from __future__ import annotations

import gzip
import json
import subprocess
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import rego

from engine.errors import BundleInvalid, GovernanceInvalid
from engine.model import Bundle
from engine.policy import archive, query, tarball
from engine.policy import bundle as bundles
from engine.policy import governance as governing
from engine.policy.embedded import EmbeddedEngine
from engine.policy.governance import Governance
from policies import DIRECTORY

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "governance"
DAY = datetime(2026, 11, 23, 15, tzinfo=UTC)
LATER = datetime(2026, 11, 23, 22, tzinfo=UTC)
POLICY = "finance/closing/notice_promised/notice_promised.rego"


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return bundles.load([DIRECTORY, EXAMPLE / "policies"])


@pytest.fixture(scope="module")
def governance(bundle: Bundle) -> Governance:
    return governing.load(EXAMPLE, bundle)


@pytest.fixture(scope="module")
def content(bundle: Bundle, governance: Governance) -> bytes:
    return archive.write(bundle, governance, taken=DAY)


def changed(content: bytes, **ours: Any) -> bytes:
    """The archive with other values in its manifest: `metadata.meshgate`, or the top where `top_` goes ahead."""
    files = tarball.unpack(content, "x")
    told = json.loads(files[".manifest"])
    for key, value in ours.items():
        place = told if key.startswith("top_") else told["metadata"]["meshgate"]
        place[key.removeprefix("top_")] = value
    return tarball.pack({**files, ".manifest": json.dumps(told).encode()})


def within(content: bytes, files: Mapping[str, bytes | None]) -> bytes:
    """The archive with other files; None takes one away."""
    every = {**tarball.unpack(content, "x"), **files}
    return tarball.pack({path: body for path, body in every.items() if body is not None})


def manifest(content: bytes) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(tarball.unpack(content, "x")[".manifest"])
    return told


def test_policies_and_governance_arrive_as_they_left(bundle: Bundle, governance: Governance, content: bytes) -> None:
    read = archive.read(content, "mesh.tar.gz")
    arrived = bundles.of(read.sources)
    archive.confirm(read, arrived)
    assert (arrived.revision, arrived.modules) == (bundle.revision, bundle.modules)
    assert {id: one.digest for id, one in arrived.policies.items()} == {
        id: one.digest for id, one in bundle.policies.items()
    }
    held = archive.governance(read, arrived)
    assert (held.assignments_digest, held.waivers_digest) == (governance.assignments_digest, governance.waivers_digest)
    assert [(one.policy, one.match, one.parameters) for one in held.assignments] == [
        (one.policy, one.match, one.parameters) for one in governance.assignments
    ]
    assert read.snapshot.taken == "2026-11-23"


def test_of_the_environments_only_names_travel(bundle: Bundle, content: bytes) -> None:
    held = archive.governance(archive.read(content, "mesh.tar.gz"), bundle)
    assert {name: (one.order, one.adapters) for name, one in held.environments.items()} == {
        "dev": (1, ()),
        "qa": (2, ()),
        "prod": (3, ()),
    }
    bare = archive.write(bundle, governing.of(), taken=DAY)
    assert archive.governance(archive.read(bare, "x"), bundle) == governing.of()


def test_it_is_the_same_bytes_all_day_whatever_was_read_first(
    bundle: Bundle, governance: Governance, content: bytes
) -> None:
    again = Bundle(bundle.revision, bundle.policies, dict(reversed(bundle.modules.items())))
    assert archive.write(again, governance, taken=LATER) == content


def test_the_manifest_is_that_of_an_opa_bundle(bundle: Bundle, governance: Governance, content: bytes) -> None:
    told = manifest(content)
    ours = told.pop("metadata")["meshgate"]
    assert told == {
        "revision": bundle.revision,
        "roots": ["finance", "mesh", "meshgate/query"],
        "rego_version": 1,
    }
    assert ours["waivers"] == [
        {
            "id": "W-2026-014",
            "policy": "mesh.slo.output_ports_promise_slo",
            "code": "slo_missing",
            "product": "urn:dpds:org.example:dataproducts:clickstream:1",
            "component": "urn:dpds:org.example:dataproducts:clickstream:1:outputports:clicks",
            "reason": governance.waivers[0].reason,
            "ticket": "MESH-311",
            "requested_by": "sales-data@example.org",
            "approved_by": "governance@example.org",
            "from": "2026-11-01T00:00:00+00:00",
            "until": "2027-05-01T00:00:00+00:00",
        }
    ]
    assert (ours["format"], ours["waivers_taken"]) == (1, "2026-11-23")


def test_every_form_of_an_assignment_survives_the_way(bundle: Bundle, tmp_path: Path) -> None:
    (tmp_path / "assignments.yaml").write_text("""\
- {policy: mesh.ownership.owner_declared, scope: mesh, enforcement: shadow, effective_from: 2027-01-31T09:00:00+01:00,
   grace_for_existing: 99999w, match: {tags: [a, b], events: [submit], exclude: {domains: [sales]}}}
- {policy: mesh.ownership.owner_declared, scope: mesh, enforcement: blocking,
   match: {products: ["urn:dpds:org.example:dataproducts:orders:1"],
           exclude: ["urn:dpds:org.example:dataproducts:orders:2"]}}
""")
    (tmp_path / "waivers.yaml").write_text("""\
- {id: W, policy: mesh.ownership.owner_declared, product: "urn:dpds:org.example:dataproducts:orders:1", reason: É,
   requested_by: a, approved_by: b, from: 2026-11-01, until: "9999-12-31", within: /tags/a}
""")
    left = governing.load(tmp_path, bundle)
    held = archive.governance(archive.read(archive.write(bundle, left, taken=DAY), "x"), bundle)
    assert (held.assignments_digest, held.waivers_digest) == (left.assignments_digest, left.waivers_digest)


def test_a_policy_whose_folder_is_not_its_whole_package_arrives_too(tmp_path: Path) -> None:
    rego.write(tmp_path, {"trial.one": rego.violation("true")})
    left = bundles.load([tmp_path / "trial"])
    arrived = bundles.of(archive.read(archive.write(left, governing.of(), taken=DAY), "x").sources)
    assert (arrived.revision, list(arrived.policies)) == (left.revision, ["trial.one"])


def test_a_signature_is_no_obstacle(content: bytes, bundle: Bundle) -> None:
    signed = within(content, {".signatures.json": b'{"signatures": ["x.y.z"]}'})
    assert archive.read(signed, "x").revision == bundle.revision


EVIL = b"package finance.closing.notice_promised\n"
REFUSED: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "no manifest": (lambda raw: within(raw, {".manifest": None}), "holds no .manifest"),
    "manifest of no use": (lambda raw: within(raw, {".manifest": b'{"a": 1, "a": 2}'}), ".manifest:1: "),
    "foreign bundle": (lambda raw: within(raw, {".manifest": b'{"revision": "1"}'}), "name the folder"),
    "manifest of a list": (lambda raw: within(raw, {".manifest": b"[]"}), "name the folder"),
    "newer format": (lambda raw: changed(raw, format=2), "is not 1"),
    "Rego v0": (lambda raw: changed(raw, top_rego_version=0), "`rego_version` must be 1"),
    "no digest": (lambda raw: changed(raw, waivers_digest=None), "must be there"),
    "no day": (lambda raw: changed(raw, waivers_taken="yesterday"), "`waivers_taken` is no day"),
    "a moment": (lambda raw: changed(raw, waivers_taken="2026-11-23T00:00:00Z"), "`waivers_taken` is no day"),
    "other module": (lambda raw: within(raw, {POLICY: EVIL}), "its modules are of revision sha256:"),
    "module more": (lambda raw: within(raw, {"mesh/evil.rego": EVIL}), "its modules are of revision sha256:"),
    "module less": (lambda raw: within(raw, {POLICY: None}), "its modules are of revision sha256:"),
    "other revision": (lambda raw: changed(raw, top_revision="sha256:0"), "its manifest says sha256:0"),
    "wider roots": (lambda raw: changed(raw, top_roots=[""]), "need the roots finance, mesh, meshgate/query"),
    "data": (lambda raw: within(raw, {"data.json": b"{}"}), "`data.json` is no Rego module"),
    "not UTF-8": (lambda raw: within(raw, {POLICY: b"\xff"}), "byte 1 is not UTF-8"),
    "cut off": (lambda raw: raw[:-9], "is cut off"),
    "not even gzip": (lambda raw: gzip.decompress(raw), "is no gzipped archive"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_as_it_was_released_is_refused(case: str, content: bytes) -> None:
    change, reason = REFUSED[case]
    with pytest.raises(BundleInvalid) as refused:
        archive.read(change(content), "mesh.tar.gz")
    assert refused.value.detail.startswith("mesh.tar.gz")
    assert reason in refused.value.detail


def test_another_question_for_the_opa_server_is_refused(content: bytes, bundle: Bundle) -> None:
    evil = "package meshgate.query\nanswer := {}\n"
    rewritten = within(content, {query.PATH: evil.encode()})
    with pytest.raises(BundleInvalid, match="its modules are of revision"):
        archive.read(rewritten, "mesh.tar.gz")
    own = query.revision({path: text for path, text in bundle.modules.items() if path != query.PATH}, evil)
    read = archive.read(changed(rewritten, top_revision=own), "mesh.tar.gz")
    with pytest.raises(BundleInvalid, match="is not the question"):
        archive.confirm(read, bundle)


def test_waivers_that_the_digest_does_not_cover_are_refused(content: bytes, bundle: Bundle) -> None:
    waivers = [{**manifest(content)["metadata"]["meshgate"]["waivers"][0], "until": "2030-01-01"}]
    with pytest.raises(BundleInvalid, match="are not those of the digests"):
        archive.governance(archive.read(changed(content, waivers=waivers), "mesh.tar.gz"), bundle)


def test_governance_in_an_archive_keeps_the_rules_of_a_folder(content: bytes, bundle: Bundle) -> None:
    own = manifest(content)["metadata"]["meshgate"]["waivers"][0]
    wrong = changed(content, waivers=[{**own, "approved_by": own["requested_by"]}], assignments=[{"scope": 1}])
    with pytest.raises(GovernanceInvalid) as refused:
        archive.governance(archive.read(wrong, "mesh.tar.gz"), bundle)
    told = refused.value.detail
    assert "cannot approve a waiver" in told
    assert '"policy" is a required property' in told
    assert all(line.startswith("mesh.tar.gz/.manifest:1: ") for line in told.splitlines())


def test_a_real_opa_answers_from_the_archive_as_the_embedded_engine_does(
    content: bytes, bundle: Bundle, opa_binary: str, tmp_path: Path
) -> None:
    file = tmp_path / "mesh.tar.gz"
    file.write_bytes(content)
    asked = sorted(bundle.policies)
    document = {"info": {"name": "x", "domain": "sales"}, "_context": {"policies": asked, "parameters": {}}}
    (tmp_path / "input.json").write_text(json.dumps(document))
    command = [opa_binary, "eval", "-b", str(file), "-i", str(tmp_path / "input.json"), query.REFERENCE]
    said = subprocess.run(command, capture_output=True, check=True).stdout
    answer = json.loads(said)["result"][0]["expressions"][0]["value"]
    engine = EmbeddedEngine(workers=1)
    try:
        own = engine.evaluate(bundle, asked, document)
    finally:
        engine.close()
    assert (answer["revision"], answer["evaluated"]) == (bundle.revision, asked)
    assert {id: {(one["code"], one["msg"]) for one in found} for id, found in answer["results"].items()} == {
        id: {(one.code, one.msg) for one in found} for id, found in own.items() if isinstance(found, tuple)
    }
    assert any(answer["results"].values())
