"""Does the adapter `s3` keep every promise against a real server, its objects, and who may read them?"""

from __future__ import annotations

import importlib.util
import json
import sys
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from s3_server import ACCOUNT, S3Server

from engine.errors import PlanInvalid
from engine.provision.adapters.s3 import S3
from engine.provision.adapters.s3_bucket import Bucket
from engine.provision.adapters.s3_records import Records
from engine.provision.adapters.s3_wish import LAYOUT, key_of
from engine.provision.kit.building import PROMISES as OF_BUILDING
from engine.provision.kit.case import Adoptable, Case, Trial
from engine.provision.kit.trying import Kept, tried
from engine.provision.registry import Registry

ID = {"name": "id", "dataType": "VARCHAR(36)", "columnConstraint": "PRIMARY_KEY"}
AMOUNT = {"name": "amount", "dataType": "NUMBER(10,2)"}
PORT = {"kind": "outputport", "name": "orders", "platform": "eu:s3", "type": "datastoreapi"}
STORE = {"kind": "infrastructure", "name": "store", "platform": "eu:s3", "type": "storage-resource"}
PRINCIPALS = {"user": ACCOUNT}

BY_HAND = """
import json, sys, boto3
out, keys = json.load(sys.stdin)["outputs"], {keys!r}
s3 = boto3.client("s3", endpoint_url=out["endpoint"], region_name=out["region"],
                  aws_access_key_id=keys["access_key"], aws_secret_access_key=keys["secret_key"])
bucket = out["bucket"]
{change}
"""
FOREIGN = """
import json, sys, uuid, boto3
s3 = boto3.client("s3", endpoint_url={place!r}, region_name="us-east-1",
                  aws_access_key_id={keys[access_key]!r}, aws_secret_access_key={keys[secret_key]!r})
"""
MADE = """
name = f"theirs-{uuid.uuid4().hex[:12]}"
s3.create_bucket(Bucket=name); s3.put_object(Bucket=name, Key="orders/1.csv", Body=name.encode()); print(name)
"""
KEPT = """
name = json.load(sys.stdin)["external"]
sys.exit(s3.get_object(Bucket=name, Key="orders/1.csv")["Body"].read().decode() != name)
"""
CHANGES = {
    "its labels are gone": "s3.delete_bucket_tagging(Bucket=bucket)",
    "another label": 's3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "generation", "Value": "7"}]})',
    "everybody may read it": 's3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", '
    '"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", '
    '"Resource": f"arn:aws:s3:::{bucket}/*"}]}))',
    "it expires sooner": 's3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": '
    '[{"ID": "x", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}]})',
    "it expires no more": "s3.delete_bucket_lifecycle(Bucket=bucket)",
    "its layout is gone": f's3.delete_object(Bucket=bucket, Key="{LAYOUT}")',
    "it is gone": f's3.delete_object(Bucket=bucket, Key="{LAYOUT}"); s3.delete_bucket(Bucket=bucket)',
}


def port(*columns: dict[str, Any]) -> dict[str, Any]:
    table = {"name": "orders", "definition": {"columns": list(columns)}}
    api = {"definition": {"datastoreapi": "1.0.0", "schema": {"tables": [table]}}}
    return {"promises": {"api": api}, "x-s3": {"expire_days": 30}}


@pytest.fixture
def config(s3_server: S3Server) -> dict[str, Any]:
    """A binding of its own: what other tests made is not in its way."""
    return s3_server.config(bucket_prefix=f"t{uuid.uuid4().hex[:8]}-", principals=PRINCIPALS)


