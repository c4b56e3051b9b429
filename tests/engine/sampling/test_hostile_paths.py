"""Does nothing that a descriptor, a link or a file says lead out of the operator's folder?"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import sampled

from engine.policy.environments import SampleBinding
from engine.sampling.contract import Failure, SourceFailed
from engine.sampling.places import Target, bound, placed

HOSTILE = [
    "../outside",
    "..",
    "a/../../outside",
    "/etc/passwd",
    "*",
    "[a-z]*",
    "a\0b",
    '"; DROP TABLE x; --',
    "$(id)",
    "~root",
    "{port}",
    "http://example.org/x",
    "s3://bucket/x",
    "x.parquet",
    ".hidden",
    "\u202egnp",
    "a b",
    "x" * 300,
    "",
]


def target(**told: str) -> Target:
    names = ("environment", "fqn", "product", "major", "domain", "port", "platform", "dataset")
    return Target(**{**dict.fromkeys(names, "orders"), "major": "1", **told})


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """A folder of the operator's, with a file outside of it that must never be read."""
    sampled.parquet(tmp_path / "outside.parquet", "SELECT 'secret' AS word")
    sampled.parquet(tmp_path / "lake" / "orders.parquet", "SELECT 1 AS id")
    return tmp_path / "lake"


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_dataset_finds_nothing(lake: Path, name: str) -> None:
    assert sampled.failure({"root": str(lake)}, name)[0] in (Failure.ABSENT, Failure.REFUSED)


@pytest.mark.parametrize("name", [one for one in HOSTILE if one != "x.parquet"])
@pytest.mark.parametrize("key", ["product", "port", "domain", "dataset"])
def test_a_hostile_name_is_never_filled_into_a_path(name: str, key: str) -> None:
    binding = SampleBinding("duckdb", configuration={"root": "/srv", "path": f"{{{key}}}/orders.parquet"})
    with pytest.raises(SourceFailed) as failed:
        placed(binding, target(**{key: name}), outputs=None, root="/srv", secrets=dict[str, str]().__getitem__)
    assert failed.value.failure is Failure.REFUSED


@pytest.mark.parametrize(
    "path", ["../outside.parquet", "x/../../outside.parquet", "/etc/passwd", "*.parquet", "ord*.parquet", "a\0.parquet"]
)
def test_a_path_leads_nowhere_but_below_the_root(lake: Path, path: str) -> None:
    assert sampled.failure({"root": str(lake), "path": path})[0] in (Failure.ABSENT, Failure.REFUSED)


def test_links_are_not_followed_wherever_they_stand(lake: Path) -> None:
    (lake / "linked.parquet").symlink_to(lake.parent / "outside.parquet")
    (lake / "inner.parquet").symlink_to(lake / "orders.parquet")
    (lake / "folder").symlink_to(lake.parent)
    (lake / "parts").mkdir()
    (lake / "parts" / "part.parquet").symlink_to(lake.parent / "outside.parquet")
    for told in ({"path": "linked.parquet"}, {"path": "inner.parquet"}, {"path": "folder/outside.parquet"}):
        assert sampled.failure({"root": str(lake), **told})[0] is Failure.REFUSED
    for dataset in ("linked", "folder", "parts"):
        assert sampled.failure({"root": str(lake)}, dataset)[0] is Failure.REFUSED


def test_a_root_that_is_a_link_is_the_operators_own_affair(lake: Path, tmp_path: Path) -> None:
    (tmp_path / "alias").symlink_to(lake)
    assert sampled.read({"root": str(tmp_path / "alias")})[1] == [[1]]
    absolute = {"root": str(tmp_path / "alias"), "path": str(lake / "orders.parquet")}
    assert sampled.read(absolute)[1] == [[1]]


def test_a_pipe_is_no_data_and_nobody_waits_for_it(lake: Path) -> None:
    os.mkfifo(lake / "piped.parquet")
    assert sampled.failure({"root": str(lake)}, "piped")[0] in (Failure.ABSENT, Failure.REFUSED)


def test_a_file_is_read_even_where_its_name_would_be_a_pattern(lake: Path) -> None:
    sampled.parquet(lake / "a[b]*.parquet", "SELECT 'mine' AS word")
    sampled.parquet(lake / "ab.parquet", "SELECT 'other' AS word")
    assert sampled.read({"root": str(lake), "path": "a[b]*.parquet"})[1] == [["mine"]]


