"""Is data shown only to who may see it, by the contract in force, and never without a record of it?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sampled
from consumers import a_house
from remembered import counted, database, postgresql_catalog, postgresql_template, sent, sqlite_catalog, sqlite_template

from api.flows.sampling import told
from api.flows.sampling.sample import Wish, sample
from api.wiring import House
from catalog.chain import verify
from catalog.database import Database
from engine.errors import CatalogUnavailable, Forbidden, NotFound
from engine.model import Principal
from engine.policy.environments import Environment, SampleBinding
from engine.sampling import rules
from engine.sampling.sample import AccessDenied, LimitExceeded, Sample, SourceUnavailable

__all__ = ["database", "postgresql_catalog", "postgresql_template", "sqlite_catalog", "sqlite_template"]

SAM = Principal("sam", roles=frozenset({"sampler"}), domains=frozenset({"finance"}))
RITA = Principal("rita", roles=frozenset({"reader"}))
AUDITOR = Principal("ada", roles=frozenset({"auditor"}))
ORDERS = "urn:dpds:org.example:dataproducts:orders:1"


@pytest.fixture
def house(database: Database, tmp_path: Path) -> Iterator[House]:
    with a_house(database, tmp_path) as made:
        yield made


@pytest.fixture
def data(house: House, database: Database) -> Path:
    """Where the data of the one product is, which runs in dev."""
    sampled.put(database)
    folder = house.containers_dir / "dev" / "orders_v1" / "placed" / "data"
    sampled.parquet(folder / "placed.parquet", sampled.DATA)
    sampled.run(database, folder)
    return folder


def ask(house: House, principal: Principal = SAM, **wish: Any) -> Any:
    return sample(ORDERS, Wish("placed", **wish), principal=principal, house=house)


def last(house: House) -> Any:
    """The last record, as an auditor sees it."""
    return told.recorded(principal=AUDITOR, house=house, first=1).items[0][1]


def bind(house: House, environments: Mapping[str, Any]) -> None:
    """Let there be these environments in this order, with these bindings (None: those that hold by default)."""
    made = {}
    for order, (name, bindings) in enumerate(environments.items(), start=1):
        one = Environment(name, order, ())
        made[name] = one if bindings is None else replace(one, samples=tuple(bindings))
    house.__dict__["own_environments"] = made


def governed(house: House, tmp_path: Path, text: str) -> None:
    folder = tmp_path / "governance" / "sampling"
    folder.mkdir(parents=True)
    (folder / "sampling.rego").write_text(f"package sampling\n\nimport rego.v1\n\n{text}\n", "utf-8")
    house.__dict__["sampling_policy"] = rules.load(folder.parent, house.embedded.workers)


def test_files_of_the_live_container_are_shown_without_any_configuration(house: House, data: Path) -> None:
    found = ask(house, rows=2)
    assert isinstance(found, Sample)
    assert [(one.name, str(one.treatment), one.type) for one in found.columns] == [
        ("id", "show", "BIGINT"),
        ("email", "null", ""),
        ("total", "show", "DECIMAL(9,2)"),
    ]
    assert found.table.rows == ((1, None, "1.50"), (2, None, "3.00"))
    assert (found.version, found.environment, found.dataset, found.hidden) == ("1.0.0", "dev", "placed", 1)
    assert found.table.truncated.rows


def test_what_was_shown_is_recorded_and_in_the_chain(house: House, data: Path, database: Database) -> None:
    ask(house, rows=2, purpose="planning")
    one = last(house)
    shown = (one.principal, one.roles, one.purpose, one.fqn, one.version, one.domain, one.port, one.environment)
    assert shown == ("sam", ("sampler",), "planning", ORDERS, "1.0.0", "sales", "placed", "dev")
    assert (one.columns, one.masked, one.rows, one.outcome) == (("id", "total"), {"email": "null"}, 2, "shown")
    assert one.bytes > 0
    assert one.policy.startswith("columns sha256:")
    assert verify(database).faults == ()


def test_a_record_that_is_changed_or_gone_is_found(house: House, data: Path, database: Database) -> None:
    for _ in range(2):
        ask(house)
    with database.bind.begin() as connection:
        connection.exec_driver_sql("UPDATE sample SET rows = 0 WHERE number = (SELECT min(number) FROM sample)")
        connection.exec_driver_sql("DELETE FROM sample WHERE number = (SELECT max(number) FROM sample)")
    told = verify(database).faults
    assert [one.rpartition(" ")[2] for one in told] == ["edited", "missing"]


def test_without_a_record_there_is_no_data(house: House, data: Path, database: Database) -> None:
    with database.bind.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE sample RENAME TO elsewhere")
    try:
        with pytest.raises(CatalogUnavailable):
            ask(house)
    finally:
        with database.bind.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO sample")
    assert counted(database, "sample") == 0


def test_who_may_only_read_the_catalog_sees_no_data_and_that_is_recorded(house: House, data: Path) -> None:
    found = ask(house, RITA)
    assert isinstance(found, AccessDenied)
    assert (found.reason, last(house).outcome, last(house).reason, last(house).principal) == (
        *("role", "denied", "role", "rita"),
    )


def test_who_may_not_even_read_is_told_nothing(house: House, data: Path, database: Database) -> None:
    with pytest.raises(Forbidden):
        ask(house, Principal("eve"))
    with pytest.raises(NotFound):
        sample("urn:dpds:org.example:dataproducts:nowhere:1", Wish("placed"), principal=SAM, house=house)
    assert counted(database, "sample") == 0


def test_only_auditors_see_the_record(house: House, data: Path) -> None:
    ask(house)
    for principal in (SAM, RITA):
        with pytest.raises(Forbidden):
            told.recorded(principal=principal, house=house, first=10)


def test_the_record_is_paged_narrowed_and_readable_as_it_was(house: House, data: Path, database: Database) -> None:
    for principal in (SAM, RITA, SAM):
        ask(house, principal)
    one = told.recorded(principal=AUDITOR, house=house, first=2)
    assert [record.principal for _, record in one.items] == ["sam", "rita"]
    two = told.recorded(principal=AUDITOR, house=house, first=2, after=one.end_cursor)
    assert ([record.principal for _, record in two.items], two.has_next_page) == (["sam"], False)
    assert len(told.recorded(principal=AUDITOR, house=house, first=9, by="sam").items) == 2
    assert told.recorded(principal=AUDITOR, house=house, first=9, product="urn:other").items == ()
    with database.reading() as connection:
        revision = connection.exec_driver_sql("SELECT max(revision) FROM catalog_head").scalar_one()
    assert len(told.recorded(principal=AUDITOR, house=house, first=9, at=revision - 1).items) == 2


def test_only_columns_that_may_be_shown_can_be_asked_for(house: House, data: Path) -> None:
    found = ask(house, columns=("TOTAL", "extra", "nowhere"), rows=1)
    assert ([one.name for one in found.columns], found.missing) == (["total"], ("extra", "nowhere"))
    denied = ask(house, columns=("extra",))
    assert (denied.reason, "extra" in last(house).columns) == ("nothing-shown", False)


def test_masked_values_are_told_by_no_door_of_the_answer_or_the_record(house: House, data: Path) -> None:
    assert "@example.org" not in repr((ask(house), last(house)))
    assert "swordfish" not in repr((ask(house), last(house)))


def test_the_policy_sees_who_asks_for_what_and_why(house: House, data: Path, tmp_path: Path) -> None:
    text = """
