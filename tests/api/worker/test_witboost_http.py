"""Is a tech adapter of Witboost driven as it is published, and is nothing said of it that it does not tell?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from scripted_server import serving
from scripted_witboost import TechAdapter, read

from api.destinations import Destinations
from api.worker.asking import HttpAsk
from engine.errors import ProvisioningFailed
from engine.provision.adapters.witboost_http import WitboostHttp
from engine.provision.kit.case import Case
from engine.provision.kit.trying import Kept, tried

HERE = Destinations.of(["127.0.0.0/8"], key="adapter_hosts")
STORE = {"kind": "infrastructure", "name": "store", "platform": "aws:s3", "type": "storage-resource"}
REQUEST: dict[str, Any] = {
    "resource_id": "00000000-0000-4000-8000-000000000001",
    "generation": 1,
    "environment": "dev",
    "container": {
        "id": "00000000-0000-4000-8000-000000000002",
        "product": "urn:dpds:org.example:dataproducts:orders:1",
        "domain": "sales",
        "name": "orders",
        "major": 1,
        "version": "1.0.0",
    },
    "component": {"fqn": "urn:dpds:org.example:dataproducts:orders:1:infrastructure:store", **STORE},
    "definition": {"name": "store", "description": "öffentlich: ja\n# no \x7f\u2028 😀", "on": "no", "size": 3},
    "resolved": {},
    "config": {},
}


@pytest.fixture
def tech() -> Iterator[TechAdapter]:
    with serving(TechAdapter()) as script:
        assert isinstance(script, TechAdapter)
        yield script


def bridge(tech: TechAdapter, **config: Any) -> WitboostHttp:
    return WitboostHttp({"address": tech.address, "seconds": 0.6, **config}, ask=HttpAsk(HERE))


def refused(call: Any) -> str:
    """The class of the error with which a call ends, by an exception or in its outcome."""
    try:
        outcome = call()
    except ProvisioningFailed as error:
        return str(error.context["error_class"])
    return str(outcome["error"]["class"])


@pytest.mark.parametrize("looks", [None, 1])
def test_the_bridge_keeps_every_promise_that_it_can_and_says_why_it_cannot_keep_the_others(
    tech: TechAdapter, looks: int | None
) -> None:
    tech.looks = looks
    results = list(tried(Case("witboost-http", partial(bridge, tech, seconds=20), STORE, ({"size": 1}, {"size": 2}))))
    assert [one for one in results if one.kept is Kept.BROKEN] == []
    assert [one.reason for one in results if one.kept is Kept.SKIPPED] == [
        "it has not the capability observe",
        "it has not the capability fence, and says so",
        "it has not the capability fence, and says so",
        "it has not the capability observe",
        "it has not the capability inventory",
        *["it has not the capability adopt"] * 3,
        "it has not the capability build",
    ]


def test_a_component_travels_inside_of_its_data_product_as_yaml(tech: TechAdapter) -> None:
    made = bridge(tech, infrastructureTemplateId="urn:dmb:itm:s3:1", specific={"region": "eu"})
    told = made.apply(REQUEST)
    ((what, body),) = tech.did
    assert (what, body["descriptorKind"], body["removeData"]) == ("provision", "COMPONENT_DESCRIPTOR", False)
    descriptor = read(body["descriptor"])
    (component,) = descriptor["dataProduct"]["components"]
    assert descriptor["componentIdToProvision"] == component["id"] == "urn:dmb:cmp:sales:orders:1:store"
    assert (descriptor["dataProduct"]["id"], component["kind"]) == ("urn:dmb:dp:sales:orders:1", "storage")
    assert component["specific"] == {**REQUEST["definition"], "region": "eu"}
    assert component["infrastructureTemplateId"] == "urn:dmb:itm:s3:1"
    outputs = told["observation"]["outputs"]
    assert outputs["public"]["bucket"]["value"] == "s3://orders"
    assert outputs["private"] == {"password": {"type": "***", "value": "***"}, "keys": ["***"]}


@pytest.mark.parametrize("token", ["plain", "json"])
def test_what_goes_on_is_followed_by_its_token_with_quotes_or_without(tech: TechAdapter, token: str) -> None:
    tech.looks, tech.token = 1, token
    made = bridge(tech)
    pending = made.apply(REQUEST)
    assert made.poll(pending["operation"]) == {"state": "running"}
    assert made.poll(pending["operation"])["observation"]["generation"] == 1
    assert len(tech.did) == 1


@pytest.mark.parametrize("token", [b"", b'""', {"token": 7}, b"x" * 2000, b"a\x00b"])
def test_a_token_that_nobody_can_ask_for_leaves_the_outcome_unknown(tech: TechAdapter, token: Any) -> None:
    tech.looks, tech.token = 1, token
    assert refused(lambda: bridge(tech).apply(REQUEST)) == "UNKNOWN_OUTCOME"


def test_a_token_that_was_forgotten_leaves_the_outcome_unknown(tech: TechAdapter) -> None:
    tech.looks = 5
    made = bridge(tech)
    pending = made.apply(REQUEST)
    tech.left.clear()
    assert refused(lambda: made.poll(pending["operation"])) == "UNKNOWN_OUTCOME"


@pytest.mark.parametrize(("policy", "removes", "seen"), [("delete", True, "absent"), ("retain", False, "present")])
def test_data_is_removed_only_where_that_is_asked_for(tech: TechAdapter, policy: str, removes: bool, seen: str) -> None:
    told = bridge(tech).destroy(REQUEST, policy)
    assert (tech.did[0][0], tech.did[0][1]["removeData"]) == ("unprovision", removes)
    assert (told["observation"]["state"], told["observation"].get("retained")) == (seen, None if removes else True)


def test_access_is_the_full_set_of_users_and_groups(tech: TechAdapter) -> None:
    made = bridge(tech)
    grants = [{"principal": one, "privilege": "read"} for one in ("user:anna", "group:bi")]
    first, second = made.set_access(REQUEST, grants), made.set_access(REQUEST, [])
    assert [body["refs"] for _, body in tech.did] == [["group:bi", "user:anna"], []]
    assert read(tech.did[0][1]["provisionInfo"]["request"])["componentIdToProvision"].endswith(":store")
    assert first["observation"]["fingerprint"] != second["observation"]["fingerprint"]
    for grant in ({"principal": "product:x", "privilege": "read"}, {"principal": "user:x", "privilege": "write"}):
        assert refused(lambda told=grant: made.set_access(REQUEST, [told])) == "INVALID"
    assert len(tech.did) == 2


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_what_it_finds_wrong_is_told_before_anything_is_made(tech: TechAdapter, version: str) -> None:
    made = bridge(tech, validate=version, seconds=20)
    assert made.validate(REQUEST) == {"issues": []}
    tech.invalid = ["size is missing", "name is bad"]
    (issue,) = made.validate(REQUEST)["issues"]
    assert (issue["severity"], issue["message"]) == ("error", "size is missing; name is bad")
    assert tech.did == []


def test_a_validation_that_does_not_end_is_no_verdict(tech: TechAdapter) -> None:
    tech.looks = 1000
    assert refused(lambda: bridge(tech, validate="v2").validate(REQUEST)) == "TRANSIENT"


def test_what_somebody_else_made_is_adopted_where_that_is_configured(tech: TechAdapter) -> None:
    assert refused(lambda: bridge(tech).adopt(REQUEST, "arn:1")) == "UNSUPPORTED"
    assert bridge(tech).info()["capabilities"]["adopt"] is False
    tech.looks = 0
    made = bridge(tech, reverse={"useCaseTemplateId": "urn:dmb:utm:s3:1", "params": {"deep": True}})
    assert made.info()["capabilities"]["adopt"] is True
    pending = made.adopt(REQUEST, "arn:1")
    assert tech.did[0][1]["params"] == {"deep": True, "externalId": "arn:1"}
    assert made.poll(pending["operation"])["observation"]["state"] == "present"
    assert tech.asked[-1].startswith("GET /v1/reverse-provisioning/")


@pytest.mark.parametrize(
    ("status", "told", "found"),
    [
        (400, {"errors": ["bad descriptor"]}, "INVALID"),
        (401, {"error": "who?"}, "UNAUTHORIZED"),
        (500, {"error": "boom"}, "UNKNOWN_OUTCOME"),
        (503, b"", "TRANSIENT"),
        (200, b"<html>", "UNKNOWN_OUTCOME"),
        (200, {"status": "RUNNING"}, "UNKNOWN_OUTCOME"),
        (200, {"status": "FAILED", "result": "no"}, "INTERNAL"),
        (200, b"[" * 100_000, "UNKNOWN_OUTCOME"),
    ],
)
def test_each_refusal_has_its_class(tech: TechAdapter, status: int, told: Any, found: str) -> None:
    tech.refusal = status, told
    outcome = bridge(tech).apply(REQUEST)
    assert outcome["error"]["class"] == found
    assert "bad descriptor" in outcome["error"]["message"] or status != 400


@pytest.mark.parametrize("mood", ["drop", "fail", "hang", "drip", "garbage", "huge", "redirect"])
def test_whatever_becomes_of_an_answer_nothing_is_said_to_be_done(tech: TechAdapter, mood: str) -> None:
    tech.moods = [("/provision", mood)]
    found = refused(lambda: bridge(tech).apply(REQUEST))
    assert found in (("INVALID",) if mood == "redirect" else ("UNKNOWN_OUTCOME", "TIMEOUT"))


def test_a_failure_says_why_and_no_private_value_is_in_anything_that_is_said(tech: TechAdapter) -> None:
    tech.looks = 0
    made = bridge(tech)
    pending = made.apply(REQUEST)
    said = json.dumps([pending, made.poll(pending["operation"]), made.observe(REQUEST), made.plan(REQUEST, None)])
    assert "hunter2" not in said
    pending = made.apply(REQUEST)
    tech.ends = "FAILED"
    assert made.poll(pending["operation"])["error"] == {"class": "INTERNAL", "message": "no space left"}


def test_it_never_says_that_there_is_no_drift(tech: TechAdapter) -> None:
    made = bridge(tech)
    made.apply(REQUEST)
    assert made.observe(REQUEST)["state"] == "unknown"
    assert made.plan(REQUEST, None)["action"] == "opaque"
