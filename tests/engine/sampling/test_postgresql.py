"""Does the connector `postgresql` read a real server, change nothing there, and end in time?"""

from __future__ import annotations

import uuid
from typing import Any

import psycopg
import pytest
import sampled
from remembered import named
from sampled import ODD

from engine.sampling.contract import Caps, Failure

QUOTED = '"' + ODD.replace('"', '""') + '"'
STATEMENTS = (
    "CREATE TYPE mood AS ENUM ('secret-one', 'secret-two')",
    """CREATE TABLE orders AS SELECT 1 AS id, 9007199254740993::bigint AS large, 12.340::numeric(9, 3) AS exact,
       'nan'::float8 AS nan, 'infinity'::timestamp AS never, timestamptz '2026-03-29 01:30+02' AS moment,
       '\\x00ff'::bytea AS bytes, '{"a": [1]}'::jsonb AS nested, ARRAY[1, NULL] AS list, repeat('x', 5000) AS long,
       NULL::text AS nothing, 'secret-one'::mood AS mood, date '0044-03-15 BC' AS day, true AS yes""",
    f"CREATE SCHEMA {QUOTED}",
    f"CREATE TABLE {QUOTED}.{QUOTED} ({QUOTED} int)",
    f"INSERT INTO {QUOTED}.{QUOTED} VALUES (1), (2), (3)",
    "CREATE TABLE written (id int)",
    "CREATE FUNCTION writes() RETURNS int LANGUAGE sql AS 'INSERT INTO public.written VALUES (1) RETURNING id'",
    "CREATE VIEW writing AS SELECT writes() AS id",
    "CREATE VIEW slow AS SELECT 1 AS id, pg_sleep(60)::text AS nothing",
    "CREATE VIEW failing AS SELECT ('swordfish' || id)::int AS id FROM orders",
    "CREATE TABLE locked (id int)",
    "CREATE ROLE nobody_there LOGIN",
)


@pytest.fixture(scope="module")
def server(postgresql_server: str) -> str:
    name = f"lake_{uuid.uuid4().hex}"
    with psycopg.connect(postgresql_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    url = named(postgresql_server, name)
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in STATEMENTS:
            connection.execute(statement)
    return url


def read(url: str, dataset: str = "orders", **told: Any) -> Any:
    return sampled.read({"url": url, **told}, dataset, connector="postgresql", caps=Caps(cell=20))


def failure(url: str, dataset: str = "orders", *, seconds: float = 10.0, **told: Any) -> tuple[Failure, str]:
    return sampled.failure({"url": url, **told}, dataset, connector="postgresql", caps=Caps(seconds=seconds))


def test_every_kind_of_value_is_told(server: str) -> None:
    columns, (row,) = read(server)
    assert dict(zip([one.name for one in columns], row, strict=True)) == {
        "id": 1,
        "large": "9007199254740993",
        "exact": "12.340",
        "nan": "nan",
        "never": "infinity",
        "moment": "2026-03-28 23:30:00+00"[:21],
        "bytes": "\\x00ff",
        "nested": '{"a": [1]}',
        "list": "{1,NULL}",
        "long": "x" * 21,
        "nothing": None,
        "mood": "secret-one",
        "day": "0044-03-15 BC",
        "yes": True,
    }
    assert {one.name: one.type for one in columns}["exact"] == "numeric(9,3)"
    assert "secret" not in str([one.type for one in columns])


def test_hostile_names_are_only_names(server: str) -> None:
    columns, rows = read(server, ODD, schema=ODD)
    assert ([one.name for one in columns], rows) == ([ODD], [[1], [2], [3]])


@pytest.mark.parametrize("name", ["nowhere", "pg_class", "orders\0", 'public"."orders', "pg_catalog.pg_authid", ""])
def test_what_is_no_table_of_the_schema_is_absent(server: str, name: str) -> None:
    assert failure(server, name)[0] is Failure.ABSENT


def test_nothing_can_be_written_even_by_a_view_or_an_address_that_asks_for_it(server: str) -> None:
    loosened = f"{server}{'&' if '?' in server else '?'}options=-c%20default_transaction_read_only%3Doff"
    for url in (server, loosened):
        assert failure(url, "writing")[0] is Failure.FAILED
    with psycopg.connect(server) as connection:
        assert connection.execute("SELECT count(*) FROM written").fetchone() == (0,)


def test_a_slow_question_is_ended_and_the_server_goes_on_with_nothing(server: str) -> None:
    assert failure(server, "slow", seconds=1)[0] is Failure.SECONDS
    with psycopg.connect(server, autocommit=True) as connection:
        running = (
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'meshgate sample' AND state = 'active'"
        )
        for _ in range(100):
            if connection.execute(running).fetchone() == (0,):
                break
            connection.execute("SELECT pg_sleep(0.05)")
        assert connection.execute(running).fetchone() == (0,)


def test_a_locked_table_keeps_nobody_waiting_for_ever(server: str) -> None:
    with psycopg.connect(server) as connection:
        connection.execute("LOCK TABLE locked IN ACCESS EXCLUSIVE MODE")
        assert failure(server, "locked", seconds=1)[0] is Failure.SECONDS


def test_an_error_of_the_server_that_quotes_a_value_is_not_repeated(server: str) -> None:
    assert failure(server, "failing") == (Failure.FAILED, "")


def test_who_may_not_read_is_refused(server: str) -> None:
    _, _, rest = server.partition("://")
    address = rest.rpartition("@")[2] if "@" in rest else rest
    assert failure(f"postgresql://nobody_there@{address}")[0] in (Failure.REFUSED, Failure.UNREACHABLE)


def test_a_server_that_is_not_there_is_told_without_its_address() -> None:
    found = failure("postgresql://mesh:swordfish@127.0.0.1:1/lake", seconds=3)
    assert (found[0], "swordfish" in found[1]) == (Failure.UNREACHABLE, False)


def test_an_address_that_is_none_is_told_without_it() -> None:
    found = failure("swordfish")
    assert (found[0], "swordfish" in found[1]) == (Failure.MISCONFIGURED, False)