columns[one.name] := "show" if {
	some one in input.columns
	input.principal == {"id": "sam", "roles": ["sampler"], "domains": ["finance"]}
	input.product.fqn == "urn:dpds:org.example:dataproducts:orders:1"
	input.product.domain == "sales"
	input.port.name == "placed"
	input.environment == "dev"
	input.dataset == "placed"
	input.purpose == "billing"
	input.now == "2026-11-23T00:00:00Z"
	one == {"name": "email", "declared": true, "tags": ["pii"]}
}

deny contains "no purpose, no data" if input.purpose == ""
"""
    governed(house, tmp_path, text)
    found = ask(house, purpose="billing", rows=1)
    assert (found.columns[0].name, found.table.rows) == ("email", (("user1@example.org",),))
    refused = ask(house)
    assert (refused.reason, refused.reasons) == ("policy", ("no purpose, no data",))
    assert last(house).reason == "policy: no purpose, no data"


@pytest.mark.parametrize("text", ["columns := 7", 'columns := {"id": "show"} if 1 / count(input.purpose) > 0'])
def test_a_policy_that_errs_shows_nothing(house: House, data: Path, tmp_path: Path, text: str) -> None:
    governed(house, tmp_path, text)
    assert ask(house).reason == "sampling-policy-invalid"
    assert last(house).outcome == "denied"


def test_a_tag_that_comes_with_a_newer_version_masks_what_the_older_one_runs(
    house: House, data: Path, database: Database
) -> None:
    tagged = [*sampled.COLUMNS[:2], {"name": "total", "tags": ["classification:confidential"]}]
    sampled.put(database, "1.1.0", tagged)
    found = ask(house, rows=1)
    assert (found.version, found.table.rows) == ("1.0.0", ((1, None, None),))


def test_a_port_of_an_older_version_does_not_take_a_tag_away(house: House, data: Path, database: Database) -> None:
    sampled.put(database, "1.1.0", [{"name": name, "dataType": "TEXT"} for name in ("id", "email", "extra")])
    found = ask(house, rows=1)
    assert [(one.name, str(one.treatment)) for one in found.columns][1] == ("email", "null")
    assert found.hidden == 1


def test_without_columns_in_the_contract_nothing_is_shown(house: House, database: Database, tmp_path: Path) -> None:
    sampled.put(database, columns=())
    sampled.parquet(tmp_path / "containers" / "placed.parquet", sampled.DATA)
    sampled.run(database, tmp_path / "containers")
    assert ask(house).reason == "nothing-shown"


def test_the_last_environment_in_which_it_runs_is_meant(house: House, data: Path, database: Database) -> None:
    bind(house, {"dev": None, "qa": None, "prod": None})
    other = sampled.parquet(house.containers_dir / "qa" / "placed.parquet", "SELECT 99 AS id").parent
    sampled.run(database, other, environment="qa")
    assert (ask(house).environment, ask(house).table.rows) == ("qa", ((99,),))
    assert ask(house, environment="dev", rows=1).table.rows[0][0] == 1
    gone = ask(house, environment="prod")
    assert isinstance(gone, SourceUnavailable)
    assert (gone.reason, last(house).detail) == ("absent", "no container of the product runs there")


def test_a_binding_of_the_operator_needs_no_container(house: House, database: Database, tmp_path: Path) -> None:
    sampled.put(database)
    sampled.sqlite(tmp_path / "lake" / "orders_v1.db", "CREATE TABLE placed AS SELECT 5 AS id, 'a@b' AS email")
    told = {"root": str(tmp_path / "lake"), "path": "{product}_v{major}.db"}
    bind(house, {"prod": [SampleBinding("duckdb", product="*:orders:1", configuration=told)]})
    assert ask(house).table.rows == ((5, None),)
    assert last(house).connector == "duckdb"


def test_an_output_outside_of_the_containers_is_refused(house: House, database: Database, tmp_path: Path) -> None:
    sampled.put(database)
    outside = sampled.parquet(tmp_path / "outside" / "placed.parquet", sampled.DATA).parent
    sampled.run(database, outside)
    assert ask(house).reason == "refused"


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        ({"environment": "moon"}, "environment-unknown"),
        ({"dataset": "../placed"}, "dataset-unknown"),
        ({"dataset": "other"}, "dataset-unknown"),
    ],
)
def test_what_is_not_there_is_unavailable(house: House, data: Path, wish: dict[str, str], reason: str) -> None:
    assert (ask(house, **wish).reason, last(house).reason) == (reason, reason)


def test_a_port_that_is_not_there_or_not_bound_is_unavailable(house: House, data: Path) -> None:
    nowhere = sample(ORDERS, Wish("a\0b"), principal=SAM, house=house)
    assert isinstance(nowhere, SourceUnavailable)
    assert (nowhere.reason, last(house).port) == ("port-unknown", "a\ufffdb")
    bind(house, {"dev": []})
    assert ask(house).reason == "not-bound"


def test_a_connector_that_is_not_installed_is_unavailable(house: House, data: Path) -> None:
    bind(house, {"dev": [SampleBinding("snowflake")]})
    found = ask(house)
    assert (found.reason, "no connector is called snowflake" in last(house).detail) == ("not-installed", True)


def test_postgresql_is_read_with_an_address_that_only_a_reference_names(
    house: House, database: Database, postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import psycopg

    postgresql_url = postgresql_url.replace("+psycopg", "")
    with psycopg.connect(postgresql_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE placed AS SELECT 7 AS id, 'a@b' AS email, 'swordfish' AS extra")
    sampled.put(database)
    bind(house, {"prod": [SampleBinding("postgresql", configuration={"url": "env:LAKE_URL"})]})
    assert ask(house).reason == "misconfigured"
    monkeypatch.setenv("LAKE_URL", postgresql_url)
    assert ask(house).table.rows == ((7, None),)
    assert postgresql_url not in repr(last(house))


@pytest.mark.parametrize("rows", [0, -1, 101, 10**9])
def test_more_rows_than_a_sample_may_have_are_a_limit(house: House, data: Path, rows: int) -> None:
    found = ask(house, rows=rows)
    assert isinstance(found, LimitExceeded)
    assert (str(found.limit), found.most, last(house).outcome) == ("rows", 100, "exceeded")


def test_no_more_samples_are_taken_at_once_than_there_are_places(house: House, data: Path) -> None:
    held = [house.sampling.acquire(blocking=False) for _ in range(house.sampling_at_once)]
    assert (all(held), str(ask(house).limit)) == (True, "concurrency")
    house.sampling.release()
    assert [isinstance(ask(house), Sample) for _ in range(3)] == [True] * 3


def test_a_source_that_takes_too_long_is_a_limit_and_frees_its_place(house: House, database: Database) -> None:
    sampled.put(database)
    folder = house.containers_dir
    endless = "WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n) SELECT count(*) AS id FROM n"
    sampled.sqlite(folder / "placed.db", f"CREATE VIEW placed AS {endless}")
    sampled.run(database, folder)
    house.__dict__["sampling_caps"] = replace(house.sampling_caps, seconds=1.0)
    for _ in range(house.sampling_at_once + 1):
        assert str(ask(house).limit) == "seconds"


def test_a_sample_is_a_fixed_number_of_statements(house: House, data: Path, database: Database) -> None:
    ask(house)
    for rows in (1, 20):
        with sent(database) as statements:
            ask(house, rows=rows)
        assert len([one for one in statements if one.lstrip().startswith("SELECT")]) <= 7
        assert len([one for one in statements if not one.lstrip().startswith("SELECT")]) <= 6