def test_a_view_in_a_sqlite_file_reads_no_other_file(lake: Path) -> None:
    other = sampled.sqlite(lake.parent / "other.db", "CREATE TABLE t (word)", "INSERT INTO t VALUES ('secret')")
    view = "CREATE VIEW orders AS SELECT * FROM pragma_table_list UNION ALL SELECT 1, 2, 3, 4, 5, 6"
    sampled.sqlite(lake / "view.db", view, f"CREATE TABLE note AS SELECT '{other}' AS attach")
    assert sampled.failure({"root": str(lake), "path": "view.db"})[0] is Failure.FAILED


def reader(lake: Path) -> Any:
    """DuckDB as the connector opens it, to ask it what it must refuse."""
    from engine.sampling.connectors.files import Files

    place = {"configuration": {"root": str(lake)}, "dataset": "orders", "port": "", "seconds": 5, "memory_mib": 64}
    return Files(place)._source._connection  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "question",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/proc/self/environ')",
        "SELECT * FROM glob('/*')",
        "SELECT * FROM read_parquet('https://example.org/x.parquet')",
        "COPY (SELECT 1) TO '/tmp/meshgate-must-not-write.csv'",
        "ATTACH '/tmp/meshgate-must-not-write.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET allowed_paths = ['/etc/passwd']",
        "EXPORT DATABASE '/tmp/meshgate-must-not-write'",
    ],
)
def test_duckdb_is_let_at_nothing_but_the_open_files(lake: Path, question: str) -> None:
    import duckdb

    connection = reader(lake)
    with pytest.raises(duckdb.Error):
        connection.execute(question).fetchall()
    connection.close()


def test_an_output_of_an_adapter_is_taken_only_below_the_root(lake: Path) -> None:
    binding = SampleBinding("duckdb", configuration={"output": "data"})
    for path, failing in ((str(lake), None), ("/etc", Failure.REFUSED), (f"{lake}/../..", Failure.REFUSED)):
        place = placed(binding, target(), outputs={"data": path}, root=str(lake), secrets=lambda told: told)
        if failing is None:
            assert sampled.read(dict(place.configuration))[1] == [[1]]
        else:
            assert sampled.failure(dict(place.configuration))[0] is failing


def test_an_output_that_is_not_there_or_no_text_is_no_place() -> None:
    binding = SampleBinding("duckdb", configuration={"output": "data"})
    for outputs in (None, {}, {"data": 7}, {"data": ""}, {"other": "/x"}):
        with pytest.raises(SourceFailed) as failed:
            placed(binding, target(), outputs=outputs, root="/srv", secrets=lambda told: told)
        assert failed.value.failure is Failure.ABSENT


def test_the_first_binding_that_fits_holds_and_its_names_are_filled_in() -> None:
    told = {"root": "/srv", "path": "{domain}/{product}_v{major}/{environment}/{port}.parquet", "header": False}
    mine = SampleBinding("duckdb", platform="local:*", port="placed", configuration=told)
    other = SampleBinding("postgresql")
    wanted = target(platform="local:files", port="placed", domain="sales")
    assert bound([mine, other], wanted) is mine
    assert bound([mine, other], target(platform="s3")) is other
    assert bound([mine], target(platform="s3")) is None
    place = placed(mine, wanted, outputs=None, root="/x", secrets=lambda told: told)
    assert place.configuration == {"root": "/srv", "path": "sales/orders_v1/orders/placed.parquet", "header": False}


def test_an_unknown_brace_and_a_missing_secret_are_told_to_operators_only() -> None:
    def missing(reference: str) -> str:
        raise LookupError(f"the secret `{reference}` is not there")

    for told, said in (({"path": "{nope}"}, "`{nope}`"), ({"url": "env:LAKE"}, "`env:LAKE` is not there")):
        with pytest.raises(SourceFailed) as failed:
            placed(SampleBinding("x", configuration=told), target(), outputs=None, root="/x", secrets=missing)
        assert (failed.value.failure, said in failed.value.told) == (Failure.MISCONFIGURED, True)