@pytest.fixture
def keys_beside(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """`inventory` is asked without a request, so boto3 looks for the keys itself."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", s3_server.secrets["access_key"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", s3_server.secrets["secret_key"])


def by_hand(server: S3Server, change: str) -> tuple[str, ...]:
    return (sys.executable, "-c", BY_HAND.format(keys=server.secrets, change=change))


def foreign(server: S3Server, text: str) -> tuple[str, ...]:
    """A command of somebody else, who has the keys too."""
    return (sys.executable, "-c", FOREIGN.format(place=server.endpoint, keys=server.secrets) + text)


def of_port(server: S3Server, config: dict[str, Any], change: str = CHANGES["everybody may read it"]) -> Case:
    made: Callable[[], Any] = lambda: S3(config)  # noqa: E731
    definitions = (port(ID), port(ID, AMOUNT))
    theirs = Adoptable(foreign(server, MADE), foreign(server, KEPT))
    tamper = by_hand(server, change)
    return Case("s3", made, PORT, definitions, secrets=server.secrets, tamper=tamper, adoptable=theirs)


def broken(case: Case) -> list[Any]:
    """The promises that are not kept, but for that of adapters that build, which this one does not."""
    return [one for one in tried(case) if one.kept is not Kept.KEPT and one.promise not in OF_BUILDING]


@pytest.mark.usefixtures("keys_beside")
def test_it_keeps_every_promise_for_an_output_port_and_leaves_nothing(
    s3_server: S3Server, config: dict[str, Any]
) -> None:
    assert broken(of_port(s3_server, config)) == []
    left = [one["Name"] for one in s3_server.client().list_buckets()["Buckets"]]
    assert [one for one in left if one.startswith(config["bucket_prefix"])] == [f"{config['bucket_prefix']}records"]


@pytest.mark.long
@pytest.mark.usefixtures("keys_beside")
def test_it_keeps_every_promise_for_a_storage(s3_server: S3Server, config: dict[str, Any]) -> None:
    case = replace(of_port(s3_server, config), component=STORE, definitions=({"size": 1}, {"size": 2}))
    told = {one.promise: one.reason for one in broken(case)}
    assert [one for one in told if "access" not in one] == []
    assert all("UNSUPPORTED" in reason for reason in told.values()), "only a port can be let into"


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_was_changed_by_hand_is_drift_and_apply_mends_it(
    s3_server: S3Server, config: dict[str, Any], change: str
) -> None:
    trial = of_port(s3_server, config, change).trial()
    first = trial.apply(1)
    trial.tampered()
    seen = trial.observe()
    assert seen.get("fingerprint") != first["fingerprint"]
    assert trial.case.adapter().plan(trial.request(), seen)["action"] in ("update", "create")
    assert trial.apply(1) == first
    trial.destroy(9)


def reads(server: S3Server, who: str, bucket: str) -> str:
    from botocore.exceptions import ClientError

    try:
        return str(server.client(who).get_object(Bucket=bucket, Key="orders/1.csv")["Body"].read().decode())
    except ClientError as error:
        return str(error.response["Error"]["Code"])


def test_exactly_those_who_were_let_in_read_and_nobody_writes(s3_server: S3Server, config: dict[str, Any]) -> None:
    from botocore.exceptions import ClientError

    trial, adapter = of_port(s3_server, config).trial(), S3(config)
    bucket = trial.apply(1)["outputs"]["bucket"]
    s3_server.client().put_object(Bucket=bucket, Key="orders/1.csv", Body=b"first")

    def let_in(*names: str) -> list[str]:
        grants = [{"principal": f"user:{name}", "privilege": "read"} for name in names]
        assert adapter.set_access(trial.request(), grants)["state"] == "done"
        return [reads(s3_server, name, bucket) for name in ("anna", "ben")]

    assert let_in() == ["AccessDenied", "AccessDenied"]
    assert let_in("anna", "ben") == ["first", "first"]
    with pytest.raises(ClientError, match="AccessDenied"):
        s3_server.client("anna").put_object(Bucket=bucket, Key="orders/2.csv", Body=b"")
    assert let_in("ben") == ["AccessDenied", "first"]
    trial.apply(2, second=True)
    assert reads(s3_server, "ben", bucket) == "first", "a new version keeps who was let in"
    trial.destroy(3, "retain")
    assert reads(s3_server, "ben", bucket) == "AccessDenied", "what is retained is nobody's to read"
    trial.destroy(4)


@pytest.mark.parametrize("principal", ["user:*", 'user:a","*', "group:all", "user:" + "x" * 200])
def test_a_principal_that_is_more_than_a_name_is_refused(
    s3_server: S3Server, config: dict[str, Any], principal: str
) -> None:
    trial = of_port(s3_server, config).trial()
    first = trial.apply(1)
    told = S3(config).set_access(trial.request(), [{"principal": principal, "privilege": "read"}])
    assert (told["state"], told["error"]["class"]) == ("failed", "INVALID")
    assert trial.observe() == first
    trial.destroy(2)


def test_without_principals_it_has_no_access_and_says_so(s3_server: S3Server) -> None:
    assert S3(s3_server.config()).info()["capabilities"]["access"] is False
    assert S3(s3_server.config(principals=PRINCIPALS)).info()["capabilities"]["access"] is True


def test_retain_keeps_every_object_and_lets_none_expire_and_delete_removes_all(
    s3_server: S3Server, config: dict[str, Any]
) -> None:
    from botocore.exceptions import ClientError

    trial, client = of_port(s3_server, config).trial(), s3_server.client()
    bucket = trial.apply(1)["outputs"]["bucket"]
    for number in range(5):
        client.put_object(Bucket=bucket, Key=f"orders/{number}.csv", Body=b"x")
    assert client.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"][0]["Expiration"] == {"Days": 30}
    kept = trial.destroy(2, "retain")
    assert (kept["state"], kept["retained"], kept["generation"]) == ("present", True, 2)
    assert len(client.list_objects_v2(Bucket=bucket, Prefix="orders/")["Contents"]) == 5
    with pytest.raises(ClientError, match="NoSuchLifecycleConfiguration"):
        client.get_bucket_lifecycle_configuration(Bucket=bucket)
    again = trial.apply(3)
    assert not again["retained"]
    assert len(client.list_objects_v2(Bucket=bucket, Prefix="orders/")["Contents"]) == 5
    client.create_multipart_upload(Bucket=bucket, Key="orders/half")
    assert trial.destroy(4)["state"] == "absent"
    with pytest.raises(ClientError, match="404"):
        client.head_bucket(Bucket=bucket)


def test_an_empty_bucket_is_kept_by_retain_too(s3_server: S3Server, config: dict[str, Any]) -> None:
    trial = of_port(s3_server, config).trial()
    trial.apply(1)
    assert trial.destroy(2, "retain")["retained"] is True
    trial.destroy(3)


def test_a_port_tells_its_tables_and_a_storage_has_none(s3_server: S3Server, config: dict[str, Any]) -> None:
    trial = of_port(s3_server, config).trial()
    outputs = trial.apply(2, second=True)["outputs"]
    assert outputs["prefixes"] == {"orders": "orders/"}
    text = s3_server.client().get_object(Bucket=outputs["bucket"], Key=LAYOUT)["Body"].read()
    assert [one["name"] for one in json.loads(text)["tables"][0]["columns"]] == ["id", "amount"]
    trial.destroy(9)


def test_a_bucket_of_somebody_else_is_neither_taken_nor_removed(s3_server: S3Server, config: dict[str, Any]) -> None:
    trial, client = of_port(s3_server, config).trial(), s3_server.client()
    bucket = trial.apply(1)["outputs"]["bucket"]
    other = of_port(s3_server, {**config, "records": f"{config['bucket_prefix']}others"}).trial()
    other = replace(other, component=trial.component)
    trial.destroy(2)
    client.create_bucket(Bucket=bucket)
    client.put_object(Bucket=bucket, Key="theirs", Body=b"x")
    told = S3({**config, "records": f"{config['bucket_prefix']}others"}).apply(other.request())
    assert (told["state"], told["error"]["class"]) == ("failed", "CONFLICT")
    assert other.observe() == {"state": "absent"}
    assert other.destroy(2) == {"state": "absent"}
    assert client.get_object(Bucket=bucket, Key="theirs")["Body"].read() == b"x"


def test_a_worker_that_slept_through_a_newer_generation_changes_nothing_in_the_end(
    s3_server: S3Server, config: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = of_port(s3_server, config).trial()
    trial.apply(1)
    honest, newer = Bucket.bring, []

    def asleep(self: Bucket, record: Any, **more: Any) -> None:
        """The worker has written its record and sleeps; others remove and make anew; then it goes on as before."""
        if not newer:
            newer.append("on its way")
            trial.destroy(3)
            newer[0] = trial.apply(4, second=True)
        honest(self, record, **more)

    monkeypatch.setattr(Bucket, "bring", asleep)
    told = S3(config).apply(trial.request(2))
    assert (told["state"], told["error"]["class"]) == ("failed", "STALE_GENERATION")
    assert trial.observe() == newer[0], "it mended what it wrote after it woke"
    trial.destroy(9)


def test_a_worker_that_wakes_while_it_removes_stops_before_the_next_page(
    s3_server: S3Server, config: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    trial, client = of_port(s3_server, config).trial(), s3_server.client()
    bucket = trial.apply(1)["outputs"]["bucket"]
    client.put_object(Bucket=bucket, Key="orders/1.csv", Body=b"x")
    honest, woken = Bucket._pages, []

    def asleep(self: Bucket) -> Any:
        for page in honest(self):
            if not woken:
                woken.append(trial.apply(3))
            yield page

    monkeypatch.setattr(Bucket, "_pages", asleep)
    assert S3(config).destroy(trial.request(2), "delete")["error"]["class"] == "STALE_GENERATION"
    assert client.get_object(Bucket=bucket, Key="orders/1.csv")["Body"].read() == b"x"
    assert trial.observe() == woken[0]
    trial.destroy(9)


def test_a_lost_or_damaged_record_is_written_anew_and_the_labels_hold_the_fence(
    s3_server: S3Server, config: dict[str, Any]
) -> None:
    trial, client = of_port(s3_server, config).trial(), s3_server.client()
    first = trial.apply(5)
    place = {"Bucket": f"{config['bucket_prefix']}records", "Key": key_of(trial.request())}
    for spoil in (lambda: client.delete_object(**place), lambda: client.put_object(**place, Body=b"{")):
        spoil()
        assert S3(config).apply(trial.request(4))["error"]["class"] == "STALE_GENERATION"
        assert trial.apply(5) == first
    trial.destroy(9)


def test_an_existing_bucket_is_adopted_with_its_objects_and_tags(s3_server: S3Server, config: dict[str, Any]) -> None:
    trial, client, theirs = of_port(s3_server, config).trial(), s3_server.client(), f"old-{uuid.uuid4().hex[:8]}"
    client.create_bucket(Bucket=theirs)
    client.put_object(Bucket=theirs, Key="orders/1.csv", Body=b"x")
    client.put_bucket_tagging(Bucket=theirs, Tagging={"TagSet": [{"Key": "cost", "Value": "42"}]})
    told = S3(config).adopt(trial.request(), theirs)
    assert (told["state"], told["observation"]["outputs"]["bucket"]) == ("done", theirs)
    assert trial.observe() == told["observation"] == trial.apply(1)
    tags = {one["Key"]: one["Value"] for one in client.get_bucket_tagging(Bucket=theirs)["TagSet"]}
    assert (tags["cost"], tags["managed-by"]) == ("42", "meshgate")
    another = of_port(s3_server, config).trial()
    assert S3(config).adopt(another.request(), theirs)["error"]["class"] == "CONFLICT"
    assert S3(config).adopt(another.request(), "no-such-bucket")["error"]["class"] == "INVALID"
    trial.destroy(2, "retain")
    assert client.get_object(Bucket=theirs, Key="orders/1.csv")["Body"].read() == b"x"
    trial.destroy(3)


def test_what_cannot_be_reached_or_let_in_is_told_by_its_class_and_without_the_key(
    s3_server: S3Server, config: dict[str, Any]
) -> None:
    request = of_port(s3_server, config).trial().request()
    away = S3({**config, "endpoint": "http://127.0.0.1:9"})
    assert away.apply(request)["error"]["class"] == "TRANSIENT"
    assert away.observe(request)["state"] == "unknown"
    wrong = {**request, "secrets": {**s3_server.secrets, "secret_key": "not-the-secret"}}
    told = S3(config).apply(wrong)
    assert told["error"]["class"] == "UNAUTHORIZED"
    assert "not-the-secret" not in json.dumps(told)


def test_a_server_that_ignores_conditions_is_refused_because_no_fence_would_hold(
    s3_server: S3Server, config: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unconditional(self: Records, key: str, text: bytes, etag: str) -> bool:
        self._client.put_object(Bucket=self._bucket, Key=key, Body=text)
        return True

    monkeypatch.setattr(Records, "_put", unconditional)
    told = S3(config).apply(of_port(s3_server, config).trial().request())
    assert (told["error"]["class"], "If-None-Match" in told["error"]["message"]) == ("INVALID", True)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [({"bucket_prefix": "No_"}, "bucket_prefix"), ({"principals": {"user": "arn:*"}}, "principals.user"),
     ({"principals": {"user": "a{name}", "group": "a{name}"}}, "one pattern"), ({"expire_days": 0}, "expire_days"),
     ({"endpoint": 7}, "endpoint")],
)  # fmt: skip
def test_a_wrong_setting_is_told(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        S3(wrong)


@pytest.mark.parametrize("wrong", [{"expire_days": 0}, {"expire_days": True}, {"versions": 1}, "soon"])
def test_what_a_component_asks_for_is_checked(s3_server: S3Server, config: dict[str, Any], wrong: Any) -> None:
    trial = Trial(of_port(s3_server, config), {**STORE, "fqn": "x"}, str(uuid.uuid4()))
    told = S3(config).validate({**trial.request(), "definition": {"x-s3": wrong}})
    assert told["issues"][0]["path"] == "/definition/x-s3"


def test_without_the_package_the_reason_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr("engine.provision.adapters.s3.find_spec", lambda name: None if name == "boto3" else found(name))
    with pytest.raises(PlanInvalid, match=r"not installed here.*meshgate\[s3\]"):
        Registry.installed().adapter("s3", {})
