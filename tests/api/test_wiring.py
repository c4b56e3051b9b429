"""Does the wiring pick the parts that the settings ask for, and only when they are asked for?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from doors import until

from api.policy_sources import PolicySources
from api.settings import read
from api.wiring import House
from engine.errors import GovernanceInvalid, SettingsInvalid
from engine.policy.embedded import EmbeddedEngine
from engine.policy.opa import OpaServer
from engine.policy.refusals import KeyInvalid
from policies import DIRECTORY

Built = Callable[..., House]


@pytest.fixture
def built(tmp_path: Path, request: pytest.FixtureRequest) -> Built:
    def build(**flags: object) -> House:
        house = House(read({"data_dir": tmp_path / "data", **flags}, environ={}, folder=tmp_path))
        request.addfinalizer(house.close)
        return house

    return build


def test_with_nothing_set_the_starter_policies_decide_in_this_process(built: Built) -> None:
    house = built()
    assert house.policy_sources == PolicySources((DIRECTORY,))
    assert len(house.bundle.policies) == 34
    assert isinstance(house.engine, EmbeddedEngine)
    assert list(house.environments) == ["dev"]
    assert house.tokens is None


def test_an_opa_server_is_asked_where_one_is_named(built: Built) -> None:
    assert isinstance(built(opa_url="http://127.0.0.1:1").engine, OpaServer)


@pytest.mark.parametrize(
    ("policies", "told"),
    [("nowhere", "nowhere does not exist"), ("s3://bundles/mesh.tar.gz", "s3://bundles/mesh.tar.gz is no address")],
)
def test_policies_that_cannot_be_had_are_named(built: Built, policies: str, told: str) -> None:
    with pytest.raises(SettingsInvalid, match=told):
        _ = built(policies=policies).bundle


def test_a_key_that_cannot_verify_is_refused_where_a_bundle_needs_it(built: Built, tmp_path: Path) -> None:
    (tmp_path / "mesh.tar.gz").write_bytes(b"")
    with pytest.raises(KeyInvalid, match=r"key\.pem cannot be read: No such file"):
        _ = built(verify_key="key.pem", policies="mesh.tar.gz").bundle


def test_folders_of_ones_own_need_no_signature(built: Built) -> None:
    assert len(built(verify_key="key.pem").bundle.policies) > 0


def test_environments_of_a_file_replace_the_default(built: Built, tmp_path: Path) -> None:
    (tmp_path / "environments.yaml").write_text("- name: qa\n- name: prod\n")
    assert list(built(environments="environments.yaml").environments) == ["qa", "prod"]


def test_a_wrong_environment_is_named_with_its_line(built: Built, tmp_path: Path) -> None:
    (tmp_path / "environments.yaml").write_text("- name: qa\n- name: QA!\n")
    with pytest.raises(GovernanceInvalid) as refused:
        _ = built(environments="environments.yaml").environments
    assert (refused.value.context["file"], refused.value.context["line"]) == ("environments.yaml", 2)


def test_a_missing_file_of_environments_is_named(built: Built) -> None:
    with pytest.raises(SettingsInvalid, match=r"none\.yaml does not exist"):
        _ = built(environments="none.yaml").environments


def test_nothing_is_made_on_disk_before_it_is_asked_for(built: Built, tmp_path: Path) -> None:
    house = built()
    _ = (house.bundle, house.governance, house.environments, house.containers_dir)
    assert not (tmp_path / "data").exists()
    assert house.database.at_head()
    assert (tmp_path / "data" / "meshgate.db").is_file()


def test_only_sqlite_is_owned_by_one_process(built: Built, tmp_path: Path) -> None:
    with built(database_url="postgresql://127.0.0.1:1/none").owning_the_data():
        assert not (tmp_path / "data").exists()
    with built().owning_the_data():
        assert (tmp_path / "data" / "meshgate.lock").is_file()


def _sessions(url: str) -> int:
    """How many sessions the server has on this database, but for the one that asks."""
    question = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        row = connection.execute(question).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize("started", [False, True])
def test_a_closed_house_leaves_no_connection_of_its_durable_engine(
    built: Built, postgresql_url: str, started: bool
) -> None:
    house = built(database_url=postgresql_url)
    house.database.upgrade()
    if started:
        house.durable.start()
    assert house.durable.oldest_waiting() is None
    assert _sessions(postgresql_url) > 0
    house.close()
    until(lambda: _sessions(postgresql_url) == 0)


def test_the_policies_of_the_governance_folder_belong_to_the_bundle_whether_named_or_not(built: Built) -> None:
    governance = DIRECTORY.parent / "examples" / "governance"
    unnamed = built(governance=str(governance))
    named = built(governance=str(governance), policies=[str(DIRECTORY), str(governance / "policies")])
    assert "finance.closing.notice_promised" in unnamed.bundle.policies
    assert unnamed.bundle.policies.keys() == named.bundle.policies.keys()
