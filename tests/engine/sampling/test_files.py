"""Does the connector `duckdb` read Parquet, CSV and SQLite files as they are, by real files?"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import sampled
from sampled import ODD

from engine.sampling.contract import Caps, Failure

VALUES = """
SELECT 7 AS small, 9007199254740993::BIGINT AS large, 18446744073709551615::UBIGINT AS huge,
  1.5::DOUBLE AS real, 'nan'::DOUBLE AS nan, '-inf'::DOUBLE AS minus, 12.340::DECIMAL(38, 3) AS exact, true AS yes,
  NULL::INTEGER AS nothing, TIMESTAMPTZ '2026-03-29 01:30:00+02' AS moment, DATE '0001-01-01' AS day,
  'infinity'::TIMESTAMP AS never, '\\x00\\xFF'::BLOB AS bytes, {'a': 1, 'b': [1, NULL]} AS nested, [1, 2] AS list,
  MAP {'k': 'v'} AS map, 'ü😀' AS text, INTERVAL 3 DAY AS span, uuid '00000000-0000-0000-0000-000000000001' AS id
"""


def test_every_kind_of_value_in_parquet_is_told(tmp_path: Path) -> None:
    sampled.parquet(tmp_path / "orders.parquet", VALUES)
    columns, rows = sampled.read({"root": str(tmp_path)})
    assert dict(zip([one.name for one in columns], rows[0], strict=True)) == {
        "small": 7,
        "large": "9007199254740993",
        "huge": "18446744073709551615",
        "real": 1.5,
        "nan": "nan",
        "minus": "-inf",
        "exact": "12.340",
        "yes": True,
        "nothing": None,
        "moment": "2026-03-28 23:30:00+00",
        "day": "0001-01-01",
        "never": "infinity",
        "bytes": "0x00FF",
        "nested": '{"a":1,"b":[1,null]}',
        "list": "[1,2]",
        "map": '{"k":"v"}',
        "text": "ü😀",
        "span": "3 days",
        "id": "00000000-0000-0000-0000-000000000001",
    }
    assert {one.name: one.type for one in columns}["exact"] == "DECIMAL(38,3)"


def test_a_csv_is_all_text_so_that_no_type_tells_of_values(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text("id;born\n1;2001-02-03\n2;\n", "utf-8")
    columns, rows = sampled.read({"root": str(tmp_path), "delimiter": ";"})
    assert [(one.name, one.type) for one in columns] == [("id", "VARCHAR"), ("born", "VARCHAR")]
    assert rows == [["1", "2001-02-03"], ["2", None]]


def test_a_csv_without_a_header_has_no_names_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text("anna,1\nberta,2\n", "utf-8")
    columns, rows = sampled.read({"root": str(tmp_path), "header": False})
    assert ([one.name for one in columns], rows) == (["column0", "column1"], [["anna", "1"], ["berta", "2"]])


def test_a_sqlite_file_is_read_whatever_types_its_values_have(tmp_path: Path) -> None:
    made = "CREATE TABLE orders (id INTEGER, any, note TEXT)"
    filled = "INSERT INTO orders VALUES (1, x'00ff', 'a'), (2, 1.5, NULL), (9007199254740993, 'x', CAST(x'ff' AS TEXT))"
    sampled.sqlite(tmp_path / "shop.db", made, filled)
    columns, rows = sampled.read({"root": str(tmp_path), "path": "shop.db"})
    assert [(one.name, one.type) for one in columns] == [("id", "INTEGER"), ("any", "ANY"), ("note", "TEXT")]
    assert rows == [[1, "0x00FF", "a"], [2, 1.5, None], ["9007199254740993", "x", "\ufffd"]]


def test_a_folder_of_parts_is_one_dataset_and_other_files_in_it_are_none_of_it(tmp_path: Path) -> None:
    for part in (1, 2):
        sampled.parquet(tmp_path / "orders" / f"part-{part}.parquet", f"SELECT {part} AS id")
    (tmp_path / "orders" / "_SUCCESS").write_text("")
    assert sampled.read({"root": str(tmp_path)})[1] == [[1], [2]]


def test_the_port_names_the_file_where_no_dataset_does(tmp_path: Path) -> None:
    sampled.parquet(tmp_path / "port.parquet", "SELECT 1 AS id")
    assert sampled.read({"root": str(tmp_path)}, "")[1] == [[1]]


@pytest.mark.parametrize("format", ["parquet", "sqlite"])
def test_hostile_names_of_columns_tables_and_files_are_only_names(tmp_path: Path, format: str) -> None:
    column = '"' + ODD.replace('"', '""') + '"'
    if format == "parquet":
        sampled.parquet(tmp_path / f"{ODD}.parquet", f'SELECT 1 AS {column}, 2 AS "x\'); --", 3 AS "naïve 表"')
    else:
        table = f'CREATE TABLE {column} ({column} INT, "x\'); --" INT, "naïve 表" INT)'
        sampled.sqlite(tmp_path / f"{ODD}.db", table, f"INSERT INTO {column} VALUES (1, 2, 3)")
    columns, rows = sampled.read({"root": str(tmp_path)}, ODD)
    assert ([one.name for one in columns], rows) == ([ODD, "x'); --", "naïve 表"], [[1, 2, 3]])


def test_only_the_columns_that_are_asked_for_are_read_in_that_order(tmp_path: Path) -> None:
    sampled.parquet(tmp_path / "orders.parquet", "SELECT 1 AS a, 2 AS b, 3 AS c")
    assert sampled.read({"root": str(tmp_path)}, names=["c", "a"])[1] == [[3, 1]]


def test_a_sqlite_file_and_its_folder_stay_as_they_are(tmp_path: Path) -> None:
    file = sampled.sqlite(tmp_path / "orders.db", "PRAGMA journal_mode = WAL", "CREATE TABLE orders (id)")
    before = (sorted(tmp_path.iterdir()), file.read_bytes(), file.stat().st_mtime_ns)
    sampled.read({"root": str(tmp_path)})
    assert (sorted(tmp_path.iterdir()), file.read_bytes(), file.stat().st_mtime_ns) == before


def test_a_damaged_file_is_a_failure_that_tells_nothing_of_it(tmp_path: Path) -> None:
    (tmp_path / "orders.parquet").write_bytes(b"PAR1 the password is swordfish PAR1")
    assert sampled.failure({"root": str(tmp_path)}) == (Failure.FAILED, "")


def test_values_beyond_the_cap_are_read_to_one_character_beyond_it(tmp_path: Path) -> None:
    question = "SELECT repeat('x', 3000000) AS text, repeat('x', 3000000)::BLOB AS bytes, range(100000) AS list"
    sampled.parquet(tmp_path / "orders.parquet", question)
    (row,) = sampled.read({"root": str(tmp_path)}, caps=Caps(cell=100))[1]
    assert [len(one) for one in row] == [101, 101, 101]


@pytest.mark.parametrize(
    ("configuration", "told"),
    [
        ({"root": "relative"}, "an absolute path"),
        ({"path": "x.csv"}, "needs `root`"),
        ({"root": "/", "format": "excel"}, "`format` is one of"),
        ({"root": "/", "files": "*"}, "knows no `files`"),
    ],
)
def test_a_configuration_that_cannot_be_meant_is_told_to_operators(configuration: dict[str, str], told: str) -> None:
    found = sampled.failure(configuration)
    assert found[0] is Failure.MISCONFIGURED
    assert told in found[1]


def test_without_the_package_the_connector_says_what_is_missing(tmp_path: Path) -> None:
    sampled.parquet(tmp_path / "orders.parquet", "SELECT 1 AS id")
    hidden = "import sys; sys.modules['duckdb'] = None; from engine.sampling.connectors.files import Files\n"
    place = {"configuration": {"root": str(tmp_path)}, "dataset": "orders", "port": "", "seconds": 5, "memory_mib": 64}
    program = f"{hidden}try:\n    Files({place!r})\nexcept ImportError as error:\n    print(error.name)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "duckdb"
